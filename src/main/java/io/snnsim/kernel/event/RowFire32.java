// SPDX-License-Identifier: Apache-2.0
// DO NOT EDIT: made from src/main/templates/RowFire.java.template by tools/generate-kernels.sh.
package io.snnsim.kernel.event;

import io.snnsim.kernel.state.PopulationState;
import io.snnsim.kernel.state.RowKernel;
import io.snnsim.kernel.vector.Species;
import java.nio.ByteOrder;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * The neurons of a row, 32-bit V, lanes are channels: membrane potential, threshold, soft reset,
 * spike words. Stateless; the kernels allocate nothing once compiled.
 */
final class RowFire32 {
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
  private static final int LANES = Species.INTS.length();

  private RowFire32() {}

  static RowKernel unsigned(PopulationState t) {
    return (b, y) -> {
      int lanes = t.lanes(b);
      long v = t.rowStart(b, y) * 4;
      long acc = 0;
      for (int x = 0; x < t.width; x++) {
        long word = 0;
        for (int l = 0; l < lanes; l += LANES, v += LANES * 4, acc += LANES * 4) {
          IntVector theta =
              IntVector.fromMemorySegment(Species.INTS, t.theta, (b * 64L + l) * 4, LE);
          IntVector sum =
              IntVector.fromMemorySegment(Species.INTS, t.v, v, LE)
                  .lanewise(
                      VectorOperators.SADD,
                      IntVector.fromMemorySegment(Species.INTS, t.accumulator, acc, LE));
          VectorMask<Integer> spikes = sum.compare(VectorOperators.GE, theta);
          sum.sub(theta, spikes).intoMemorySegment(t.v, v, LE);
          word |= spikes.toLong() << l;
        }
        t.fire(b, y * t.width + x, word);
      }
    };
  }

  /** Of signed neurons, whose count N is beside V. */
  static RowKernel signed(PopulationState t) {
    return (b, y) -> {
      int lanes = t.lanes(b);
      long v = t.rowStart(b, y) * 4;
      long acc = 0;
      for (int x = 0; x < t.width; x++) {
        long positive = 0;
        long negative = 0;
        for (int l = 0; l < lanes; l += LANES, v += LANES * 4, acc += LANES * 4) {
          IntVector theta =
              IntVector.fromMemorySegment(Species.INTS, t.theta, (b * 64L + l) * 4, LE);
          IntVector sum =
              IntVector.fromMemorySegment(Species.INTS, t.v, v, LE)
                  .lanewise(
                      VectorOperators.SADD,
                      IntVector.fromMemorySegment(Species.INTS, t.accumulator, acc, LE));
          IntVector net = IntVector.fromMemorySegment(Species.INTS, t.net, v, LE);
          VectorMask<Integer> up = sum.compare(VectorOperators.GE, theta);
          VectorMask<Integer> down =
              sum.compare(VectorOperators.LT, 0).and(net.compare(VectorOperators.NE, 0));
          sum.sub(theta, up).add(theta, down).intoMemorySegment(t.v, v, LE);
          net.add(1, up).sub(1, down).intoMemorySegment(t.net, v, LE);
          positive |= up.toLong() << l;
          negative |= down.toLong() << l;
        }
        t.fire(b, y * t.width + x, positive, negative);
      }
    };
  }
}
