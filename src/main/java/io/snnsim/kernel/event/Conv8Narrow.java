// SPDX-License-Identifier: Apache-2.0
package io.snnsim.kernel.event;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.snnsim.kernel.contract.ConvArgs;
import io.snnsim.kernel.vector.Species;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;

/**
 * As {@link Conv8} for 64-bit vectors, where the narrowest byte vector holds twice the lanes of a
 * short vector: one load feeds two accumulators. Confined to the simulation's thread; allocates
 * nothing once compiled.
 */
final class Conv8Narrow extends EventConv {
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
  private static final int BYTE_LANES = Species.BYTES.length();
  private static final int SHORT_LANES = Species.SHORTS.length();

  Conv8Narrow(ConvArgs args) {
    super(args);
  }

  @Override
  void pixel(int x, int y, int b) {
    for (int lane = 0; lane < lanes; lane += BYTE_LANES) {
      gather(x, y, lane);
    }
  }

  private void gather(int x, int y, int firstLane) {
    final int rowBytes = lanes;
    long at = ((long) x * lanes + firstLane) * 2;
    ShortVector a0 = ShortVector.fromMemorySegment(Species.SHORTS, accumulator, at, LE);
    ShortVector a1 =
        ShortVector.fromMemorySegment(Species.SHORTS, accumulator, at + SHORT_LANES * 2L, LE);
    int x0 = x * strideW - padW;
    for (int ky = 0; ky < kernelH; ky++) {
      int iy = y * strideH - padH + ky * dilationH;
      if (iy < 0 || iy >= sourceH) {
        continue;
      }
      for (int kx = 0; kx < kernelW; kx += runW) {
        int ix = x0 + kx * dilationW;
        int from = Math.max(0, ix);
        int to = Math.min(sourceW, ix + runW);
        if (from >= to) {
          continue;
        }
        long base = blockStart + firstLane + ((long) (ky * kernelW + kx) - ix) * sourceC * rowBytes;
        int e = eventStarts.getAtIndex(JAVA_INT, startBase + (long) iy * sourceW + from);
        int end = eventStarts.getAtIndex(JAVA_INT, startBase + (long) iy * sourceW + to);
        for (; e < end; e++) {
          long row = base + (long) events.getAtIndex(JAVA_INT, e) * rowBytes;
          ByteVector w = ByteVector.fromMemorySegment(Species.BYTES, weights, row, LE);
          a0 = ((ShortVector) w.convertShape(VectorOperators.B2S, Species.SHORTS, 0)).add(a0);
          a1 = ((ShortVector) w.convertShape(VectorOperators.B2S, Species.SHORTS, 1)).add(a1);
        }
      }
    }
    a0.intoMemorySegment(accumulator, at, LE);
    a1.intoMemorySegment(accumulator, at + SHORT_LANES * 2L, LE);
  }
}
