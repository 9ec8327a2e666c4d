// SPDX-License-Identifier: Apache-2.0
package io.snnsim.kernel.lookup;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;

/**
 * Collects populations and synapses, then builds a {@link LookupNetwork}. Confined to one thread.
 */
public final class LookupBuilder {
  private final LookupPopulation[] populations;
  private final List<List<Synapses>> into = new ArrayList<>();
  private final Synapses[] gates;
  private long tableBytes;

  /** For a network of that many populations. */
  public LookupBuilder(int populations) {
    this.populations = new LookupPopulation[populations];
    gates = new Synapses[populations];
    for (int i = 0; i < populations; i++) {
      into.add(new ArrayList<>());
    }
  }

  /** Describes population {@code p}. */
  public void population(int p, LookupPopulation population) {
    populations[p] = population;
  }

  /** Adds synapses into population {@code target}. */
  public void synapses(int target, Synapses s) {
    into.get(target).add(s);
  }

  /** Makes population {@code target} a max-pool gate, whose window {@code s} is. */
  public void gate(int target, Synapses s) {
    gates[target] = s;
  }

  /** Builds planes and tables, these in {@code arena}. */
  public LookupNetwork build(Arena arena) {
    int n = populations.length;
    PlaneReads planes = new PlaneReads(populations);
    for (int p = 0; p < n; p++) {
      if (populations[p].byLookup()) {
        planes.planes(p, populations[p].laneBytes());
      }
    }
    List<List<PlaneRead>> reads = new ArrayList<>();
    for (int p = 0; p < n; p++) {
      List<PlaneRead> mine = new ArrayList<>();
      if (populations[p].byLookup()) {
        for (Synapses s : into.get(p)) {
          mine.addAll(planes.reads(p, s));
        }
        if (gates[p] != null) {
          mine.addAll(planes.reads(p, gates[p]));
        }
      }
      reads.add(mine);
    }
    long at = 0;
    for (IndexPlanes set : planes.planes) {
      at = set.place((at + 63) / 64 * 64, arena);
    }
    // A vector of slack: the last plane may be read beyond its end.
    long slotBytes = (at + 64 + 63) / 64 * 64;

    LookupTarget[] targets = new LookupTarget[n];
    for (int p = 0; p < n; p++) {
      if (populations[p].byLookup()) {
        IndexPlanes fired = planes.planes(p, populations[p].laneBytes());
        targets[p] =
            gates[p] != null
                ? gate(populations[p], fired, reads.get(p))
                : sums(populations[p], fired, reads.get(p), arena);
      }
    }
    return new LookupNetwork(targets, List.copyOf(planes.planes), tableBytes, slotBytes);
  }

  private LookupTarget sums(
      LookupPopulation p, IndexPlanes fired, List<PlaneRead> reads, Arena arena) {
    TableBuilder tables = new TableBuilder(p, reads);
    LookupTarget target = tables.build(fired, arena);
    tableBytes += tables.bytes();
    return target;
  }

  private static LookupTarget gate(LookupPopulation p, IndexPlanes fired, List<PlaneRead> reads) {
    List<LookupTarget.View> views = new ArrayList<>();
    int[] tapView = new int[reads.size()];
    int[] tapShift = new int[reads.size()];
    for (int i = 0; i < tapView.length; i++) {
      LookupTarget.View v = new LookupTarget.View(reads.get(i).planes(), reads.get(i).range());
      if (!views.contains(v)) {
        views.add(v);
      }
      tapView[i] = views.indexOf(v);
      tapShift[i] = reads.get(i).shift();
    }
    return new LookupTarget.Gate(
        p.laneBytes(), fired, views.toArray(new LookupTarget.View[0]), tapView, tapShift);
  }
}
