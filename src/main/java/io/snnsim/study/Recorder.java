// SPDX-License-Identifier: Apache-2.0
package io.snnsim.study;

import io.snnsim.dump.NpzWriter;
import io.snnsim.engine.Simulation;
import io.snnsim.geometry.MapShape;
import io.snnsim.network.Network;
import io.snnsim.network.Population;
import io.snnsim.store.AtomicFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Keeps spike counts of every population and the output's potentials for {@code --record}. Images
 * end in any order on several threads, so they go to their place in a spill file, from which the
 * .npz is written population by population; memory does not grow with the number of images.
 * Thread-safe.
 */
public final class Recorder implements AutoCloseable {
  private final Path target;
  private final Network network;
  private final int images;
  private final FileChannel spill;
  private final long[] start;

  public Recorder(Path target, Network network, int images) {
    this.target = target;
    this.network = network;
    this.images = images;
    int n = network.populations().size();
    start = new long[n + 2];
    for (int p = 0; p < n; p++) {
      start[p + 1] = start[p] + 4L * images * network.populations().get(p).shape().size();
    }
    start[n + 1] = start[n] + 4L * images * output().shape().size();
    try {
      Path path =
          Files.createTempFile(target.toAbsolutePath().getParent(), ".snnsim-record.", ".tmp");
      spill =
          FileChannel.open(
              path,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE,
              StandardOpenOption.DELETE_ON_CLOSE);
      unlink(path);
    } catch (IOException e) {
      throw AtomicFile.unwritable(target, e);
    }
  }

  /** Takes the name away at once, so that not even a killed process leaves the file behind. */
  private static void unlink(Path path) {
    try {
      Files.deleteIfExists(path);
    } catch (IOException e) {
      // Not where open files keep their names (Windows): closing deletes it.
    }
  }

  private Population output() {
    return network.populations().get(network.output());
  }

  /** Keeps an image's end state. */
  void keep(int image, Simulation session) {
    int n = network.populations().size();
    for (int p = 0; p < n; p++) {
      put(start[p], image, session.spikeCounts(p));
    }
    put(start[n], image, session.potentials(network.output()));
  }

  private void put(long from, int image, int[] values) {
    ByteBuffer b = ByteBuffer.allocate(values.length * 4).order(ByteOrder.LITTLE_ENDIAN);
    b.asIntBuffer().put(values);
    try {
      long at = from + 4L * image * values.length;
      while (b.hasRemaining()) {
        at += spill.write(b, at);
      }
    } catch (IOException e) {
      throw AtomicFile.unwritable(target, e);
    }
  }

  /** Writes the .npz; images that did not finish are zero and have prediction -1. */
  public void publish(int[] predictions, boolean force) {
    AtomicFile.write(
        target,
        force,
        out -> {
          try (NpzWriter npz = new NpzWriter(out)) {
            int n = network.populations().size();
            for (int p = 0; p < n; p++) {
              Population population = network.populations().get(p);
              copy(npz, "counts/" + population.name(), population.shape(), start[p]);
            }
            copy(npz, "potentials/" + output().name(), output().shape(), start[n]);
            npz.put("theta/" + output().name(), output().theta(), output().theta().length);
            npz.put("predictions", predictions, predictions.length);
          }
        });
  }

  private void copy(NpzWriter npz, String name, MapShape shape, long from) throws IOException {
    npz.begin(name, "<i4", images, shape.channels(), shape.height(), shape.width());
    ByteBuffer b = ByteBuffer.allocate(shape.size() * 4).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < images; i++) {
      b.clear();
      long at = from + (long) i * b.capacity();
      // Past the end of the spill lie images that never finished: zeros.
      while (b.hasRemaining()) {
        int read = spill.read(b, at + b.position());
        if (read < 0) {
          java.util.Arrays.fill(b.array(), b.position(), b.capacity(), (byte) 0);
          break;
        }
      }
      npz.rows(b.array());
    }
  }

  @Override
  public void close() {
    try {
      spill.close();
    } catch (IOException e) {
      throw AtomicFile.unwritable(target, e);
    }
  }
}
