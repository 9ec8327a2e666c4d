// SPDX-License-Identifier: Apache-2.0
// DO NOT EDIT: made from src/main/templates/PatternSums.java.template by tools/generate-kernels.sh.
package io.snnsim.kernel.pattern;

import io.snnsim.kernel.contract.ConvArgs;
import io.snnsim.kernel.vector.Loops;
import io.snnsim.kernel.vector.Species;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.ShortVector;

/**
 * Rows of sums by spike patterns, into a 16-bit V.
 *
 * <p>Confined to the simulation's thread; allocates nothing once compiled.
 *
 * <p>Bodies are written out per number of vectors: left, mid and right are the sums of the output
 * pixels before, at and after the source column. A pattern's row is cut out of the tables as a
 * segment of a size that C2 knows: one bounds check instead of one a vector, and no object is left
 * of it.
 */
final class PatternSums16 extends PatternConv {
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
  private static final int BYTES = Species.SHORTS.length() * 2;

  PatternSums16(ConvArgs args, PatternTables tables) {
    super(args, tables);
  }

  @Override
  void roll1(int above, int own, int below, long start, long from) {
    // In locals, since C2 would fetch fields again after every store.
    final MemorySegment t = tables;
    final MemorySegment acc = accumulator;
    final int[] places = rows.places;
    final long start1 = start + rowBytes;
    final long start2 = start1 + rowBytes;
    final int width = targetW;
    final long pixel = pixelBytes;
    final int stride = rows.stride;
    final int groups = rows.evenGroups;
    final int step = 2 * Loops.one();
    ShortVector left0 = ShortVector.zero(Species.SHORTS);
    ShortVector mid0 = ShortVector.fromMemorySegment(Species.SHORTS, acc, from, LE);
    for (int x = 0; x < width; x++) {
      final long at = from + x * pixel;
      final long next = at + pixel;
      ShortVector right0 = ShortVector.fromMemorySegment(Species.SHORTS, acc, next, LE);
      final int end = x * stride + groups;
      for (int i = x * stride; i < end; i += step) {
        MemorySegment s00 = t.asSlice(start + (long) places[above + i] * 1, 3 * 1 * BYTES);
        right0 = ShortVector.fromMemorySegment(Species.SHORTS, s00, 0 * BYTES, LE).add(right0);
        mid0 = ShortVector.fromMemorySegment(Species.SHORTS, s00, 1 * BYTES, LE).add(mid0);
        left0 = ShortVector.fromMemorySegment(Species.SHORTS, s00, 2 * BYTES, LE).add(left0);
        MemorySegment s01 = t.asSlice(start1 + (long) places[own + i] * 1, 3 * 1 * BYTES);
        right0 = ShortVector.fromMemorySegment(Species.SHORTS, s01, 0 * BYTES, LE).add(right0);
        mid0 = ShortVector.fromMemorySegment(Species.SHORTS, s01, 1 * BYTES, LE).add(mid0);
        left0 = ShortVector.fromMemorySegment(Species.SHORTS, s01, 2 * BYTES, LE).add(left0);
        MemorySegment s02 = t.asSlice(start2 + (long) places[below + i] * 1, 3 * 1 * BYTES);
        right0 = ShortVector.fromMemorySegment(Species.SHORTS, s02, 0 * BYTES, LE).add(right0);
        mid0 = ShortVector.fromMemorySegment(Species.SHORTS, s02, 1 * BYTES, LE).add(mid0);
        left0 = ShortVector.fromMemorySegment(Species.SHORTS, s02, 2 * BYTES, LE).add(left0);
        MemorySegment s10 = t.asSlice(start + (long) places[above + i + 1] * 1, 3 * 1 * BYTES);
        right0 = ShortVector.fromMemorySegment(Species.SHORTS, s10, 0 * BYTES, LE).add(right0);
        mid0 = ShortVector.fromMemorySegment(Species.SHORTS, s10, 1 * BYTES, LE).add(mid0);
        left0 = ShortVector.fromMemorySegment(Species.SHORTS, s10, 2 * BYTES, LE).add(left0);
        MemorySegment s11 = t.asSlice(start1 + (long) places[own + i + 1] * 1, 3 * 1 * BYTES);
        right0 = ShortVector.fromMemorySegment(Species.SHORTS, s11, 0 * BYTES, LE).add(right0);
        mid0 = ShortVector.fromMemorySegment(Species.SHORTS, s11, 1 * BYTES, LE).add(mid0);
        left0 = ShortVector.fromMemorySegment(Species.SHORTS, s11, 2 * BYTES, LE).add(left0);
        MemorySegment s12 = t.asSlice(start2 + (long) places[below + i + 1] * 1, 3 * 1 * BYTES);
        right0 = ShortVector.fromMemorySegment(Species.SHORTS, s12, 0 * BYTES, LE).add(right0);
        mid0 = ShortVector.fromMemorySegment(Species.SHORTS, s12, 1 * BYTES, LE).add(mid0);
        left0 = ShortVector.fromMemorySegment(Species.SHORTS, s12, 2 * BYTES, LE).add(left0);
      }
      if (x > 0) {
        left0.intoMemorySegment(acc, at - pixel, LE);
      }
      left0 = mid0;
      mid0 = right0;
    }
    left0.intoMemorySegment(acc, from + (width - 1) * pixel, LE);
  }

  @Override
  void roll2(int above, int own, int below, long start, long from) {
    // In locals, since C2 would fetch fields again after every store.
    final MemorySegment t = tables;
    final MemorySegment acc = accumulator;
    final int[] places = rows.places;
    final long start1 = start + rowBytes;
    final long start2 = start1 + rowBytes;
    final int width = targetW;
    final long pixel = pixelBytes;
    final int stride = rows.stride;
    final int groups = rows.groups;
    final int step = 1 * Loops.one();
    ShortVector left0 = ShortVector.zero(Species.SHORTS);
    ShortVector left1 = ShortVector.zero(Species.SHORTS);
    ShortVector mid0 = ShortVector.fromMemorySegment(Species.SHORTS, acc, from, LE);
    ShortVector mid1 = ShortVector.fromMemorySegment(Species.SHORTS, acc, from + 1 * BYTES, LE);
    for (int x = 0; x < width; x++) {
      final long at = from + x * pixel;
      final long next = at + pixel;
      ShortVector right0 = ShortVector.fromMemorySegment(Species.SHORTS, acc, next, LE);
      ShortVector right1 = ShortVector.fromMemorySegment(Species.SHORTS, acc, next + 1 * BYTES, LE);
      final int end = x * stride + groups;
      for (int i = x * stride; i < end; i += step) {
        MemorySegment s00 = t.asSlice(start + (long) places[above + i] * 2, 3 * 2 * BYTES);
        right0 = ShortVector.fromMemorySegment(Species.SHORTS, s00, 0 * BYTES, LE).add(right0);
        right1 = ShortVector.fromMemorySegment(Species.SHORTS, s00, 1 * BYTES, LE).add(right1);
        mid0 = ShortVector.fromMemorySegment(Species.SHORTS, s00, 2 * BYTES, LE).add(mid0);
        mid1 = ShortVector.fromMemorySegment(Species.SHORTS, s00, 3 * BYTES, LE).add(mid1);
        left0 = ShortVector.fromMemorySegment(Species.SHORTS, s00, 4 * BYTES, LE).add(left0);
        left1 = ShortVector.fromMemorySegment(Species.SHORTS, s00, 5 * BYTES, LE).add(left1);
        MemorySegment s01 = t.asSlice(start1 + (long) places[own + i] * 2, 3 * 2 * BYTES);
        right0 = ShortVector.fromMemorySegment(Species.SHORTS, s01, 0 * BYTES, LE).add(right0);
        right1 = ShortVector.fromMemorySegment(Species.SHORTS, s01, 1 * BYTES, LE).add(right1);
        mid0 = ShortVector.fromMemorySegment(Species.SHORTS, s01, 2 * BYTES, LE).add(mid0);
        mid1 = ShortVector.fromMemorySegment(Species.SHORTS, s01, 3 * BYTES, LE).add(mid1);
        left0 = ShortVector.fromMemorySegment(Species.SHORTS, s01, 4 * BYTES, LE).add(left0);
        left1 = ShortVector.fromMemorySegment(Species.SHORTS, s01, 5 * BYTES, LE).add(left1);
        MemorySegment s02 = t.asSlice(start2 + (long) places[below + i] * 2, 3 * 2 * BYTES);
        right0 = ShortVector.fromMemorySegment(Species.SHORTS, s02, 0 * BYTES, LE).add(right0);
        right1 = ShortVector.fromMemorySegment(Species.SHORTS, s02, 1 * BYTES, LE).add(right1);
        mid0 = ShortVector.fromMemorySegment(Species.SHORTS, s02, 2 * BYTES, LE).add(mid0);
        mid1 = ShortVector.fromMemorySegment(Species.SHORTS, s02, 3 * BYTES, LE).add(mid1);
        left0 = ShortVector.fromMemorySegment(Species.SHORTS, s02, 4 * BYTES, LE).add(left0);
        left1 = ShortVector.fromMemorySegment(Species.SHORTS, s02, 5 * BYTES, LE).add(left1);
      }
      if (x > 0) {
        left0.intoMemorySegment(acc, at - pixel, LE);
        left1.intoMemorySegment(acc, at - pixel + 1 * BYTES, LE);
      }
      left0 = mid0;
      mid0 = right0;
      left1 = mid1;
      mid1 = right1;
    }
    left0.intoMemorySegment(acc, from + (width - 1) * pixel, LE);
    left1.intoMemorySegment(acc, from + (width - 1) * pixel + 1 * BYTES, LE);
  }

  @Override
  void roll1Few(int above, int own, int below, long start, long from) {
    // In locals, since C2 would fetch fields again after every store.
    final MemorySegment t = tables;
    final MemorySegment acc = accumulator;
    final int[] places = rows.places;
    final long start1 = start + rowBytes;
    final long start2 = start1 + rowBytes;
    final int width = targetW;
    final long pixel = pixelBytes;
    ShortVector left0 = ShortVector.zero(Species.SHORTS);
    ShortVector mid0 = ShortVector.fromMemorySegment(Species.SHORTS, acc, from, LE);
    for (int x = 0; x < width; x++) {
      final long at = from + x * pixel;
      final long next = at + pixel;
      ShortVector right0 = ShortVector.fromMemorySegment(Species.SHORTS, acc, next, LE);
      // At most two groups: no loop, which would take as long as the sums.
      final int i = 2 * x;
      MemorySegment s00 = t.asSlice(start + (long) places[above + i] * 1, 3 * 1 * BYTES);
      right0 = ShortVector.fromMemorySegment(Species.SHORTS, s00, 0 * BYTES, LE).add(right0);
      mid0 = ShortVector.fromMemorySegment(Species.SHORTS, s00, 1 * BYTES, LE).add(mid0);
      left0 = ShortVector.fromMemorySegment(Species.SHORTS, s00, 2 * BYTES, LE).add(left0);
      MemorySegment s01 = t.asSlice(start1 + (long) places[own + i] * 1, 3 * 1 * BYTES);
      right0 = ShortVector.fromMemorySegment(Species.SHORTS, s01, 0 * BYTES, LE).add(right0);
      mid0 = ShortVector.fromMemorySegment(Species.SHORTS, s01, 1 * BYTES, LE).add(mid0);
      left0 = ShortVector.fromMemorySegment(Species.SHORTS, s01, 2 * BYTES, LE).add(left0);
      MemorySegment s02 = t.asSlice(start2 + (long) places[below + i] * 1, 3 * 1 * BYTES);
      right0 = ShortVector.fromMemorySegment(Species.SHORTS, s02, 0 * BYTES, LE).add(right0);
      mid0 = ShortVector.fromMemorySegment(Species.SHORTS, s02, 1 * BYTES, LE).add(mid0);
      left0 = ShortVector.fromMemorySegment(Species.SHORTS, s02, 2 * BYTES, LE).add(left0);
      MemorySegment s10 = t.asSlice(start + (long) places[above + i + 1] * 1, 3 * 1 * BYTES);
      right0 = ShortVector.fromMemorySegment(Species.SHORTS, s10, 0 * BYTES, LE).add(right0);
      mid0 = ShortVector.fromMemorySegment(Species.SHORTS, s10, 1 * BYTES, LE).add(mid0);
      left0 = ShortVector.fromMemorySegment(Species.SHORTS, s10, 2 * BYTES, LE).add(left0);
      MemorySegment s11 = t.asSlice(start1 + (long) places[own + i + 1] * 1, 3 * 1 * BYTES);
      right0 = ShortVector.fromMemorySegment(Species.SHORTS, s11, 0 * BYTES, LE).add(right0);
      mid0 = ShortVector.fromMemorySegment(Species.SHORTS, s11, 1 * BYTES, LE).add(mid0);
      left0 = ShortVector.fromMemorySegment(Species.SHORTS, s11, 2 * BYTES, LE).add(left0);
      MemorySegment s12 = t.asSlice(start2 + (long) places[below + i + 1] * 1, 3 * 1 * BYTES);
      right0 = ShortVector.fromMemorySegment(Species.SHORTS, s12, 0 * BYTES, LE).add(right0);
      mid0 = ShortVector.fromMemorySegment(Species.SHORTS, s12, 1 * BYTES, LE).add(mid0);
      left0 = ShortVector.fromMemorySegment(Species.SHORTS, s12, 2 * BYTES, LE).add(left0);
      if (x > 0) {
        left0.intoMemorySegment(acc, at - pixel, LE);
      }
      left0 = mid0;
      mid0 = right0;
    }
    left0.intoMemorySegment(acc, from + (width - 1) * pixel, LE);
  }

  @Override
  void gather1(int[] met, long start, long from) {
    final MemorySegment t = tables;
    final MemorySegment acc = accumulator;
    final int[] places = rows.places;
    final int firstKy = this.firstKy;
    final int endKy = this.endKy;
    final long column = 1 * BYTES;
    final int kernelW = window.kernelW();
    final int dilationW = window.dilationW();
    final int columns = sourceW;
    final long nextRow = rowBytes;
    final int stride = rows.stride;
    final int step = 2 * Loops.one();
    final int groups = rows.evenGroups;
    final long pixel = pixelBytes;
    final int width = targetW;
    for (int x = 0; x < width; x++) {
      final long at = from + x * pixel;
      int left = x * window.strideW() - window.padW();
      ShortVector sum0 = ShortVector.fromMemorySegment(Species.SHORTS, acc, at, LE);
      for (int kx = 0; kx < kernelW; kx++) {
        int ix = left + kx * dilationW;
        if (ix < 0 || ix >= columns) {
          continue;
        }
        final int first = ix * stride;
        final int end = first + groups;
        long tap = start + firstKy * nextRow + kx * column;
        for (int ky = firstKy; ky < endKy; ky++, tap += nextRow) {
          final int row = met[ky];
          for (int i = first; i < end; i += step) {
            MemorySegment s0 = t.asSlice(tap + (long) places[row + i] * 1, 1 * BYTES);
            sum0 = ShortVector.fromMemorySegment(Species.SHORTS, s0, 0 * BYTES, LE).add(sum0);
            MemorySegment s1 = t.asSlice(tap + (long) places[row + i + 1] * 1, 1 * BYTES);
            sum0 = ShortVector.fromMemorySegment(Species.SHORTS, s1, 0 * BYTES, LE).add(sum0);
          }
        }
      }
      sum0.intoMemorySegment(acc, at, LE);
    }
  }

  @Override
  void gather2(int[] met, long start, long from) {
    final MemorySegment t = tables;
    final MemorySegment acc = accumulator;
    final int[] places = rows.places;
    final int firstKy = this.firstKy;
    final int endKy = this.endKy;
    final long column = 2 * BYTES;
    final int kernelW = window.kernelW();
    final int dilationW = window.dilationW();
    final int columns = sourceW;
    final long nextRow = rowBytes;
    final int stride = rows.stride;
    final int step = 2 * Loops.one();
    final int groups = rows.evenGroups;
    final long pixel = pixelBytes;
    final int width = targetW;
    for (int x = 0; x < width; x++) {
      final long at = from + x * pixel;
      int left = x * window.strideW() - window.padW();
      ShortVector sum0 = ShortVector.fromMemorySegment(Species.SHORTS, acc, at, LE);
      ShortVector sum1 = ShortVector.fromMemorySegment(Species.SHORTS, acc, at + 1 * BYTES, LE);
      for (int kx = 0; kx < kernelW; kx++) {
        int ix = left + kx * dilationW;
        if (ix < 0 || ix >= columns) {
          continue;
        }
        final int first = ix * stride;
        final int end = first + groups;
        long tap = start + firstKy * nextRow + kx * column;
        for (int ky = firstKy; ky < endKy; ky++, tap += nextRow) {
          final int row = met[ky];
          for (int i = first; i < end; i += step) {
            MemorySegment s0 = t.asSlice(tap + (long) places[row + i] * 2, 2 * BYTES);
            sum0 = ShortVector.fromMemorySegment(Species.SHORTS, s0, 0 * BYTES, LE).add(sum0);
            sum1 = ShortVector.fromMemorySegment(Species.SHORTS, s0, 1 * BYTES, LE).add(sum1);
            MemorySegment s1 = t.asSlice(tap + (long) places[row + i + 1] * 2, 2 * BYTES);
            sum0 = ShortVector.fromMemorySegment(Species.SHORTS, s1, 0 * BYTES, LE).add(sum0);
            sum1 = ShortVector.fromMemorySegment(Species.SHORTS, s1, 1 * BYTES, LE).add(sum1);
          }
        }
      }
      sum0.intoMemorySegment(acc, at, LE);
      sum1.intoMemorySegment(acc, at + 1 * BYTES, LE);
    }
  }

  @Override
  void gather4(int[] met, long start, long from) {
    final MemorySegment t = tables;
    final MemorySegment acc = accumulator;
    final int[] places = rows.places;
    final int firstKy = this.firstKy;
    final int endKy = this.endKy;
    final long column = 4 * BYTES;
    final int kernelW = window.kernelW();
    final int dilationW = window.dilationW();
    final int columns = sourceW;
    final long nextRow = rowBytes;
    final int stride = rows.stride;
    final int step = 1 * Loops.one();
    final int groups = rows.groups;
    final long pixel = pixelBytes;
    final int width = targetW;
    for (int x = 0; x < width; x++) {
      final long at = from + x * pixel;
      int left = x * window.strideW() - window.padW();
      ShortVector sum0 = ShortVector.fromMemorySegment(Species.SHORTS, acc, at, LE);
      ShortVector sum1 = ShortVector.fromMemorySegment(Species.SHORTS, acc, at + 1 * BYTES, LE);
      ShortVector sum2 = ShortVector.fromMemorySegment(Species.SHORTS, acc, at + 2 * BYTES, LE);
      ShortVector sum3 = ShortVector.fromMemorySegment(Species.SHORTS, acc, at + 3 * BYTES, LE);
      for (int kx = 0; kx < kernelW; kx++) {
        int ix = left + kx * dilationW;
        if (ix < 0 || ix >= columns) {
          continue;
        }
        final int first = ix * stride;
        final int end = first + groups;
        long tap = start + firstKy * nextRow + kx * column;
        for (int ky = firstKy; ky < endKy; ky++, tap += nextRow) {
          final int row = met[ky];
          for (int i = first; i < end; i += step) {
            MemorySegment s0 = t.asSlice(tap + (long) places[row + i] * 4, 4 * BYTES);
            sum0 = ShortVector.fromMemorySegment(Species.SHORTS, s0, 0 * BYTES, LE).add(sum0);
            sum1 = ShortVector.fromMemorySegment(Species.SHORTS, s0, 1 * BYTES, LE).add(sum1);
            sum2 = ShortVector.fromMemorySegment(Species.SHORTS, s0, 2 * BYTES, LE).add(sum2);
            sum3 = ShortVector.fromMemorySegment(Species.SHORTS, s0, 3 * BYTES, LE).add(sum3);
          }
        }
      }
      sum0.intoMemorySegment(acc, at, LE);
      sum1.intoMemorySegment(acc, at + 1 * BYTES, LE);
      sum2.intoMemorySegment(acc, at + 2 * BYTES, LE);
      sum3.intoMemorySegment(acc, at + 3 * BYTES, LE);
    }
  }
}
