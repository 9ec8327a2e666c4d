// SPDX-License-Identifier: Apache-2.0
// DO NOT EDIT: made from src/main/templates/Conv.java.template by tools/generate-kernels.sh.
package io.snnsim.kernel.event;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.snnsim.kernel.contract.ConvArgs;
import io.snnsim.kernel.vector.Loops;
import io.snnsim.kernel.vector.Species;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Event-list gather of a convolution, 8-bit weights into a 16-bit V: accumulators in registers for
 * one output pixel, one contiguous run of events for every row of the window.
 *
 * <p>Confined to the simulation's thread; allocates nothing once compiled.
 *
 * <p>Bodies are written out per number of vectors, since C2 keeps unrolled locals in registers but
 * boxes arrays of vectors and vectors that cross a call it does not inline.
 */
final class Conv8 extends EventConv {
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
  private static final int LANES = Species.SHORTS.length();

  Conv8(ConvArgs args) {
    super(args);
  }

  @Override
  void pixel(int x, int y, int b) {
    int vectors = lanes / LANES;
    int first = 0;
    for (; first + 4 <= vectors; first += 4) {
      gather4(x, y, first * LANES);
    }
    if (first + 2 <= vectors) {
      gather2(x, y, first * LANES);
      first += 2;
    }
    if (first + 1 <= vectors) {
      gather1(x, y, first * LANES);
      first += 1;
    }
  }

  private void gather4(int x, int y, int firstLane) {
    final MemorySegment list = events;
    final MemorySegment starts = eventStarts;
    final MemorySegment w = weights;
    final int one = Loops.one();
    final int rowBytes = lanes * 1;
    long at = ((long) x * lanes + firstLane) * 2;
    ShortVector a0 = ShortVector.fromMemorySegment(Species.SHORTS, accumulator, at, LE);
    ShortVector a1 =
        ShortVector.fromMemorySegment(Species.SHORTS, accumulator, at + LANES * 2L, LE);
    ShortVector a2 =
        ShortVector.fromMemorySegment(Species.SHORTS, accumulator, at + 2 * LANES * 2L, LE);
    ShortVector a3 =
        ShortVector.fromMemorySegment(Species.SHORTS, accumulator, at + 3 * LANES * 2L, LE);
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
        long base =
            blockStart
                + (long) firstLane * 1
                + ((long) (ky * kernelW + kx) - ix) * sourceC * rowBytes;
        int e = starts.getAtIndex(JAVA_INT, startBase + (long) iy * sourceW + from);
        int end = starts.getAtIndex(JAVA_INT, startBase + (long) iy * sourceW + to);
        for (; e < end; e += one) {
          final MemorySegment row =
              w.asSlice(base + (long) list.getAtIndex(JAVA_INT, e) * rowBytes, 4 * LANES * 1L);
          a0 =
              ((ShortVector)
                      ByteVector.fromMemorySegment(Species.BYTES, row, 0 * LANES * 1L, LE)
                          .convertShape(VectorOperators.B2S, Species.SHORTS, 0))
                  .add(a0);
          a1 =
              ((ShortVector)
                      ByteVector.fromMemorySegment(Species.BYTES, row, 1 * LANES * 1L, LE)
                          .convertShape(VectorOperators.B2S, Species.SHORTS, 0))
                  .add(a1);
          a2 =
              ((ShortVector)
                      ByteVector.fromMemorySegment(Species.BYTES, row, 2 * LANES * 1L, LE)
                          .convertShape(VectorOperators.B2S, Species.SHORTS, 0))
                  .add(a2);
          a3 =
              ((ShortVector)
                      ByteVector.fromMemorySegment(Species.BYTES, row, 3 * LANES * 1L, LE)
                          .convertShape(VectorOperators.B2S, Species.SHORTS, 0))
                  .add(a3);
        }
      }
    }
    a0.intoMemorySegment(accumulator, at, LE);
    a1.intoMemorySegment(accumulator, at + LANES * 2L, LE);
    a2.intoMemorySegment(accumulator, at + 2 * LANES * 2L, LE);
    a3.intoMemorySegment(accumulator, at + 3 * LANES * 2L, LE);
  }

  private void gather2(int x, int y, int firstLane) {
    final MemorySegment list = events;
    final MemorySegment starts = eventStarts;
    final MemorySegment w = weights;
    final int one = Loops.one();
    final int rowBytes = lanes * 1;
    long at = ((long) x * lanes + firstLane) * 2;
    ShortVector a0 = ShortVector.fromMemorySegment(Species.SHORTS, accumulator, at, LE);
    ShortVector a1 =
        ShortVector.fromMemorySegment(Species.SHORTS, accumulator, at + LANES * 2L, LE);
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
        long base =
            blockStart
                + (long) firstLane * 1
                + ((long) (ky * kernelW + kx) - ix) * sourceC * rowBytes;
        int e = starts.getAtIndex(JAVA_INT, startBase + (long) iy * sourceW + from);
        int end = starts.getAtIndex(JAVA_INT, startBase + (long) iy * sourceW + to);
        for (; e < end; e += one) {
          final MemorySegment row =
              w.asSlice(base + (long) list.getAtIndex(JAVA_INT, e) * rowBytes, 2 * LANES * 1L);
          a0 =
              ((ShortVector)
                      ByteVector.fromMemorySegment(Species.BYTES, row, 0 * LANES * 1L, LE)
                          .convertShape(VectorOperators.B2S, Species.SHORTS, 0))
                  .add(a0);
          a1 =
              ((ShortVector)
                      ByteVector.fromMemorySegment(Species.BYTES, row, 1 * LANES * 1L, LE)
                          .convertShape(VectorOperators.B2S, Species.SHORTS, 0))
                  .add(a1);
        }
      }
    }
    a0.intoMemorySegment(accumulator, at, LE);
    a1.intoMemorySegment(accumulator, at + LANES * 2L, LE);
  }

  private void gather1(int x, int y, int firstLane) {
    final MemorySegment list = events;
    final MemorySegment starts = eventStarts;
    final MemorySegment w = weights;
    final int one = Loops.one();
    final int rowBytes = lanes * 1;
    long at = ((long) x * lanes + firstLane) * 2;
    ShortVector a0 = ShortVector.fromMemorySegment(Species.SHORTS, accumulator, at, LE);
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
        long base =
            blockStart
                + (long) firstLane * 1
                + ((long) (ky * kernelW + kx) - ix) * sourceC * rowBytes;
        int e = starts.getAtIndex(JAVA_INT, startBase + (long) iy * sourceW + from);
        int end = starts.getAtIndex(JAVA_INT, startBase + (long) iy * sourceW + to);
        for (; e < end; e += one) {
          final MemorySegment row =
              w.asSlice(base + (long) list.getAtIndex(JAVA_INT, e) * rowBytes, 1 * LANES * 1L);
          a0 =
              ((ShortVector)
                      ByteVector.fromMemorySegment(Species.BYTES, row, 0 * LANES * 1L, LE)
                          .convertShape(VectorOperators.B2S, Species.SHORTS, 0))
                  .add(a0);
        }
      }
    }
    a0.intoMemorySegment(accumulator, at, LE);
  }
}
