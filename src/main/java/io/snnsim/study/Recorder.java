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
import java.nio.file.Path;

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
  private final SpillFile spill;
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
    spill = new SpillFile(target);
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
    spill.write(b, from + 4L * image * values.length);
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
      // Past the end of the spill lie images that never finished: zeros.
      spill.read(b.clear(), from + (long) i * b.capacity());
      npz.rows(b.array());
    }
  }

  @Override
  public void close() {
    spill.close();
  }
}
