// SPDX-License-Identifier: Apache-2.0
// DO NOT EDIT: made from src/main/templates/FewSpikes.java.template by tools/generate-kernels.sh.
package io.snnsim.kernel.event;

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
  private static final int BYTES = LANES * 4;

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
    if (t.current == null) {
      addBias(t, b, y);
    } else {
      addCurrent(t, b, y);
    }
    for (int k = 0; k < steps; k++) {
      t.slot(k);
      send(t, b, y, steps - 1 - k);
    }
  }

  /** V = 2 V + sum of the step. */
  private static void gather(PopulationState t, int b, int y) {
    int n = t.width * t.lanes(b);
    long v = t.rowStart(b, y) * 4;
    for (int i = 0; i < n; i += LANES, v += BYTES) {
      IntVector potential = IntVector.fromMemorySegment(Species.INTS, t.v, v, LE);
      IntVector sum = IntVector.fromMemorySegment(Species.INTS, t.accumulator, (long) i * 4, LE);
      twice(potential, sum).intoMemorySegment(t.v, v, LE);
    }
  }

  private static void addBias(PopulationState t, int b, int y) {
    int lanes = t.lanes(b);
    long v = t.rowStart(b, y) * 4;
    for (int x = 0; x < t.width; x++) {
      for (int l = 0; l < lanes; l += LANES, v += BYTES) {
        IntVector bias = IntVector.fromMemorySegment(Species.INTS, t.bias, (b * 64L + l) * 4, LE);
        IntVector potential = IntVector.fromMemorySegment(Species.INTS, t.v, v, LE);
        add(potential, bias).intoMemorySegment(t.v, v, LE);
      }
    }
  }

  private static void addCurrent(PopulationState t, int b, int y) {
    int n = t.width * t.lanes(b);
    long v = t.rowStart(b, y) * 4;
    for (int i = 0; i < n; i += LANES, v += BYTES) {
      IntVector potential = IntVector.fromMemorySegment(Species.INTS, t.v, v, LE);
      IntVector current = IntVector.fromMemorySegment(Species.INTS, t.current, v, LE);
      add(potential, current).intoMemorySegment(t.v, v, LE);
    }
  }

  /** Spikes that are worth 2^place thresholds. */
  private static void send(PopulationState t, int b, int y, int place) {
    int lanes = t.lanes(b);
    long v = t.rowStart(b, y) * 4;
    for (int x = 0; x < t.width; x++) {
      long word = 0;
      for (int l = 0; l < lanes; l += LANES, v += BYTES) {
        IntVector worth =
            IntVector.fromMemorySegment(Species.INTS, t.theta, (b * 64L + l) * 4, LE)
                .lanewise(VectorOperators.LSHL, place);
        IntVector potential = IntVector.fromMemorySegment(Species.INTS, t.v, v, LE);
        VectorMask<Integer> spikes = potential.compare(VectorOperators.GE, worth);
        potential.sub(worth, spikes).intoMemorySegment(t.v, v, LE);
        word |= spikes.toLong() << l;
      }
      t.fire(b, y * t.width + x, word, 1 << place);
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
