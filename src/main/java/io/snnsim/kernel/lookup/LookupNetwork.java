// SPDX-License-Identifier: Apache-2.0
package io.snnsim.kernel.lookup;

import io.snnsim.kernel.state.PopulationState;
import java.util.ArrayList;
import java.util.List;

/**
 * The part of a network whose populations are updated by table lookup: where spikes lie as index
 * planes, and for every block of target channels the list of planes to read with a table of sums
 * for each ("four Russians"): a group of G channels has 2^G possible spike patterns (3^G if they
 * are signed), a vector holds the sums of their weights, and one permutation looks up as many
 * pixels as there are lanes. The cost is the same for every firing rate.
 *
 * <p>Made by {@link LookupBuilder}; immutable and shared by simulations. Tables are off-heap.
 */
public final class LookupNetwork {
  /** Groups of four columns that a chunk of tables is used for before the next; measured. */
  static final int TILE = 16;

  /** Groups in a tile at most: three left-over columns are two groups. */
  static final int TILE_GROUPS = TILE + 1;

  /** Steps of an image after which the 16-bit counts of max-pool gates would overflow. */
  public static final int MOST_GATE_STEPS = Short.MAX_VALUE;

  private final LookupTarget[] targets;
  private final List<IndexPlanes> planes;
  private final long tableBytes;
  private final long slotBytes;

  LookupNetwork(LookupTarget[] targets, List<IndexPlanes> planes, long tableBytes, long slotBytes) {
    this.targets = targets;
    this.planes = planes;
    this.tableBytes = tableBytes;
    this.slotBytes = slotBytes;
  }

  /** The population {@code p} as lookups update it; null if they do not. */
  LookupTarget target(int p) {
    return targets[p];
  }

  /** True if the tables of population {@code p} are of bytes, two entries added at a time. */
  public boolean usesPairs(int p) {
    return targets[p] instanceof LookupTarget.Sums s && s.paired();
  }

  /** Bytes of all index planes for one time step. */
  public long slotBytes() {
    return slotBytes;
  }

  /** Bytes that an update's sums need for its time ({@link PopulationState#accumulator}). */
  public long accumulatorBytes() {
    long most = 0;
    for (LookupTarget t : targets) {
      if (t instanceof LookupTarget.Sums s) {
        most = Math.max(most, s.accumulatorBytes());
      }
    }
    return most;
  }

  /** The same of one population with lanes of so many bytes. */
  static long accumulatorBytes(int laneBytes) {
    return (TILE_GROUPS + 1) * LookupTarget.Sums.groupBytes(laneBytes);
  }

  /** Off-heap bytes of the tables. */
  public long tableBytes() {
    return tableBytes;
  }

  /** Planes that must be made from those of population {@code p} after it fired, in order. */
  List<IndexPlanes> derivedFrom(int p) {
    List<IndexPlanes> result = new ArrayList<>();
    for (IndexPlanes candidate : planes) {
      if (candidate.population == p && !(candidate.origin instanceof IndexPlanes.Fired)) {
        result.add(candidate);
      }
    }
    return result;
  }

  /**
   * Channels of a group: a vector of {@code lanes} sums, at least 4, must hold every spike pattern.
   */
  public static int groupSize(int lanes, boolean signed) {
    if (!signed) {
      return 31 - Integer.numberOfLeadingZeros(lanes);
    }
    return lanes >= 27 ? 3 : lanes >= 9 ? 2 : 1;
  }
}
