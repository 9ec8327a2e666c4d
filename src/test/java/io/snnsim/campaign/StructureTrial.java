// SPDX-License-Identifier: Apache-2.0
package io.snnsim.campaign;

import io.snnsim.engine.KernelChoice;
import io.snnsim.engine.Limits;
import io.snnsim.engine.Simulator;
import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import io.snnsim.fixture.CodeNetworks;
import io.snnsim.fixture.Models;
import io.snnsim.fixture.RandomNetworks;
import io.snnsim.network.ConvProjection;
import io.snnsim.network.Network;
import io.snnsim.network.NeuronModel;
import io.snnsim.network.Projection;
import io.snnsim.store.Mode;
import io.snnsim.store.ModelFile;
import io.snnsim.store.ModelStore;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;

/**
 * Model files that say something else than they did, with right checksums: each is refused by one
 * typed line, or every kernel runs it to the same bits. A batch is a random network, of rates or of
 * codes, as it is and in {@link #MUTANTS} mutants. Owns the memory that files are opened in.
 */
final class StructureTrial implements Trial {
  private static final int MUTANTS = 24;

  /** Keeps a case within some hundredths of a second; what would take more counts as refused. */
  private static final Limits SMALL = new Limits(64 << 20, 1 << 21, 1);

  /** Of the networks that are mutated. */
  private static final long MOST_SYNAPSES = 1 << 17;

  private static final int MOST_BYTES = 8 << 20;
  private static final int LONGEST_MESSAGE = 6000;

  private static final float[] PIXELS = {0, 1, -1, 255, 1e-30f, 1e30f, -1e30f, 0.5f};

  private final KernelRuns kernels;
  private MemorySegment memory;

  /** Of the program's own kernels. */
  StructureTrial() {
    this(KernelRuns::run);
  }

  /** Of other ones, which may be wrong. */
  StructureTrial(KernelRuns.Runner runner) {
    kernels = new KernelRuns(runner, SMALL);
  }

  @Override
  public String name() {
    return "structures";
  }

  @Override
  public String unit() {
    return "mutated files";
  }

  @Override
  public long target() {
    return 1_000_000;
  }

  @Override
  public boolean comparesKernels() {
    return true;
  }

  @Override
  public void run(long seed, Cases cases) {
    if (memory == null) {
      memory = Arena.ofAuto().allocate(MOST_BYTES, 64);
    }
    SplittableRandom random = new SplittableRandom(seed);
    RandomNetworks.Case base = base(random);
    byte[] sound = Models.fileBytes(base.network());
    tryOne(sound, base.image(), random, cases);
    for (int k = 0; k < MUTANTS; k++) {
      byte[] mutant = new SnnMutation(random.split()).of(SnnSections.of(sound));
      tryOne(mutant, base.image(), random.split(), cases);
    }
  }

  /** A small one: what a mutant says is looked at before it is run, often at several widths. */
  private static RandomNetworks.Case base(SplittableRandom random) {
    while (true) {
      long seed = random.nextLong() >>> 1;
      int steps = 1 + random.nextInt(NeuronModel.FewSpike.MOST_STEPS);
      RandomNetworks.Case found =
          random.nextInt(3) == 0 ? CodeNetworks.of(seed, steps) : RandomNetworks.of(seed);
      if (synapses(found.network()) <= MOST_SYNAPSES) {
        return found;
      }
    }
  }

  private static long synapses(Network network) {
    long n = 0;
    for (Projection p : network.projections()) {
      int each = p instanceof ConvProjection ? p.geometry().inPerGroup() : 1;
      n += (long) p.geometry().out().size() * p.geometry().taps() * each;
    }
    return n;
  }

  private void tryOne(byte[] file, float[] image, SplittableRandom random, Cases cases) {
    cases.begin("snn", () -> file);
    MemorySegment bytes = memory.asSlice(0, file.length).copyFrom(MemorySegment.ofArray(file));
    try (ModelFile model = ModelStore.of(bytes, "mutant", Mode.MAPPED)) {
      Network network = model.network();
      // Before images are made: their size is the file's word.
      Simulator.of(network, KernelChoice.SCALAR, null, SMALL).close();
      kernels.compare(network, input(network, image, random), random);
      cases.end("equal");
    } catch (SnnsimException e) {
      boolean typed = e.category() == Category.BAD_DATA || e.category() == Category.LIMIT;
      if (!typed || e.getMessage().isBlank() || e.getMessage().length() > LONGEST_MESSAGE) {
        throw new Broken("not a refusal: " + e.category(), e);
      }
      cases.end("refused");
    }
  }

  /** The network's own image if it still fits, and one of extreme values. */
  private static KernelRuns.Input input(Network network, float[] image, SplittableRandom random) {
    int size = network.input().shape().size();
    float[] own = new float[size];
    float[] extreme = new float[size];
    for (int i = 0; i < size; i++) {
      own[i] = image[i % image.length];
      extreme[i] =
          random.nextInt(4) == 0
              ? PIXELS[random.nextInt(PIXELS.length)]
              : (float) random.nextDouble();
    }
    int steps = network.codeStepsOr(3 + random.nextInt(4));
    return new KernelRuns.Input(new float[][] {own, extreme}, steps);
  }
}
