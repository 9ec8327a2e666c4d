// SPDX-License-Identifier: Apache-2.0
package io.snnsim.kernel.lookup;

import java.util.List;

/**
 * Which populations have tables of bytes: those where all that read each other, directly or not,
 * may, and where it costs less for all of them. Confined to one thread.
 */
final class PairChoice {
  private final LookupPopulation[] populations;

  /** A population that it reads or is read by, or itself: all that lead to one belong together. */
  private final int[] leader;

  /** By leader. */
  private final boolean[] never;

  private final double[] plain;
  private final double[] paired;

  /**
   * @param into by target, its synapses
   * @param gates by population, the window of a max-pool gate, whose counts are of 16 bits
   */
  PairChoice(LookupPopulation[] populations, List<List<Synapses>> into, Synapses[] gates) {
    this.populations = populations;
    int n = populations.length;
    leader = new int[n];
    for (int p = 0; p < n; p++) {
      leader[p] = p;
    }
    never = new boolean[n];
    plain = new double[n];
    paired = new double[n];
    for (int p = 0; p < n; p++) {
      for (Synapses s : into.get(p)) {
        join(p, s.source());
      }
      if (gates[p] != null) {
        join(p, gates[p].source());
      }
    }
    for (int p = 0; p < n; p++) {
      if (gates[p] != null && narrow(p)) {
        never[leader(p)] = true;
      }
    }
  }

  private boolean narrow(int p) {
    return populations[p].byLookup() && !populations[p].wide();
  }

  private void join(int p, int q) {
    if (narrow(p) && narrow(q)) {
      leader[leader(p)] = leader(q);
    }
  }

  private int leader(int p) {
    int at = p;
    while (leader[at] != at) {
      leader[at] = leader[leader[at]];
      at = leader[at];
    }
    return at;
  }

  /** True if it can have tables of bytes. */
  boolean may(int p) {
    return narrow(p) && !never[leader(p)];
  }

  /** Its cost with 16-bit tables. */
  void plain(int p, double cost) {
    plain[leader(p)] += cost;
  }

  /** Its cost with tables of bytes. */
  void paired(int p, double cost) {
    paired[leader(p)] += cost;
  }

  /** True if all that it belongs to cost less with tables of bytes. */
  boolean pays(int p) {
    return paired[leader(p)] < plain[leader(p)];
  }
}
