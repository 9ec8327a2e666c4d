// SPDX-License-Identifier: Apache-2.0
package io.snnsim.kernel.lookup;

/**
 * What the update of one population by lookup does in a time step, from the sizes of what its loops
 * walk over. Immutable.
 */
public final class LookupTraffic {
  private final LookupNetwork network;
  private final int population;
  private final LookupTarget target;
  private final int slots;
  private final long pixelVectors;

  /**
   * @param slots steps of a block
   */
  public LookupTraffic(LookupNetwork network, int population, int slots) {
    this.network = network;
    this.population = population;
    this.slots = slots;
    target = network.target(population);
    pixelVectors = target.fired().vectors();
  }

  /** Lanes of one lookup or comparison. */
  public int lanes() {
    return target.fired().lanes;
  }

  /** Table lookups, one a vector of pixels. */
  public long lookups() {
    return switch (target) {
      case LookupTarget.Gate g -> 0;
      case LookupTarget.Sums s -> {
        long n = 0;
        for (TableBlock b : s.blocks()) {
          n += (long) b.entries() * b.rows();
        }
        yield n * pixelVectors;
      }
    };
  }

  /** Vectors of counts that a gate compares; 0 of other populations. */
  public long compared() {
    return switch (target) {
      case LookupTarget.Sums s -> 0;
      case LookupTarget.Gate g ->
          (long) g.tapView().length * g.fired().groups.channels() * pixelVectors;
    };
  }

  /**
   * Bytes loaded and stored, the work of making other forms of the population's spikes included.
   *
   * @param currents a constant current is kept for every neuron
   */
  public long bytes(boolean currents) {
    long vectors =
        switch (target) {
          case LookupTarget.Sums s -> sumVectors(s, currents);
          case LookupTarget.Gate g -> gateVectors(g);
        };
    // The planes, and the masks of each column range that they are cut by.
    IndexPlanes fired = target.fired();
    vectors += 2L * pixelVectors * fired.groups.count() * fired.ranges();
    long bytes = vectors * fired.lanes * fired.laneBytes;
    for (IndexPlanes made : network.derivedFrom(population)) {
      long plane = (long) made.paddedPixels() * made.laneBytes * made.groups.count();
      bytes += plane * (1 + made.ranges());
    }
    return bytes;
  }

  /**
   * Up to four steps, or in a block of one step four vectors of pixels, share a load of the tables;
   * steps that do so share V, the currents and the spike counts of the pixels too.
   */
  private long sumVectors(LookupTarget.Sums t, boolean currents) {
    long tablePasses = slots == 1 ? columnPasses(pixelVectors) : columnPasses(slots) * pixelVectors;
    long statePasses = slots == 1 ? pixelVectors : columnPasses(slots) * pixelVectors;
    // A vector of bytes is as many pixels as two of V.
    long each = t.paired() ? 2 : 1;
    long shared = 0;
    long own = 0;
    for (TableBlock b : t.blocks()) {
      long channels = b.to() - b.from();
      int chunks = b.chunks().length;
      // V and, of signed neurons, N there and back.
      int perChannel = (currents ? 3 : 2) + (t.fired().signed ? 2 : 0);
      shared += tablePasses * (b.entries() + chunks) * b.rows();
      shared += statePasses * each * (channels * perChannel + 2);
      // Indices, the sums there and back, and those of later chunks, which are added.
      own += pixelVectors * (b.entries() + each * (4L * chunks - 2) * b.rows());
    }
    return shared / slots + own;
  }

  /** The source's planes, its counts there and back, then what is compared and the own counts. */
  private long gateVectors(LookupTarget.Gate t) {
    long channels = t.fired().groups.channels();
    long n = compared() + pixelVectors * (2 * channels + 2);
    for (LookupTarget.View view : t.views()) {
      n += view.planes().vectors() * (view.planes().groups.count() + 2 * channels);
    }
    return n;
  }

  /** Kernels work on 4, 2 or 1 columns at a time. */
  private static long columnPasses(long columns) {
    return columns / 4 + columns % 4 / 2 + columns % 2;
  }

  /**
   * Bytes that the innermost loop goes over again and again: the tables of a chunk and the indices
   * into them, or the counts of a gate's channel.
   */
  public long loopBytes() {
    long vectors = 0;
    switch (target) {
      case LookupTarget.Sums s -> {
        for (TableBlock b : s.blocks()) {
          for (TableBlock.Chunk c : b.chunks()) {
            vectors = Math.max(vectors, c.entries().length * (b.rows() + Math.min(slots, 4L)));
          }
        }
      }
      case LookupTarget.Gate g -> {
        for (LookupTarget.View view : g.views()) {
          vectors += view.planes().vectors();
        }
      }
    }
    return vectors * lanes() * target.fired().laneBytes;
  }
}
