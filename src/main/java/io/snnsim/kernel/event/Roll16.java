// SPDX-License-Identifier: Apache-2.0
// DO NOT EDIT: made from src/main/templates/Roll.java.template by tools/generate-kernels.sh.
package io.snnsim.kernel.event;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.snnsim.kernel.contract.ConvArgs;
import io.snnsim.kernel.vector.Loops;
import io.snnsim.kernel.vector.Species;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.ShortVector;

/**
 * Rolling 3x3 convolution, 16-bit weights into a 16-bit V.
 *
 * <p>Confined to the simulation's thread; allocates nothing once compiled.
 *
 * <p>Bodies are written out per number of vectors: left, mid and right are the sums of the output
 * pixels before, at and after the source column.
 */
final class Roll16 extends RollConv {
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
  private static final int LANES = Species.SHORTS.length();

  Roll16(ConvArgs args) {
    super(args);
  }

  @Override
  int lanesPerVector() {
    return LANES;
  }

  @Override
  void roll1(int y, int lanes, long start, int tapBytes, int first) {
    final MemorySegment w = weights;
    final int one = Loops.one();
    final MemorySegment acc = accumulator;
    final MemorySegment events = list;
    final int pixelBytes = lanes * 2;
    final long from = start + (long) first * LANES * 2;
    long at = (long) first * LANES * 2;
    ShortVector left0 = ShortVector.zero(Species.SHORTS);
    ShortVector mid0 = ShortVector.fromMemorySegment(Species.SHORTS, acc, at, LE);
    int e = firstEntry(y);
    for (int x = 0; x < width; x++) {
      // Beyond the last pixel the sum is never stored: any loadable place will do.
      long next = x + 1 < width ? at + pixelBytes : at;
      ShortVector right0 = ShortVector.fromMemorySegment(Species.SHORTS, acc, next, LE);
      int n = lastEntry(y, x);
      for (; e < n; e += one) {
        long row = from + events.getAtIndex(JAVA_INT, e);
        long row1 = row + tapBytes;
        long row2 = row1 + tapBytes;
        final MemorySegment w0 = w.asSlice(row, 1 * LANES * 2L);
        final MemorySegment w1 = w.asSlice(row1, 1 * LANES * 2L);
        final MemorySegment w2 = w.asSlice(row2, 1 * LANES * 2L);
        right0 = ShortVector.fromMemorySegment(Species.SHORTS, w0, 0 * LANES * 2L, LE).add(right0);
        mid0 = ShortVector.fromMemorySegment(Species.SHORTS, w1, 0 * LANES * 2L, LE).add(mid0);
        left0 = ShortVector.fromMemorySegment(Species.SHORTS, w2, 0 * LANES * 2L, LE).add(left0);
      }
      if (x > 0) {
        left0.intoMemorySegment(acc, at - pixelBytes, LE);
      }
      left0 = mid0;
      mid0 = right0;
      at += pixelBytes;
    }
    left0.intoMemorySegment(acc, at - pixelBytes, LE);
  }

  @Override
  void roll2(int y, int lanes, long start, int tapBytes, int first) {
    final MemorySegment w = weights;
    final int one = Loops.one();
    final MemorySegment acc = accumulator;
    final MemorySegment events = list;
    final int pixelBytes = lanes * 2;
    final long from = start + (long) first * LANES * 2;
    long at = (long) first * LANES * 2;
    ShortVector left0 = ShortVector.zero(Species.SHORTS);
    ShortVector left1 = ShortVector.zero(Species.SHORTS);
    ShortVector mid0 = ShortVector.fromMemorySegment(Species.SHORTS, acc, at, LE);
    ShortVector mid1 = ShortVector.fromMemorySegment(Species.SHORTS, acc, at + 1 * LANES * 2L, LE);
    int e = firstEntry(y);
    for (int x = 0; x < width; x++) {
      // Beyond the last pixel the sum is never stored: any loadable place will do.
      long next = x + 1 < width ? at + pixelBytes : at;
      ShortVector right0 = ShortVector.fromMemorySegment(Species.SHORTS, acc, next, LE);
      ShortVector right1 =
          ShortVector.fromMemorySegment(Species.SHORTS, acc, next + 1 * LANES * 2L, LE);
      int n = lastEntry(y, x);
      for (; e < n; e += one) {
        long row = from + events.getAtIndex(JAVA_INT, e);
        long row1 = row + tapBytes;
        long row2 = row1 + tapBytes;
        final MemorySegment w0 = w.asSlice(row, 2 * LANES * 2L);
        final MemorySegment w1 = w.asSlice(row1, 2 * LANES * 2L);
        final MemorySegment w2 = w.asSlice(row2, 2 * LANES * 2L);
        right0 = ShortVector.fromMemorySegment(Species.SHORTS, w0, 0 * LANES * 2L, LE).add(right0);
        mid0 = ShortVector.fromMemorySegment(Species.SHORTS, w1, 0 * LANES * 2L, LE).add(mid0);
        left0 = ShortVector.fromMemorySegment(Species.SHORTS, w2, 0 * LANES * 2L, LE).add(left0);
        right1 = ShortVector.fromMemorySegment(Species.SHORTS, w0, 1 * LANES * 2L, LE).add(right1);
        mid1 = ShortVector.fromMemorySegment(Species.SHORTS, w1, 1 * LANES * 2L, LE).add(mid1);
        left1 = ShortVector.fromMemorySegment(Species.SHORTS, w2, 1 * LANES * 2L, LE).add(left1);
      }
      if (x > 0) {
        left0.intoMemorySegment(acc, at - pixelBytes, LE);
        left1.intoMemorySegment(acc, at - pixelBytes + 1 * LANES * 2L, LE);
      }
      left0 = mid0;
      mid0 = right0;
      left1 = mid1;
      mid1 = right1;
      at += pixelBytes;
    }
    left0.intoMemorySegment(acc, at - pixelBytes, LE);
    left1.intoMemorySegment(acc, at - pixelBytes + 1 * LANES * 2L, LE);
  }

  @Override
  void roll4(int y, int lanes, long start, int tapBytes, int first) {
    final MemorySegment w = weights;
    final int one = Loops.one();
    final MemorySegment acc = accumulator;
    final MemorySegment events = list;
    final int pixelBytes = lanes * 2;
    final long from = start + (long) first * LANES * 2;
    long at = (long) first * LANES * 2;
    ShortVector left0 = ShortVector.zero(Species.SHORTS);
    ShortVector left1 = ShortVector.zero(Species.SHORTS);
    ShortVector left2 = ShortVector.zero(Species.SHORTS);
    ShortVector left3 = ShortVector.zero(Species.SHORTS);
    ShortVector mid0 = ShortVector.fromMemorySegment(Species.SHORTS, acc, at, LE);
    ShortVector mid1 = ShortVector.fromMemorySegment(Species.SHORTS, acc, at + 1 * LANES * 2L, LE);
    ShortVector mid2 = ShortVector.fromMemorySegment(Species.SHORTS, acc, at + 2 * LANES * 2L, LE);
    ShortVector mid3 = ShortVector.fromMemorySegment(Species.SHORTS, acc, at + 3 * LANES * 2L, LE);
    int e = firstEntry(y);
    for (int x = 0; x < width; x++) {
      // Beyond the last pixel the sum is never stored: any loadable place will do.
      long next = x + 1 < width ? at + pixelBytes : at;
      ShortVector right0 = ShortVector.fromMemorySegment(Species.SHORTS, acc, next, LE);
      ShortVector right1 =
          ShortVector.fromMemorySegment(Species.SHORTS, acc, next + 1 * LANES * 2L, LE);
      ShortVector right2 =
          ShortVector.fromMemorySegment(Species.SHORTS, acc, next + 2 * LANES * 2L, LE);
      ShortVector right3 =
          ShortVector.fromMemorySegment(Species.SHORTS, acc, next + 3 * LANES * 2L, LE);
      int n = lastEntry(y, x);
      for (; e < n; e += one) {
        long row = from + events.getAtIndex(JAVA_INT, e);
        long row1 = row + tapBytes;
        long row2 = row1 + tapBytes;
        final MemorySegment w0 = w.asSlice(row, 4 * LANES * 2L);
        final MemorySegment w1 = w.asSlice(row1, 4 * LANES * 2L);
        final MemorySegment w2 = w.asSlice(row2, 4 * LANES * 2L);
        right0 = ShortVector.fromMemorySegment(Species.SHORTS, w0, 0 * LANES * 2L, LE).add(right0);
        mid0 = ShortVector.fromMemorySegment(Species.SHORTS, w1, 0 * LANES * 2L, LE).add(mid0);
        left0 = ShortVector.fromMemorySegment(Species.SHORTS, w2, 0 * LANES * 2L, LE).add(left0);
        right1 = ShortVector.fromMemorySegment(Species.SHORTS, w0, 1 * LANES * 2L, LE).add(right1);
        mid1 = ShortVector.fromMemorySegment(Species.SHORTS, w1, 1 * LANES * 2L, LE).add(mid1);
        left1 = ShortVector.fromMemorySegment(Species.SHORTS, w2, 1 * LANES * 2L, LE).add(left1);
        right2 = ShortVector.fromMemorySegment(Species.SHORTS, w0, 2 * LANES * 2L, LE).add(right2);
        mid2 = ShortVector.fromMemorySegment(Species.SHORTS, w1, 2 * LANES * 2L, LE).add(mid2);
        left2 = ShortVector.fromMemorySegment(Species.SHORTS, w2, 2 * LANES * 2L, LE).add(left2);
        right3 = ShortVector.fromMemorySegment(Species.SHORTS, w0, 3 * LANES * 2L, LE).add(right3);
        mid3 = ShortVector.fromMemorySegment(Species.SHORTS, w1, 3 * LANES * 2L, LE).add(mid3);
        left3 = ShortVector.fromMemorySegment(Species.SHORTS, w2, 3 * LANES * 2L, LE).add(left3);
      }
      if (x > 0) {
        left0.intoMemorySegment(acc, at - pixelBytes, LE);
        left1.intoMemorySegment(acc, at - pixelBytes + 1 * LANES * 2L, LE);
        left2.intoMemorySegment(acc, at - pixelBytes + 2 * LANES * 2L, LE);
        left3.intoMemorySegment(acc, at - pixelBytes + 3 * LANES * 2L, LE);
      }
      left0 = mid0;
      mid0 = right0;
      left1 = mid1;
      mid1 = right1;
      left2 = mid2;
      mid2 = right2;
      left3 = mid3;
      mid3 = right3;
      at += pixelBytes;
    }
    left0.intoMemorySegment(acc, at - pixelBytes, LE);
    left1.intoMemorySegment(acc, at - pixelBytes + 1 * LANES * 2L, LE);
    left2.intoMemorySegment(acc, at - pixelBytes + 2 * LANES * 2L, LE);
    left3.intoMemorySegment(acc, at - pixelBytes + 3 * LANES * 2L, LE);
  }
}
