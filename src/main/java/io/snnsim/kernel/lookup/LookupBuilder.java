// SPDX-License-Identifier: Apache-2.0
package io.snnsim.kernel.lookup;

import io.snnsim.kernel.vector.Species;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Collects populations and synapses, then builds a {@link LookupNetwork}. Confined to one thread.
 */
public final class LookupBuilder {
  private final LookupPopulation[] populations;
  private final List<List<Synapses>> into = new ArrayList<>();
  private final Synapses[] gates;
  private final List<List<PlaneRead>> reads = new ArrayList<>();

  /** What a pair of byte lookups costs, a lookup of 16-bit lanes being 1. */
  private final double pairCost;

  /** By population: bytes of an index in the planes that its kernel writes. */
  private int[] indexBytes;

  /** By population whose tables are of bytes: {@link PairTables#pairs}. */
  private final long[] pairs;

  private long tableBytes;

  /** Null before they are arranged. */
  private PlaneReads planes;

  private long slotBytes;

  /**
   * For a network of that many populations.
   *
   * @param pairCost what two lookups of bytes and widening their sum cost, a lookup of 16-bit lanes
   *     being 1: tables are of bytes where that pays; infinite where bytes cannot be permuted
   */
  public LookupBuilder(int populations, double pairCost) {
    this.populations = new LookupPopulation[populations];
    this.pairCost = pairCost;
    pairs = new long[populations];
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

  /**
   * Heap bytes that {@link #measure} takes, at most: each tap is a plane's reader, and where a
   * window's places are not those of its source's rows, it also names each of its pixels.
   */
  public double measuringBytes() {
    double bytes = 0;
    for (int p = 0; p < populations.length; p++) {
      if (populations[p].byLookup()) {
        for (Synapses s : into.get(p)) {
          bytes += PlaneReads.heapBytes(populations, p, s);
        }
        bytes += gates[p] == null ? 0 : PlaneReads.heapBytes(populations, p, gates[p]);
      }
    }
    return bytes;
  }

  /** What planes and tables will take off-heap, before any of it is allocated. */
  public LookupSizes measure() {
    arrange();
    long tables = 0;
    long accumulator = 0;
    long[] gateBytes = new long[populations.length];
    for (int p = 0; p < populations.length; p++) {
      if (!populations[p].byLookup()) {
        continue;
      }
      if (gates[p] != null) {
        LookupTarget.Gate gate = gate(populations[p], fired(p), reads.get(p));
        gateBytes[p] = LookupGate.bytes(gate, populations[p].shape().channels());
      } else {
        if (indexBytes[p] == 1) {
          PairTables of = new PairTables(populations[p], reads.get(p));
          tables += of.measure(pairs[p]);
          accumulator = Math.max(accumulator, of.accumulatorBytes(fired(p)));
          continue;
        }
        tables += new TableBuilder(populations[p], reads.get(p)).measure();
        accumulator =
            Math.max(accumulator, LookupNetwork.accumulatorBytes(populations[p].laneBytes()));
      }
    }
    long masks = planes.planes.stream().mapToLong(IndexPlanes::maskBytes).sum();
    return new LookupSizes(tables, masks, slotBytes, accumulator, gateBytes);
  }

  /** Builds planes and tables, these in {@code arena}. */
  public LookupNetwork build(Arena arena) {
    arrange();
    for (IndexPlanes set : planes.planes) {
      set.mask(arena);
    }
    LookupTarget[] targets = new LookupTarget[populations.length];
    for (int p = 0; p < targets.length; p++) {
      if (populations[p].byLookup()) {
        targets[p] =
            gates[p] != null
                ? gate(populations[p], fired(p), reads.get(p))
                : sums(populations[p], fired(p), reads.get(p), arena);
      }
    }
    return new LookupNetwork(targets, List.copyOf(planes.planes), tableBytes, slotBytes);
  }

  private IndexPlanes fired(int p) {
    return planes.planes(p, indexBytes[p]);
  }

  /** Finds out who reads which planes, and gives each its place, once. */
  private void arrange() {
    if (planes == null) {
      indexBytes = Arrays.stream(populations).mapToInt(LookupPopulation::laneBytes).toArray();
      place();
      if (pairCost < Double.POSITIVE_INFINITY) {
        choosePairs();
      }
    }
  }

  /**
   * Makes tables of bytes where they cost less, for all populations together that read each other:
   * spikes would else be brought from one form to the other.
   */
  private void choosePairs() {
    PairChoice choice = new PairChoice(populations, into, gates);
    for (int p = 0; p < populations.length; p++) {
      if (choice.may(p)) {
        TableBuilder tables = new TableBuilder(populations[p], reads.get(p));
        choice.plain(p, tables.measure() / Species.vectorBytes(2) * fired(p).vectors());
      }
    }
    for (int p = 0; p < populations.length; p++) {
      indexBytes[p] = choice.may(p) ? 1 : indexBytes[p];
    }
    place();
    for (int p = 0; p < populations.length; p++) {
      if (choice.may(p)) {
        pairs[p] = new PairTables(populations[p], reads.get(p)).pairs();
        choice.paired(p, pairs[p] * pairCost * fired(p).vectors());
      }
    }
    boolean changed = false;
    for (int p = 0; p < populations.length; p++) {
      if (choice.may(p) && !choice.pays(p)) {
        indexBytes[p] = populations[p].laneBytes();
        changed = true;
      }
    }
    if (changed) {
      place();
    }
  }

  private void place() {
    reads.clear();
    planes = new PlaneReads(populations, indexBytes);
    for (int p = 0; p < populations.length; p++) {
      if (populations[p].byLookup()) {
        fired(p);
      }
    }
    for (int p = 0; p < populations.length; p++) {
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
      at = set.place((at + 63) / 64 * 64);
    }
    // A vector of slack: the last plane may be read beyond its end.
    slotBytes = (at + 64 + 63) / 64 * 64;
  }

  private LookupTarget sums(
      LookupPopulation p, IndexPlanes fired, List<PlaneRead> reads, Arena arena) {
    if (fired.laneBytes == 1) {
      PairTables tables = new PairTables(p, reads);
      LookupTarget target = tables.build(fired, arena);
      tableBytes += tables.bytes();
      return target;
    }
    TableBuilder tables = new TableBuilder(p, reads);
    LookupTarget target = tables.build(fired, arena);
    tableBytes += tables.bytes();
    return target;
  }

  private static LookupTarget.Gate gate(
      LookupPopulation p, IndexPlanes fired, List<PlaneRead> reads) {
    Map<LookupTarget.View, Integer> views = new LinkedHashMap<>();
    int[] tapView = new int[reads.size()];
    int[] tapShift = new int[reads.size()];
    for (int i = 0; i < tapView.length; i++) {
      LookupTarget.View v = new LookupTarget.View(reads.get(i).planes(), reads.get(i).range());
      views.putIfAbsent(v, views.size());
      tapView[i] = views.get(v);
      tapShift[i] = reads.get(i).shift();
    }
    return new LookupTarget.Gate(
        p.laneBytes(), fired, views.keySet().toArray(new LookupTarget.View[0]), tapView, tapShift);
  }
}
