// SPDX-License-Identifier: Apache-2.0
package io.snnsim.campaign;

import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import io.snnsim.fixture.Models;
import io.snnsim.fixture.Nets;
import io.snnsim.format.ModelContents;
import io.snnsim.geometry.ConvGeometry;
import io.snnsim.geometry.MapShape;
import io.snnsim.geometry.Window;
import io.snnsim.network.ConvProjection;
import io.snnsim.network.InputStage;
import io.snnsim.network.Network;
import io.snnsim.network.Population;
import io.snnsim.network.Projection;
import io.snnsim.network.WeightType;
import io.snnsim.store.Mode;
import io.snnsim.store.ModelStore;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/**
 * Every single bit of a model file of 1 MiB, flipped: opening refuses each, as {@code snnsim
 * verify} does, which opens too. Owns that file, off-heap as opening has it; the batch of a seed is
 * {@link #BATCH_BYTES} bytes of it.
 */
final class FlipTrial implements Trial {
  private static final int FILE_BYTES = 1 << 20;
  private static final int BATCH_BYTES = 128;

  /** Of 64 x 64 x 3 x 3 weights of a byte each: as many as fit. */
  private static final int LAYERS = 26;

  private final Consumer<MemorySegment> opening;
  private MemorySegment file;

  /** Of the opening that the program has. */
  FlipTrial() {
    this(bytes -> ModelStore.of(bytes, "flipped", Mode.MAPPED).close());
  }

  /** Of another opening, which must refuse bad data. */
  FlipTrial(Consumer<MemorySegment> opening) {
    this.opening = opening;
  }

  @Override
  public String name() {
    return "flips";
  }

  @Override
  public String unit() {
    return "flipped bits";
  }

  @Override
  public long target() {
    return 8L * FILE_BYTES;
  }

  @Override
  public long batches() {
    return FILE_BYTES / BATCH_BYTES;
  }

  @Override
  public void run(long seed, Cases cases) {
    if (file == null) {
      file = Arena.ofAuto().allocate(FILE_BYTES, 64).copyFrom(MemorySegment.ofArray(sound()));
      ModelStore.of(file, "sound", Mode.MAPPED).close();
    }
    for (long at = seed * BATCH_BYTES; at < (seed + 1) * BATCH_BYTES; at++) {
      for (int bit = 0; bit < 8; bit++) {
        byte was = file.get(ValueLayout.JAVA_BYTE, at);
        file.set(ValueLayout.JAVA_BYTE, at, (byte) (was ^ 1 << bit));
        byte[] flipped = {file.get(ValueLayout.JAVA_BYTE, at)};
        long offset = at;
        cases.begin("snn", () -> with(offset, flipped[0]));
        try {
          tryOne(at, bit);
        } finally {
          file.set(ValueLayout.JAVA_BYTE, at, was);
        }
        cases.end("refused");
      }
    }
  }

  private void tryOne(long at, int bit) {
    try {
      opening.accept(file);
    } catch (SnnsimException e) {
      if (e.category() == Category.BAD_DATA) {
        return;
      }
      throw new Broken("byte " + at + " bit " + bit + ": category " + e.category(), e);
    }
    throw new Broken("byte " + at + " bit " + bit + ": taken as sound");
  }

  private byte[] with(long at, byte value) {
    byte[] copy = file.toArray(ValueLayout.JAVA_BYTE);
    copy[Math.toIntExact(at)] = value;
    return copy;
  }

  /** A chain of layers of random weights, and an extra section of what is left of 1 MiB. */
  private static byte[] sound() {
    SplittableRandom random = new SplittableRandom(1);
    MapShape map = new MapShape(64, 4, 4);
    Window window = new Window(3, 3, 1, 1, 1, 1, 1, 1);
    ConvGeometry between = new ConvGeometry(map, map, window, 1);
    List<Population> populations = new ArrayList<>();
    List<Projection> projections = new ArrayList<>();
    for (int p = 0; p <= LAYERS; p++) {
      populations.add(Nets.fire("p" + p, map, false, 500, 250, 0));
      if (p > 0) {
        int[] weights = random.ints(64 * 64 * 9L, -40, 41).toArray();
        projections.add(ConvProjection.pack("w" + p, p - 1, p, between, WeightType.I8, weights));
      }
    }
    MapShape image = new MapShape(3, 4, 4);
    float[] weights = new float[64 * 3 * 9];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = random.nextFloat() * 200 - 100;
    }
    InputStage.AnalogProjection analog =
        new InputStage.AnalogProjection(
            "in", 0, new ConvGeometry(image, map, window, 1), weights, new float[64], -5000, 5000);
    Network network = Nets.of(image, List.of(analog), populations, projections);
    byte[] rest = new byte[FILE_BYTES - bytes(network, new byte[1]).length + 1];
    random.nextBytes(rest);
    return bytes(network, rest);
  }

  private static byte[] bytes(Network network, byte[] extra) {
    return Models.fileBytes(network, Map.of(ModelContents.PROVENANCE, extra));
  }
}
