// SPDX-License-Identifier: Apache-2.0
// DO NOT EDIT: made from src/main/templates/FewSpikes.java.template by tools/generate-kernels.sh.
package io.snnsim.kernel.event;

import io.snnsim.kernel.state.PopulationState;
import io.snnsim.kernel.state.RowKernel;
import io.snnsim.kernel.vector.Species;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Few-spike neurons of a row, 16-bit V, lanes are channels: V gathers the steps of the code, and
 * after the last of them gives all spikes. Confined to the simulation's thread; the kernel
 * allocates nothing once compiled.
 */
final class FewSpikes16 implements RowKernel {
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
  private static final int LANES = Species.SHORTS.length();
  private static final int BYTES = LANES * 2;

  private final PopulationState target;
  private final int steps;

  FewSpikes16(PopulationState target) {
    this.target = target;
    steps = target.codeSteps();
  }

  @Override
  public void row(int b, int y) {
    final PopulationState t = target;
    if (t.slot() == 0) {
      long bytes = (long) t.width * t.lanes(b) * 2;
      MemorySegment.copy(t.accumulator, 0, t.v, t.rowStart(b, y) * 2, bytes);
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
    long v = t.rowStart(b, y) * 2;
    for (int i = 0; i < n; i += LANES, v += BYTES) {
      ShortVector potential = ShortVector.fromMemorySegment(Species.SHORTS, t.v, v, LE);
      ShortVector sum =
          ShortVector.fromMemorySegment(Species.SHORTS, t.accumulator, (long) i * 2, LE);
      twice(potential, sum).intoMemorySegment(t.v, v, LE);
    }
  }

  private static void addBias(PopulationState t, int b, int y) {
    int lanes = t.lanes(b);
    long v = t.rowStart(b, y) * 2;
    for (int x = 0; x < t.width; x++) {
      for (int l = 0; l < lanes; l += LANES, v += BYTES) {
        ShortVector bias =
            ShortVector.fromMemorySegment(Species.SHORTS, t.bias, (b * 64L + l) * 2, LE);
        ShortVector potential = ShortVector.fromMemorySegment(Species.SHORTS, t.v, v, LE);
        add(potential, bias).intoMemorySegment(t.v, v, LE);
      }
    }
  }

  private static void addCurrent(PopulationState t, int b, int y) {
    int n = t.width * t.lanes(b);
    long v = t.rowStart(b, y) * 2;
    for (int i = 0; i < n; i += LANES, v += BYTES) {
      ShortVector potential = ShortVector.fromMemorySegment(Species.SHORTS, t.v, v, LE);
      ShortVector current = ShortVector.fromMemorySegment(Species.SHORTS, t.current, v, LE);
      add(potential, current).intoMemorySegment(t.v, v, LE);
    }
  }

  /** Spikes that are worth 2^place thresholds. */
  private static void send(PopulationState t, int b, int y, int place) {
    int lanes = t.lanes(b);
    long v = t.rowStart(b, y) * 2;
    for (int x = 0; x < t.width; x++) {
      long word = 0;
      for (int l = 0; l < lanes; l += LANES, v += BYTES) {
        ShortVector worth =
            ShortVector.fromMemorySegment(Species.SHORTS, t.theta, (b * 64L + l) * 2, LE)
                .lanewise(VectorOperators.LSHL, place);
        ShortVector potential = ShortVector.fromMemorySegment(Species.SHORTS, t.v, v, LE);
        VectorMask<Short> spikes = potential.compare(VectorOperators.GE, worth);
        potential.sub(worth, spikes).intoMemorySegment(t.v, v, LE);
        word |= spikes.toLong() << l;
      }
      t.fire(b, y * t.width + x, word, 1 << place);
    }
  }

  /**
   * saturate(2 v + sum): v + sum saturates only where the sum has the sign of v, and then the whole
   * does.
   */
  private static ShortVector twice(ShortVector v, ShortVector sum) {
    return add(add(v, sum), v);
  }

  private static ShortVector add(ShortVector a, ShortVector b) {
    return a.lanewise(VectorOperators.SADD, b);
  }
}
