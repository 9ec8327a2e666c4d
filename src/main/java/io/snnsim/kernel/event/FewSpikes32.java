// SPDX-License-Identifier: Apache-2.0
// DO NOT EDIT: made from src/main/templates/FewSpikes.java.template by tools/generate-kernels.sh.
package io.snnsim.kernel.event;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.snnsim.kernel.state.PopulationState;
import io.snnsim.kernel.state.RowKernel;
import io.snnsim.kernel.vector.Species;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Few-spike neurons of a row, 32-bit V, lanes are channels: V gathers the steps of the code, and
 * after the last of them gives all spikes. Confined to the simulation's thread; the kernel
 * allocates nothing once compiled.
 */
final class FewSpikes32 implements RowKernel {
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
  private static final int LANES = Species.INTS.length();

  private final PopulationState target;
  private final int steps;

  FewSpikes32(PopulationState target) {
    this.target = target;
    steps = target.codeSteps();
  }

  @Override
  public void row(int b, int y) {
    final PopulationState t = target;
    if (t.slot() == 0) {
      long bytes = (long) t.width * t.lanes(b) * 4;
      MemorySegment.copy(t.accumulator, 0, t.v, t.rowStart(b, y) * 4, bytes);
    } else {
      gather(t, b, y);
    }
    if (t.slot() < steps - 1) {
      return;
    }
    send(t, b, y);
    for (int k = 0; k < steps; k++) {
      t.slot(k);
      t.fired(b, y, 1 << (steps - 1 - k));
    }
  }

  /** V = 2 V + sum of the step. */
  private static void gather(PopulationState t, int b, int y) {
    if (t.narrow()) {
      gatherNarrow(t, y);
      return;
    }
    // In locals, since C2 would fetch fields again after every store.
    final MemorySegment potentials = t.v;
    final MemorySegment sums = t.accumulator;
    final int used = t.usedLanes(b, LANES);
    final int pixelBytes = t.lanes(b) * 4;
    final int width = t.width;
    long v = t.rowStart(b, y) * 4;
    long acc = 0;
    for (int x = 0; x < width; x++) {
      for (int l = 0; l < used; l += LANES) {
        long lane = l * 4L;
        IntVector potential = IntVector.fromMemorySegment(Species.INTS, potentials, v + lane, LE);
        IntVector sum = IntVector.fromMemorySegment(Species.INTS, sums, acc + lane, LE);
        twice(potential, sum).intoMemorySegment(potentials, v + lane, LE);
      }
      v += pixelBytes;
      acc += pixelBytes;
    }
  }

  /** Strides are constants here, so C2 checks bounds once a row. */
  private static void gatherNarrow(PopulationState t, int y) {
    final int used = t.usedLanes(0, LANES);
    final long rowBytes = t.width * PopulationState.NARROW;
    final MemorySegment potentials = t.v.asSlice(t.rowStart(0, y) * 4, rowBytes);
    final MemorySegment sums = t.accumulator.asSlice(0, rowBytes);
    final int width = t.width;
    for (int l = 0; l < used; l += LANES) {
      final long lane = l * 4L;
      for (int x = 0; x < width; x++) {
        final long at = x * PopulationState.NARROW + lane;
        IntVector potential = IntVector.fromMemorySegment(Species.INTS, potentials, at, LE);
        IntVector sum = IntVector.fromMemorySegment(Species.INTS, sums, at, LE);
        twice(potential, sum).intoMemorySegment(potentials, at, LE);
      }
    }
  }

  /** V plus what comes once an image, then the spikes of all steps, highest worth first. */
  private void send(PopulationState t, int b, int y) {
    final MemorySegment potentials = t.v;
    final MemorySegment once = t.current == null ? t.bias : t.current;
    final boolean driven = t.current != null;
    final MemorySegment words = t.spikes;
    final int pixelBytes = t.lanes(b) * 4;
    final int wordsBytes = t.words * 8;
    final long slotBytes = t.slotWords() * 8;
    final int width = t.width;
    final int last = steps - 1;
    t.slot(0);
    for (int l = 0; l < t.usedLanes(b, LANES); l += LANES) {
      long lane = (b * 64L + l) * 4;
      IntVector theta = IntVector.fromMemorySegment(Species.INTS, t.theta, lane, LE);
      long v = (t.rowStart(b, y) + l) * 4;
      long word = t.wordIndex(b, y) * 8;
      for (int x = 0; x < width; x++) {
        IntVector p =
            add(
                IntVector.fromMemorySegment(Species.INTS, potentials, v, LE),
                IntVector.fromMemorySegment(Species.INTS, once, driven ? v : lane, LE));
        long at = word;
        for (int place = last; place >= 0; place--) {
          p = Species.ZERO_INTS.add(p);
          IntVector worth = theta.lanewise(VectorOperators.LSHL, place);
          VectorMask<Integer> spikes = p.compare(VectorOperators.GE, worth);
          p = p.sub(worth, spikes);
          long fired = spikes.toLong() << l;
          words.set(JAVA_LONG, at, l == 0 ? fired : words.get(JAVA_LONG, at) | fired);
          at += slotBytes;
        }
        Species.ZERO_INTS.add(p).intoMemorySegment(potentials, v, LE);
        v += pixelBytes;
        word += wordsBytes;
      }
    }
  }

  private static IntVector twice(IntVector v, IntVector sum) {
    return add(add(v, sum), v);
  }

  private static IntVector add(IntVector a, IntVector b) {
    // 32 bits hold every sum, which opening the model has proven.
    return a.add(b);
  }
}
