// SPDX-License-Identifier: Apache-2.0
// DO NOT EDIT: made from src/main/templates/Channelwise.java.template by tools/generate-kernels.sh.
package io.snnsim.kernel.event;

import io.snnsim.geometry.Window;
import io.snnsim.kernel.contract.ChannelwiseArgs;
import io.snnsim.kernel.state.PopulationState;
import io.snnsim.kernel.state.RowKernel;
import io.snnsim.kernel.vector.Species;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;

/**
 * Adds the weights of a source's spikes channel by channel, into a 32-bit V: the spike words are
 * the masks. Stateless; the kernel allocates nothing once compiled.
 */
final class Channelwise32 {
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
  private static final int LANES = Species.INTS.length();

  private Channelwise32() {}

  static RowKernel of(ChannelwiseArgs a) {
    PopulationState s = a.source();
    PopulationState t = a.target();
    Window g = a.geometry();
    int stride = a.tapStride();
    return (b, y) -> {
      int lanes = t.lanes(b);
      for (int x = 0; x < t.width; x++) {
        for (int ky = 0; ky < g.kernelH(); ky++) {
          int iy = y * g.strideH() - g.padH() + ky * g.dilationH();
          for (int kx = 0; kx < g.kernelW(); kx++) {
            int ix = x * g.strideW() - g.padW() + kx * g.dilationW();
            if (iy < 0 || iy >= s.height || ix < 0 || ix >= s.width) {
              continue;
            }
            int p = iy * s.width + ix;
            long word = a.alignedSpikes(p, b);
            long negative = s.signed ? a.alignedNegatives(p, b) : 0;
            long w = ((long) (ky * g.kernelW() + kx) * stride + b * 64L) * 4;
            if (negative != 0) {
              subtract(a, w, negative, x * lanes, lanes);
            }
            if (word == 0) {
              continue;
            }
            for (int l = 0; l < lanes; l += LANES) {
              VectorMask<Integer> spikes = VectorMask.fromLong(Species.INTS, word >>> l);
              long at = ((long) x * lanes + l) * 4;
              IntVector.fromMemorySegment(Species.INTS, t.accumulator, at, LE)
                  .add(
                      IntVector.fromMemorySegment(Species.INTS, a.weights(), w + l * 4L, LE),
                      spikes)
                  .intoMemorySegment(t.accumulator, at, LE);
            }
          }
        }
      }
    };
  }

  private static void subtract(ChannelwiseArgs a, long w, long spikes, int firstLane, int lanes) {
    MemorySegment sums = a.target().accumulator;
    for (int l = 0; l < lanes; l += LANES) {
      long at = (firstLane + l) * 4L;
      IntVector.fromMemorySegment(Species.INTS, sums, at, LE)
          .sub(
              IntVector.fromMemorySegment(Species.INTS, a.weights(), w + l * 4L, LE),
              VectorMask.fromLong(Species.INTS, spikes >>> l))
          .intoMemorySegment(sums, at, LE);
    }
  }
}
