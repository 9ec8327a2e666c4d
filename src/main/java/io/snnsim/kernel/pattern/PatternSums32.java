// SPDX-License-Identifier: Apache-2.0
// DO NOT EDIT: made from src/main/templates/PatternSums.java.template by tools/generate-kernels.sh.
package io.snnsim.kernel.pattern;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.snnsim.kernel.contract.ConvArgs;
import io.snnsim.kernel.vector.Species;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.IntVector;

/**
 * Rows of sums by spike patterns, into a 32-bit V.
 *
 * <p>Confined to the simulation's thread; allocates nothing once compiled.
 *
 * <p>Bodies are written out per number of vectors: left, mid and right are the sums of the output
 * pixels before, at and after the source column.
 */
final class PatternSums32 extends PatternConv {
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
  private static final int BYTES = Species.INTS.length() * 4;

  PatternSums32(ConvArgs args, PatternTables tables) {
    super(args, tables);
  }

  @Override
  void roll1(int y, long start, int first) {
    final MemorySegment t = tables;
    final MemorySegment acc = accumulator;
    final MemorySegment source = spikes;
    final int shift = bits;
    final long mask = (1L << shift) - 1;
    final long group = (long) 3 * 1 * BYTES << shift;
    final long row = rowBytes;
    final int pixel = pixelBytes;
    final int n = words;
    final long keepAbove = keep(sourceRow(y, 0));
    final long keepOwn = keep(sourceRow(y, 1));
    final long keepBelow = keep(sourceRow(y, 2));
    long above = wordsOf(sourceRow(y, 0));
    long own = wordsOf(sourceRow(y, 1));
    long below = wordsOf(sourceRow(y, 2));
    long at = (long) first * BYTES;
    IntVector left0 = IntVector.zero(Species.INTS);
    IntVector mid0 = IntVector.fromMemorySegment(Species.INTS, acc, at, LE);
    for (int x = 0; x < targetW; x++) {
      // Beyond the last pixel the sum is never stored: any loadable place will do.
      long next = x + 1 < targetW ? at + pixel : at;
      IntVector right0 = IntVector.fromMemorySegment(Species.INTS, acc, next, LE);
      for (int w = 0; w < n; w++, above += 8, own += 8, below += 8) {
        long w0 = source.get(JAVA_LONG, above) & keepAbove;
        long w1 = source.get(JAVA_LONG, own) & keepOwn;
        long w2 = source.get(JAVA_LONG, below) & keepBelow;
        int groups = w + 1 < n ? wordGroups : lastGroups;
        long g0 = start + (long) w * wordGroups * group;
        // Two groups a turn. One that is not there has no spikes, and without spikes all are zeros.
        for (int g = 0; g < groups; g += 2) {
          long p00 = g0 + (w0 & mask) * (3 * 1 * BYTES);
          right0 = IntVector.fromMemorySegment(Species.INTS, t, p00, LE).add(right0);
          mid0 = IntVector.fromMemorySegment(Species.INTS, t, p00 + 1 * BYTES, LE).add(mid0);
          left0 = IntVector.fromMemorySegment(Species.INTS, t, p00 + 2 * BYTES, LE).add(left0);
          w0 >>>= shift;
          long p01 = g0 + 1 * row + (w1 & mask) * (3 * 1 * BYTES);
          right0 = IntVector.fromMemorySegment(Species.INTS, t, p01, LE).add(right0);
          mid0 = IntVector.fromMemorySegment(Species.INTS, t, p01 + 1 * BYTES, LE).add(mid0);
          left0 = IntVector.fromMemorySegment(Species.INTS, t, p01 + 2 * BYTES, LE).add(left0);
          w1 >>>= shift;
          long p02 = g0 + 2 * row + (w2 & mask) * (3 * 1 * BYTES);
          right0 = IntVector.fromMemorySegment(Species.INTS, t, p02, LE).add(right0);
          mid0 = IntVector.fromMemorySegment(Species.INTS, t, p02 + 1 * BYTES, LE).add(mid0);
          left0 = IntVector.fromMemorySegment(Species.INTS, t, p02 + 2 * BYTES, LE).add(left0);
          w2 >>>= shift;
          g0 += group;
          long p10 = g0 + (w0 & mask) * (3 * 1 * BYTES);
          right0 = IntVector.fromMemorySegment(Species.INTS, t, p10, LE).add(right0);
          mid0 = IntVector.fromMemorySegment(Species.INTS, t, p10 + 1 * BYTES, LE).add(mid0);
          left0 = IntVector.fromMemorySegment(Species.INTS, t, p10 + 2 * BYTES, LE).add(left0);
          w0 >>>= shift;
          long p11 = g0 + 1 * row + (w1 & mask) * (3 * 1 * BYTES);
          right0 = IntVector.fromMemorySegment(Species.INTS, t, p11, LE).add(right0);
          mid0 = IntVector.fromMemorySegment(Species.INTS, t, p11 + 1 * BYTES, LE).add(mid0);
          left0 = IntVector.fromMemorySegment(Species.INTS, t, p11 + 2 * BYTES, LE).add(left0);
          w1 >>>= shift;
          long p12 = g0 + 2 * row + (w2 & mask) * (3 * 1 * BYTES);
          right0 = IntVector.fromMemorySegment(Species.INTS, t, p12, LE).add(right0);
          mid0 = IntVector.fromMemorySegment(Species.INTS, t, p12 + 1 * BYTES, LE).add(mid0);
          left0 = IntVector.fromMemorySegment(Species.INTS, t, p12 + 2 * BYTES, LE).add(left0);
          w2 >>>= shift;
          g0 += group;
        }
      }
      if (x > 0) {
        left0.intoMemorySegment(acc, at - pixel, LE);
      }
      left0 = mid0;
      mid0 = right0;
      at += pixel;
    }
    left0.intoMemorySegment(acc, at - pixel, LE);
  }

  @Override
  void roll2(int y, long start, int first) {
    final MemorySegment t = tables;
    final MemorySegment acc = accumulator;
    final MemorySegment source = spikes;
    final int shift = bits;
    final long mask = (1L << shift) - 1;
    final long group = (long) 3 * 2 * BYTES << shift;
    final long row = rowBytes;
    final int pixel = pixelBytes;
    final int n = words;
    final long keepAbove = keep(sourceRow(y, 0));
    final long keepOwn = keep(sourceRow(y, 1));
    final long keepBelow = keep(sourceRow(y, 2));
    long above = wordsOf(sourceRow(y, 0));
    long own = wordsOf(sourceRow(y, 1));
    long below = wordsOf(sourceRow(y, 2));
    long at = (long) first * BYTES;
    IntVector left0 = IntVector.zero(Species.INTS);
    IntVector left1 = IntVector.zero(Species.INTS);
    IntVector mid0 = IntVector.fromMemorySegment(Species.INTS, acc, at, LE);
    IntVector mid1 = IntVector.fromMemorySegment(Species.INTS, acc, at + 1 * BYTES, LE);
    for (int x = 0; x < targetW; x++) {
      // Beyond the last pixel the sum is never stored: any loadable place will do.
      long next = x + 1 < targetW ? at + pixel : at;
      IntVector right0 = IntVector.fromMemorySegment(Species.INTS, acc, next, LE);
      IntVector right1 = IntVector.fromMemorySegment(Species.INTS, acc, next + 1 * BYTES, LE);
      for (int w = 0; w < n; w++, above += 8, own += 8, below += 8) {
        long w0 = source.get(JAVA_LONG, above) & keepAbove;
        long w1 = source.get(JAVA_LONG, own) & keepOwn;
        long w2 = source.get(JAVA_LONG, below) & keepBelow;
        int groups = w + 1 < n ? wordGroups : lastGroups;
        long g0 = start + (long) w * wordGroups * group;
        for (int g = 0; g < groups; g++) {
          long p00 = g0 + (w0 & mask) * (3 * 2 * BYTES);
          right0 = IntVector.fromMemorySegment(Species.INTS, t, p00, LE).add(right0);
          right1 = IntVector.fromMemorySegment(Species.INTS, t, p00 + 1 * BYTES, LE).add(right1);
          mid0 = IntVector.fromMemorySegment(Species.INTS, t, p00 + 2 * BYTES, LE).add(mid0);
          mid1 = IntVector.fromMemorySegment(Species.INTS, t, p00 + 3 * BYTES, LE).add(mid1);
          left0 = IntVector.fromMemorySegment(Species.INTS, t, p00 + 4 * BYTES, LE).add(left0);
          left1 = IntVector.fromMemorySegment(Species.INTS, t, p00 + 5 * BYTES, LE).add(left1);
          w0 >>>= shift;
          long p01 = g0 + 1 * row + (w1 & mask) * (3 * 2 * BYTES);
          right0 = IntVector.fromMemorySegment(Species.INTS, t, p01, LE).add(right0);
          right1 = IntVector.fromMemorySegment(Species.INTS, t, p01 + 1 * BYTES, LE).add(right1);
          mid0 = IntVector.fromMemorySegment(Species.INTS, t, p01 + 2 * BYTES, LE).add(mid0);
          mid1 = IntVector.fromMemorySegment(Species.INTS, t, p01 + 3 * BYTES, LE).add(mid1);
          left0 = IntVector.fromMemorySegment(Species.INTS, t, p01 + 4 * BYTES, LE).add(left0);
          left1 = IntVector.fromMemorySegment(Species.INTS, t, p01 + 5 * BYTES, LE).add(left1);
          w1 >>>= shift;
          long p02 = g0 + 2 * row + (w2 & mask) * (3 * 2 * BYTES);
          right0 = IntVector.fromMemorySegment(Species.INTS, t, p02, LE).add(right0);
          right1 = IntVector.fromMemorySegment(Species.INTS, t, p02 + 1 * BYTES, LE).add(right1);
          mid0 = IntVector.fromMemorySegment(Species.INTS, t, p02 + 2 * BYTES, LE).add(mid0);
          mid1 = IntVector.fromMemorySegment(Species.INTS, t, p02 + 3 * BYTES, LE).add(mid1);
          left0 = IntVector.fromMemorySegment(Species.INTS, t, p02 + 4 * BYTES, LE).add(left0);
          left1 = IntVector.fromMemorySegment(Species.INTS, t, p02 + 5 * BYTES, LE).add(left1);
          w2 >>>= shift;
          g0 += group;
        }
      }
      if (x > 0) {
        left0.intoMemorySegment(acc, at - pixel, LE);
        left1.intoMemorySegment(acc, at - pixel + 1 * BYTES, LE);
      }
      left0 = mid0;
      mid0 = right0;
      left1 = mid1;
      mid1 = right1;
      at += pixel;
    }
    left0.intoMemorySegment(acc, at - pixel, LE);
    left1.intoMemorySegment(acc, at - pixel + 1 * BYTES, LE);
  }

  @Override
  void roll1Few(int y, long start, int first) {
    final MemorySegment t = tables;
    final MemorySegment acc = accumulator;
    final MemorySegment source = spikes;
    final int shift = bits;
    final long mask = (1L << shift) - 1;
    final long group = (long) 3 * 1 * BYTES << shift;
    final long row = rowBytes;
    final int pixel = pixelBytes;
    final long keepAbove = keep(sourceRow(y, 0));
    final long keepOwn = keep(sourceRow(y, 1));
    final long keepBelow = keep(sourceRow(y, 2));
    long above = wordsOf(sourceRow(y, 0));
    long own = wordsOf(sourceRow(y, 1));
    long below = wordsOf(sourceRow(y, 2));
    long at = (long) first * BYTES;
    IntVector left0 = IntVector.zero(Species.INTS);
    IntVector mid0 = IntVector.fromMemorySegment(Species.INTS, acc, at, LE);
    for (int x = 0; x < targetW; x++) {
      // Beyond the last pixel the sum is never stored: any loadable place will do.
      long next = x + 1 < targetW ? at + pixel : at;
      IntVector right0 = IntVector.fromMemorySegment(Species.INTS, acc, next, LE);
      // One word of at most two groups: no loops, which would take as long as the sums.
      long w0 = source.get(JAVA_LONG, above) & keepAbove;
      long w1 = source.get(JAVA_LONG, own) & keepOwn;
      long w2 = source.get(JAVA_LONG, below) & keepBelow;
      above += 8;
      own += 8;
      below += 8;
      long g0 = start;
      long p00 = g0 + (w0 & mask) * (3 * 1 * BYTES);
      right0 = IntVector.fromMemorySegment(Species.INTS, t, p00, LE).add(right0);
      mid0 = IntVector.fromMemorySegment(Species.INTS, t, p00 + 1 * BYTES, LE).add(mid0);
      left0 = IntVector.fromMemorySegment(Species.INTS, t, p00 + 2 * BYTES, LE).add(left0);
      w0 >>>= shift;
      long p01 = g0 + 1 * row + (w1 & mask) * (3 * 1 * BYTES);
      right0 = IntVector.fromMemorySegment(Species.INTS, t, p01, LE).add(right0);
      mid0 = IntVector.fromMemorySegment(Species.INTS, t, p01 + 1 * BYTES, LE).add(mid0);
      left0 = IntVector.fromMemorySegment(Species.INTS, t, p01 + 2 * BYTES, LE).add(left0);
      w1 >>>= shift;
      long p02 = g0 + 2 * row + (w2 & mask) * (3 * 1 * BYTES);
      right0 = IntVector.fromMemorySegment(Species.INTS, t, p02, LE).add(right0);
      mid0 = IntVector.fromMemorySegment(Species.INTS, t, p02 + 1 * BYTES, LE).add(mid0);
      left0 = IntVector.fromMemorySegment(Species.INTS, t, p02 + 2 * BYTES, LE).add(left0);
      w2 >>>= shift;
      g0 += group;
      long p10 = g0 + (w0 & mask) * (3 * 1 * BYTES);
      right0 = IntVector.fromMemorySegment(Species.INTS, t, p10, LE).add(right0);
      mid0 = IntVector.fromMemorySegment(Species.INTS, t, p10 + 1 * BYTES, LE).add(mid0);
      left0 = IntVector.fromMemorySegment(Species.INTS, t, p10 + 2 * BYTES, LE).add(left0);
      w0 >>>= shift;
      long p11 = g0 + 1 * row + (w1 & mask) * (3 * 1 * BYTES);
      right0 = IntVector.fromMemorySegment(Species.INTS, t, p11, LE).add(right0);
      mid0 = IntVector.fromMemorySegment(Species.INTS, t, p11 + 1 * BYTES, LE).add(mid0);
      left0 = IntVector.fromMemorySegment(Species.INTS, t, p11 + 2 * BYTES, LE).add(left0);
      w1 >>>= shift;
      long p12 = g0 + 2 * row + (w2 & mask) * (3 * 1 * BYTES);
      right0 = IntVector.fromMemorySegment(Species.INTS, t, p12, LE).add(right0);
      mid0 = IntVector.fromMemorySegment(Species.INTS, t, p12 + 1 * BYTES, LE).add(mid0);
      left0 = IntVector.fromMemorySegment(Species.INTS, t, p12 + 2 * BYTES, LE).add(left0);
      w2 >>>= shift;
      g0 += group;
      if (x > 0) {
        left0.intoMemorySegment(acc, at - pixel, LE);
      }
      left0 = mid0;
      mid0 = right0;
      at += pixel;
    }
    left0.intoMemorySegment(acc, at - pixel, LE);
  }

  @Override
  void gather1(int y, long start, int first) {
    // In locals, since C2 would fetch fields again after every store.
    final MemorySegment t = tables;
    final MemorySegment acc = accumulator;
    final MemorySegment source = spikes;
    final int shift = bits;
    final long mask = (1L << shift) - 1;
    final long column = 1 * BYTES;
    final int kernelW = window.kernelW();
    final int dilationW = window.dilationW();
    final int columns = sourceW;
    final long each = kernelW * column;
    final long group = each << shift;
    final long nextRow = rowBytes;
    final int n = 1;
    final int groups = lastGroups;
    final int pixel = pixelBytes;
    final int width = targetW;
    final int firstKy = firstRow(y);
    final int endKy = endRow(y);
    final long rowWords = (long) window.dilationH() * columns * n * 8;
    final long above = wordsOf(sourceRow(y, firstKy));
    long at = (long) first * BYTES;
    for (int x = 0; x < width; x++, at += pixel) {
      int left = x * window.strideW() - window.padW();
      IntVector sum0 = IntVector.fromMemorySegment(Species.INTS, acc, at, LE);
      for (int kx = 0; kx < kernelW; kx++) {
        int ix = left + kx * dilationW;
        if (ix < 0 || ix >= columns) {
          continue;
        }
        long pixelAt = above + (long) ix * n * 8;
        long g0 = start + firstKy * nextRow + kx * column;
        for (int ky = firstKy; ky < endKy; ky++, pixelAt += rowWords, g0 += nextRow) {
          long g1 = g0;
          long word = source.get(JAVA_LONG, pixelAt);
          // Two groups a turn, as above.
          for (int g = 0; g < groups; g += 2) {
            long p0 = g1 + (word & mask) * each;
            sum0 = IntVector.fromMemorySegment(Species.INTS, t, p0, LE).add(sum0);
            word >>>= shift;
            g1 += group;
            long p1 = g1 + (word & mask) * each;
            sum0 = IntVector.fromMemorySegment(Species.INTS, t, p1, LE).add(sum0);
            word >>>= shift;
            g1 += group;
          }
        }
      }
      sum0.intoMemorySegment(acc, at, LE);
    }
  }

  @Override
  void gather2(int y, long start, int first) {
    // In locals, since C2 would fetch fields again after every store.
    final MemorySegment t = tables;
    final MemorySegment acc = accumulator;
    final MemorySegment source = spikes;
    final int shift = bits;
    final long mask = (1L << shift) - 1;
    final long column = 2 * BYTES;
    final int kernelW = window.kernelW();
    final int dilationW = window.dilationW();
    final int columns = sourceW;
    final long each = kernelW * column;
    final long group = each << shift;
    final long nextRow = rowBytes;
    final int n = 1;
    final int groups = lastGroups;
    final int pixel = pixelBytes;
    final int width = targetW;
    final int firstKy = firstRow(y);
    final int endKy = endRow(y);
    final long rowWords = (long) window.dilationH() * columns * n * 8;
    final long above = wordsOf(sourceRow(y, firstKy));
    long at = (long) first * BYTES;
    for (int x = 0; x < width; x++, at += pixel) {
      int left = x * window.strideW() - window.padW();
      IntVector sum0 = IntVector.fromMemorySegment(Species.INTS, acc, at, LE);
      IntVector sum1 = IntVector.fromMemorySegment(Species.INTS, acc, at + 1 * BYTES, LE);
      for (int kx = 0; kx < kernelW; kx++) {
        int ix = left + kx * dilationW;
        if (ix < 0 || ix >= columns) {
          continue;
        }
        long pixelAt = above + (long) ix * n * 8;
        long g0 = start + firstKy * nextRow + kx * column;
        for (int ky = firstKy; ky < endKy; ky++, pixelAt += rowWords, g0 += nextRow) {
          long g1 = g0;
          long word = source.get(JAVA_LONG, pixelAt);
          // Two groups a turn, as above.
          for (int g = 0; g < groups; g += 2) {
            long p0 = g1 + (word & mask) * each;
            sum0 = IntVector.fromMemorySegment(Species.INTS, t, p0, LE).add(sum0);
            sum1 = IntVector.fromMemorySegment(Species.INTS, t, p0 + 1 * BYTES, LE).add(sum1);
            word >>>= shift;
            g1 += group;
            long p1 = g1 + (word & mask) * each;
            sum0 = IntVector.fromMemorySegment(Species.INTS, t, p1, LE).add(sum0);
            sum1 = IntVector.fromMemorySegment(Species.INTS, t, p1 + 1 * BYTES, LE).add(sum1);
            word >>>= shift;
            g1 += group;
          }
        }
      }
      sum0.intoMemorySegment(acc, at, LE);
      sum1.intoMemorySegment(acc, at + 1 * BYTES, LE);
    }
  }

  @Override
  void gather4(int y, long start, int first) {
    // In locals, since C2 would fetch fields again after every store.
    final MemorySegment t = tables;
    final MemorySegment acc = accumulator;
    final MemorySegment source = spikes;
    final int shift = bits;
    final long mask = (1L << shift) - 1;
    final long column = 4 * BYTES;
    final int kernelW = window.kernelW();
    final int dilationW = window.dilationW();
    final int columns = sourceW;
    final long each = kernelW * column;
    final long group = each << shift;
    final long nextRow = rowBytes;
    final int n = 1;
    final int groups = lastGroups;
    final int pixel = pixelBytes;
    final int width = targetW;
    final int firstKy = firstRow(y);
    final int endKy = endRow(y);
    final long rowWords = (long) window.dilationH() * columns * n * 8;
    final long above = wordsOf(sourceRow(y, firstKy));
    long at = (long) first * BYTES;
    for (int x = 0; x < width; x++, at += pixel) {
      int left = x * window.strideW() - window.padW();
      IntVector sum0 = IntVector.fromMemorySegment(Species.INTS, acc, at, LE);
      IntVector sum1 = IntVector.fromMemorySegment(Species.INTS, acc, at + 1 * BYTES, LE);
      IntVector sum2 = IntVector.fromMemorySegment(Species.INTS, acc, at + 2 * BYTES, LE);
      IntVector sum3 = IntVector.fromMemorySegment(Species.INTS, acc, at + 3 * BYTES, LE);
      for (int kx = 0; kx < kernelW; kx++) {
        int ix = left + kx * dilationW;
        if (ix < 0 || ix >= columns) {
          continue;
        }
        long pixelAt = above + (long) ix * n * 8;
        long g0 = start + firstKy * nextRow + kx * column;
        for (int ky = firstKy; ky < endKy; ky++, pixelAt += rowWords, g0 += nextRow) {
          long g1 = g0;
          long word = source.get(JAVA_LONG, pixelAt);
          for (int g = 0; g < groups; g++) {
            long p0 = g1 + (word & mask) * each;
            sum0 = IntVector.fromMemorySegment(Species.INTS, t, p0, LE).add(sum0);
            sum1 = IntVector.fromMemorySegment(Species.INTS, t, p0 + 1 * BYTES, LE).add(sum1);
            sum2 = IntVector.fromMemorySegment(Species.INTS, t, p0 + 2 * BYTES, LE).add(sum2);
            sum3 = IntVector.fromMemorySegment(Species.INTS, t, p0 + 3 * BYTES, LE).add(sum3);
            word >>>= shift;
            g1 += group;
          }
        }
      }
      sum0.intoMemorySegment(acc, at, LE);
      sum1.intoMemorySegment(acc, at + 1 * BYTES, LE);
      sum2.intoMemorySegment(acc, at + 2 * BYTES, LE);
      sum3.intoMemorySegment(acc, at + 3 * BYTES, LE);
    }
  }

  @Override
  void gather1Many(int y, long start, int first) {
    // In locals, since C2 would fetch fields again after every store.
    final MemorySegment t = tables;
    final MemorySegment acc = accumulator;
    final MemorySegment source = spikes;
    final int shift = bits;
    final long mask = (1L << shift) - 1;
    final long column = 1 * BYTES;
    final int kernelW = window.kernelW();
    final int dilationW = window.dilationW();
    final int columns = sourceW;
    final long each = kernelW * column;
    final long group = each << shift;
    final long nextRow = rowBytes;
    final int n = words;
    final int inWord = wordGroups;
    final int inLast = lastGroups;
    final int pixel = pixelBytes;
    final int width = targetW;
    final int firstKy = firstRow(y);
    final int endKy = endRow(y);
    final long rowWords = (long) window.dilationH() * columns * n * 8;
    final long above = wordsOf(sourceRow(y, firstKy));
    long at = (long) first * BYTES;
    for (int x = 0; x < width; x++, at += pixel) {
      int left = x * window.strideW() - window.padW();
      IntVector sum0 = IntVector.fromMemorySegment(Species.INTS, acc, at, LE);
      for (int kx = 0; kx < kernelW; kx++) {
        int ix = left + kx * dilationW;
        if (ix < 0 || ix >= columns) {
          continue;
        }
        long pixelAt = above + (long) ix * n * 8;
        long g0 = start + firstKy * nextRow + kx * column;
        for (int ky = firstKy; ky < endKy; ky++, pixelAt += rowWords, g0 += nextRow) {
          for (int w = 0; w < n; w++) {
            long g1 = g0 + (long) w * inWord * group;
            long word = source.get(JAVA_LONG, pixelAt + w * 8L);
            int groups = w + 1 < n ? inWord : inLast;
            // Two groups a turn, as above.
            for (int g = 0; g < groups; g += 2) {
              long p0 = g1 + (word & mask) * each;
              sum0 = IntVector.fromMemorySegment(Species.INTS, t, p0, LE).add(sum0);
              word >>>= shift;
              g1 += group;
              long p1 = g1 + (word & mask) * each;
              sum0 = IntVector.fromMemorySegment(Species.INTS, t, p1, LE).add(sum0);
              word >>>= shift;
              g1 += group;
            }
          }
        }
      }
      sum0.intoMemorySegment(acc, at, LE);
    }
  }

  @Override
  void gather2Many(int y, long start, int first) {
    // In locals, since C2 would fetch fields again after every store.
    final MemorySegment t = tables;
    final MemorySegment acc = accumulator;
    final MemorySegment source = spikes;
    final int shift = bits;
    final long mask = (1L << shift) - 1;
    final long column = 2 * BYTES;
    final int kernelW = window.kernelW();
    final int dilationW = window.dilationW();
    final int columns = sourceW;
    final long each = kernelW * column;
    final long group = each << shift;
    final long nextRow = rowBytes;
    final int n = words;
    final int inWord = wordGroups;
    final int inLast = lastGroups;
    final int pixel = pixelBytes;
    final int width = targetW;
    final int firstKy = firstRow(y);
    final int endKy = endRow(y);
    final long rowWords = (long) window.dilationH() * columns * n * 8;
    final long above = wordsOf(sourceRow(y, firstKy));
    long at = (long) first * BYTES;
    for (int x = 0; x < width; x++, at += pixel) {
      int left = x * window.strideW() - window.padW();
      IntVector sum0 = IntVector.fromMemorySegment(Species.INTS, acc, at, LE);
      IntVector sum1 = IntVector.fromMemorySegment(Species.INTS, acc, at + 1 * BYTES, LE);
      for (int kx = 0; kx < kernelW; kx++) {
        int ix = left + kx * dilationW;
        if (ix < 0 || ix >= columns) {
          continue;
        }
        long pixelAt = above + (long) ix * n * 8;
        long g0 = start + firstKy * nextRow + kx * column;
        for (int ky = firstKy; ky < endKy; ky++, pixelAt += rowWords, g0 += nextRow) {
          for (int w = 0; w < n; w++) {
            long g1 = g0 + (long) w * inWord * group;
            long word = source.get(JAVA_LONG, pixelAt + w * 8L);
            int groups = w + 1 < n ? inWord : inLast;
            // Two groups a turn, as above.
            for (int g = 0; g < groups; g += 2) {
              long p0 = g1 + (word & mask) * each;
              sum0 = IntVector.fromMemorySegment(Species.INTS, t, p0, LE).add(sum0);
              sum1 = IntVector.fromMemorySegment(Species.INTS, t, p0 + 1 * BYTES, LE).add(sum1);
              word >>>= shift;
              g1 += group;
              long p1 = g1 + (word & mask) * each;
              sum0 = IntVector.fromMemorySegment(Species.INTS, t, p1, LE).add(sum0);
              sum1 = IntVector.fromMemorySegment(Species.INTS, t, p1 + 1 * BYTES, LE).add(sum1);
              word >>>= shift;
              g1 += group;
            }
          }
        }
      }
      sum0.intoMemorySegment(acc, at, LE);
      sum1.intoMemorySegment(acc, at + 1 * BYTES, LE);
    }
  }

  @Override
  void gather4Many(int y, long start, int first) {
    // In locals, since C2 would fetch fields again after every store.
    final MemorySegment t = tables;
    final MemorySegment acc = accumulator;
    final MemorySegment source = spikes;
    final int shift = bits;
    final long mask = (1L << shift) - 1;
    final long column = 4 * BYTES;
    final int kernelW = window.kernelW();
    final int dilationW = window.dilationW();
    final int columns = sourceW;
    final long each = kernelW * column;
    final long group = each << shift;
    final long nextRow = rowBytes;
    final int n = words;
    final int inWord = wordGroups;
    final int inLast = lastGroups;
    final int pixel = pixelBytes;
    final int width = targetW;
    final int firstKy = firstRow(y);
    final int endKy = endRow(y);
    final long rowWords = (long) window.dilationH() * columns * n * 8;
    final long above = wordsOf(sourceRow(y, firstKy));
    long at = (long) first * BYTES;
    for (int x = 0; x < width; x++, at += pixel) {
      int left = x * window.strideW() - window.padW();
      IntVector sum0 = IntVector.fromMemorySegment(Species.INTS, acc, at, LE);
      IntVector sum1 = IntVector.fromMemorySegment(Species.INTS, acc, at + 1 * BYTES, LE);
      IntVector sum2 = IntVector.fromMemorySegment(Species.INTS, acc, at + 2 * BYTES, LE);
      IntVector sum3 = IntVector.fromMemorySegment(Species.INTS, acc, at + 3 * BYTES, LE);
      for (int kx = 0; kx < kernelW; kx++) {
        int ix = left + kx * dilationW;
        if (ix < 0 || ix >= columns) {
          continue;
        }
        long pixelAt = above + (long) ix * n * 8;
        long g0 = start + firstKy * nextRow + kx * column;
        for (int ky = firstKy; ky < endKy; ky++, pixelAt += rowWords, g0 += nextRow) {
          for (int w = 0; w < n; w++) {
            long g1 = g0 + (long) w * inWord * group;
            long word = source.get(JAVA_LONG, pixelAt + w * 8L);
            int groups = w + 1 < n ? inWord : inLast;
            for (int g = 0; g < groups; g++) {
              long p0 = g1 + (word & mask) * each;
              sum0 = IntVector.fromMemorySegment(Species.INTS, t, p0, LE).add(sum0);
              sum1 = IntVector.fromMemorySegment(Species.INTS, t, p0 + 1 * BYTES, LE).add(sum1);
              sum2 = IntVector.fromMemorySegment(Species.INTS, t, p0 + 2 * BYTES, LE).add(sum2);
              sum3 = IntVector.fromMemorySegment(Species.INTS, t, p0 + 3 * BYTES, LE).add(sum3);
              word >>>= shift;
              g1 += group;
            }
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
