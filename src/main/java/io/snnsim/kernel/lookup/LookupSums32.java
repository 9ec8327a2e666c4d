// SPDX-License-Identifier: Apache-2.0
// DO NOT EDIT: made from src/main/templates/LookupSums.java.template by tools/generate-kernels.sh.
package io.snnsim.kernel.lookup;

import io.snnsim.kernel.vector.Species;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.IntVector;

/**
 * Sums of looked-up weights, 32 bits: for 4 or 5 channels at 1, 2 or 4 columns at a time. A column
 * is a vector of pixels in one time step; which ones they are is the caller's choice. For every
 * entry the spike patterns of a group of source channels are loaded once a column and permuted
 * through the table of each channel.
 *
 * <p>All sums stay in registers, so the bodies are written out: 4 columns of 5 channels take 20
 * sums, 4 patterns and a table of the 32 registers. Stateless and thread-safe; allocates nothing
 * once compiled.
 */
final class LookupSums32 {
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
  private static final int LANES = Species.INTS.length();
  private static final int BYTES = LANES * 4;

  private LookupSums32() {}

  /**
   * sums[column][channel of the block] = what the chunk starts from + its looked-up weights.
   *
   * @param columns 1, 2 or 4
   * @param planes index planes of all slots
   * @param first byte offset that the first column adds to every entry
   * @param step byte offset from one column to the next
   * @param rows channels of a table: 4 or 5
   * @param sums [column][5 channels][lane]
   */
  static void sum(
      int columns,
      MemorySegment planes,
      long first,
      long step,
      int rows,
      TableBlock.Chunk chunk,
      MemorySegment sums) {
    boolean five = rows == 5;
    int[] entries = chunk.entries();
    MemorySegment tables = chunk.tables();
    long table = (long) rows * BYTES;
    switch (columns) {
      case 4 -> {
        if (five) {
          sum4x5(
              planes,
              first,
              first + step,
              first + 2 * step,
              first + 3 * step,
              entries,
              tables,
              table,
              sums);
        } else {
          sum4x4(
              planes,
              first,
              first + step,
              first + 2 * step,
              first + 3 * step,
              entries,
              tables,
              table,
              sums);
        }
      }
      case 2 -> {
        if (five) {
          sum2x5(planes, first, first + step, entries, tables, table, sums);
        } else {
          sum2x4(planes, first, first + step, entries, tables, table, sums);
        }
      }
      case 1 -> {
        if (five) {
          sum1x5(planes, first, entries, tables, table, sums);
        } else {
          sum1x4(planes, first, entries, tables, table, sums);
        }
      }
      default -> throw new IllegalArgumentException("columns=" + columns);
    }
  }

  private static void sum4x5(
      MemorySegment planes,
      long p0,
      long p1,
      long p2,
      long p3,
      int[] entries,
      MemorySegment tables,
      long table,
      MemorySegment sums) {
    IntVector s00 = IntVector.fromMemorySegment(Species.INTS, tables, 0 * BYTES, LE);
    IntVector s10 = s00;
    IntVector s20 = s00;
    IntVector s30 = s00;
    IntVector s01 = IntVector.fromMemorySegment(Species.INTS, tables, 1 * BYTES, LE);
    IntVector s11 = s01;
    IntVector s21 = s01;
    IntVector s31 = s01;
    IntVector s02 = IntVector.fromMemorySegment(Species.INTS, tables, 2 * BYTES, LE);
    IntVector s12 = s02;
    IntVector s22 = s02;
    IntVector s32 = s02;
    IntVector s03 = IntVector.fromMemorySegment(Species.INTS, tables, 3 * BYTES, LE);
    IntVector s13 = s03;
    IntVector s23 = s03;
    IntVector s33 = s03;
    IntVector s04 = IntVector.fromMemorySegment(Species.INTS, tables, 4 * BYTES, LE);
    IntVector s14 = s04;
    IntVector s24 = s04;
    IntVector s34 = s04;
    long t = table;
    for (int entry : entries) {
      IntVector x0 = IntVector.fromMemorySegment(Species.INTS, planes, p0 + entry, LE);
      IntVector x1 = IntVector.fromMemorySegment(Species.INTS, planes, p1 + entry, LE);
      IntVector x2 = IntVector.fromMemorySegment(Species.INTS, planes, p2 + entry, LE);
      IntVector x3 = IntVector.fromMemorySegment(Species.INTS, planes, p3 + entry, LE);
      IntVector t0 = IntVector.fromMemorySegment(Species.INTS, tables, t + 0 * BYTES, LE);
      s00 = x0.selectFrom(t0).add(s00);
      s10 = x1.selectFrom(t0).add(s10);
      s20 = x2.selectFrom(t0).add(s20);
      s30 = x3.selectFrom(t0).add(s30);
      IntVector t1 = IntVector.fromMemorySegment(Species.INTS, tables, t + 1 * BYTES, LE);
      s01 = x0.selectFrom(t1).add(s01);
      s11 = x1.selectFrom(t1).add(s11);
      s21 = x2.selectFrom(t1).add(s21);
      s31 = x3.selectFrom(t1).add(s31);
      IntVector t2 = IntVector.fromMemorySegment(Species.INTS, tables, t + 2 * BYTES, LE);
      s02 = x0.selectFrom(t2).add(s02);
      s12 = x1.selectFrom(t2).add(s12);
      s22 = x2.selectFrom(t2).add(s22);
      s32 = x3.selectFrom(t2).add(s32);
      IntVector t3 = IntVector.fromMemorySegment(Species.INTS, tables, t + 3 * BYTES, LE);
      s03 = x0.selectFrom(t3).add(s03);
      s13 = x1.selectFrom(t3).add(s13);
      s23 = x2.selectFrom(t3).add(s23);
      s33 = x3.selectFrom(t3).add(s33);
      IntVector t4 = IntVector.fromMemorySegment(Species.INTS, tables, t + 4 * BYTES, LE);
      s04 = x0.selectFrom(t4).add(s04);
      s14 = x1.selectFrom(t4).add(s14);
      s24 = x2.selectFrom(t4).add(s24);
      s34 = x3.selectFrom(t4).add(s34);
      t += 5 * BYTES;
    }
    s00.intoMemorySegment(sums, 0 * BYTES, LE);
    s01.intoMemorySegment(sums, 1 * BYTES, LE);
    s02.intoMemorySegment(sums, 2 * BYTES, LE);
    s03.intoMemorySegment(sums, 3 * BYTES, LE);
    s04.intoMemorySegment(sums, 4 * BYTES, LE);
    s10.intoMemorySegment(sums, 5 * BYTES, LE);
    s11.intoMemorySegment(sums, 6 * BYTES, LE);
    s12.intoMemorySegment(sums, 7 * BYTES, LE);
    s13.intoMemorySegment(sums, 8 * BYTES, LE);
    s14.intoMemorySegment(sums, 9 * BYTES, LE);
    s20.intoMemorySegment(sums, 10 * BYTES, LE);
    s21.intoMemorySegment(sums, 11 * BYTES, LE);
    s22.intoMemorySegment(sums, 12 * BYTES, LE);
    s23.intoMemorySegment(sums, 13 * BYTES, LE);
    s24.intoMemorySegment(sums, 14 * BYTES, LE);
    s30.intoMemorySegment(sums, 15 * BYTES, LE);
    s31.intoMemorySegment(sums, 16 * BYTES, LE);
    s32.intoMemorySegment(sums, 17 * BYTES, LE);
    s33.intoMemorySegment(sums, 18 * BYTES, LE);
    s34.intoMemorySegment(sums, 19 * BYTES, LE);
  }

  private static void sum4x4(
      MemorySegment planes,
      long p0,
      long p1,
      long p2,
      long p3,
      int[] entries,
      MemorySegment tables,
      long table,
      MemorySegment sums) {
    IntVector s00 = IntVector.fromMemorySegment(Species.INTS, tables, 0 * BYTES, LE);
    IntVector s10 = s00;
    IntVector s20 = s00;
    IntVector s30 = s00;
    IntVector s01 = IntVector.fromMemorySegment(Species.INTS, tables, 1 * BYTES, LE);
    IntVector s11 = s01;
    IntVector s21 = s01;
    IntVector s31 = s01;
    IntVector s02 = IntVector.fromMemorySegment(Species.INTS, tables, 2 * BYTES, LE);
    IntVector s12 = s02;
    IntVector s22 = s02;
    IntVector s32 = s02;
    IntVector s03 = IntVector.fromMemorySegment(Species.INTS, tables, 3 * BYTES, LE);
    IntVector s13 = s03;
    IntVector s23 = s03;
    IntVector s33 = s03;
    long t = table;
    for (int entry : entries) {
      IntVector x0 = IntVector.fromMemorySegment(Species.INTS, planes, p0 + entry, LE);
      IntVector x1 = IntVector.fromMemorySegment(Species.INTS, planes, p1 + entry, LE);
      IntVector x2 = IntVector.fromMemorySegment(Species.INTS, planes, p2 + entry, LE);
      IntVector x3 = IntVector.fromMemorySegment(Species.INTS, planes, p3 + entry, LE);
      IntVector t0 = IntVector.fromMemorySegment(Species.INTS, tables, t + 0 * BYTES, LE);
      s00 = x0.selectFrom(t0).add(s00);
      s10 = x1.selectFrom(t0).add(s10);
      s20 = x2.selectFrom(t0).add(s20);
      s30 = x3.selectFrom(t0).add(s30);
      IntVector t1 = IntVector.fromMemorySegment(Species.INTS, tables, t + 1 * BYTES, LE);
      s01 = x0.selectFrom(t1).add(s01);
      s11 = x1.selectFrom(t1).add(s11);
      s21 = x2.selectFrom(t1).add(s21);
      s31 = x3.selectFrom(t1).add(s31);
      IntVector t2 = IntVector.fromMemorySegment(Species.INTS, tables, t + 2 * BYTES, LE);
      s02 = x0.selectFrom(t2).add(s02);
      s12 = x1.selectFrom(t2).add(s12);
      s22 = x2.selectFrom(t2).add(s22);
      s32 = x3.selectFrom(t2).add(s32);
      IntVector t3 = IntVector.fromMemorySegment(Species.INTS, tables, t + 3 * BYTES, LE);
      s03 = x0.selectFrom(t3).add(s03);
      s13 = x1.selectFrom(t3).add(s13);
      s23 = x2.selectFrom(t3).add(s23);
      s33 = x3.selectFrom(t3).add(s33);
      t += 4 * BYTES;
    }
    s00.intoMemorySegment(sums, 0 * BYTES, LE);
    s01.intoMemorySegment(sums, 1 * BYTES, LE);
    s02.intoMemorySegment(sums, 2 * BYTES, LE);
    s03.intoMemorySegment(sums, 3 * BYTES, LE);
    s10.intoMemorySegment(sums, 5 * BYTES, LE);
    s11.intoMemorySegment(sums, 6 * BYTES, LE);
    s12.intoMemorySegment(sums, 7 * BYTES, LE);
    s13.intoMemorySegment(sums, 8 * BYTES, LE);
    s20.intoMemorySegment(sums, 10 * BYTES, LE);
    s21.intoMemorySegment(sums, 11 * BYTES, LE);
    s22.intoMemorySegment(sums, 12 * BYTES, LE);
    s23.intoMemorySegment(sums, 13 * BYTES, LE);
    s30.intoMemorySegment(sums, 15 * BYTES, LE);
    s31.intoMemorySegment(sums, 16 * BYTES, LE);
    s32.intoMemorySegment(sums, 17 * BYTES, LE);
    s33.intoMemorySegment(sums, 18 * BYTES, LE);
  }

  private static void sum2x5(
      MemorySegment planes,
      long p0,
      long p1,
      int[] entries,
      MemorySegment tables,
      long table,
      MemorySegment sums) {
    IntVector s00 = IntVector.fromMemorySegment(Species.INTS, tables, 0 * BYTES, LE);
    IntVector s10 = s00;
    IntVector s01 = IntVector.fromMemorySegment(Species.INTS, tables, 1 * BYTES, LE);
    IntVector s11 = s01;
    IntVector s02 = IntVector.fromMemorySegment(Species.INTS, tables, 2 * BYTES, LE);
    IntVector s12 = s02;
    IntVector s03 = IntVector.fromMemorySegment(Species.INTS, tables, 3 * BYTES, LE);
    IntVector s13 = s03;
    IntVector s04 = IntVector.fromMemorySegment(Species.INTS, tables, 4 * BYTES, LE);
    IntVector s14 = s04;
    long t = table;
    for (int entry : entries) {
      IntVector x0 = IntVector.fromMemorySegment(Species.INTS, planes, p0 + entry, LE);
      IntVector x1 = IntVector.fromMemorySegment(Species.INTS, planes, p1 + entry, LE);
      IntVector t0 = IntVector.fromMemorySegment(Species.INTS, tables, t + 0 * BYTES, LE);
      s00 = x0.selectFrom(t0).add(s00);
      s10 = x1.selectFrom(t0).add(s10);
      IntVector t1 = IntVector.fromMemorySegment(Species.INTS, tables, t + 1 * BYTES, LE);
      s01 = x0.selectFrom(t1).add(s01);
      s11 = x1.selectFrom(t1).add(s11);
      IntVector t2 = IntVector.fromMemorySegment(Species.INTS, tables, t + 2 * BYTES, LE);
      s02 = x0.selectFrom(t2).add(s02);
      s12 = x1.selectFrom(t2).add(s12);
      IntVector t3 = IntVector.fromMemorySegment(Species.INTS, tables, t + 3 * BYTES, LE);
      s03 = x0.selectFrom(t3).add(s03);
      s13 = x1.selectFrom(t3).add(s13);
      IntVector t4 = IntVector.fromMemorySegment(Species.INTS, tables, t + 4 * BYTES, LE);
      s04 = x0.selectFrom(t4).add(s04);
      s14 = x1.selectFrom(t4).add(s14);
      t += 5 * BYTES;
    }
    s00.intoMemorySegment(sums, 0 * BYTES, LE);
    s01.intoMemorySegment(sums, 1 * BYTES, LE);
    s02.intoMemorySegment(sums, 2 * BYTES, LE);
    s03.intoMemorySegment(sums, 3 * BYTES, LE);
    s04.intoMemorySegment(sums, 4 * BYTES, LE);
    s10.intoMemorySegment(sums, 5 * BYTES, LE);
    s11.intoMemorySegment(sums, 6 * BYTES, LE);
    s12.intoMemorySegment(sums, 7 * BYTES, LE);
    s13.intoMemorySegment(sums, 8 * BYTES, LE);
    s14.intoMemorySegment(sums, 9 * BYTES, LE);
  }

  private static void sum2x4(
      MemorySegment planes,
      long p0,
      long p1,
      int[] entries,
      MemorySegment tables,
      long table,
      MemorySegment sums) {
    IntVector s00 = IntVector.fromMemorySegment(Species.INTS, tables, 0 * BYTES, LE);
    IntVector s10 = s00;
    IntVector s01 = IntVector.fromMemorySegment(Species.INTS, tables, 1 * BYTES, LE);
    IntVector s11 = s01;
    IntVector s02 = IntVector.fromMemorySegment(Species.INTS, tables, 2 * BYTES, LE);
    IntVector s12 = s02;
    IntVector s03 = IntVector.fromMemorySegment(Species.INTS, tables, 3 * BYTES, LE);
    IntVector s13 = s03;
    long t = table;
    for (int entry : entries) {
      IntVector x0 = IntVector.fromMemorySegment(Species.INTS, planes, p0 + entry, LE);
      IntVector x1 = IntVector.fromMemorySegment(Species.INTS, planes, p1 + entry, LE);
      IntVector t0 = IntVector.fromMemorySegment(Species.INTS, tables, t + 0 * BYTES, LE);
      s00 = x0.selectFrom(t0).add(s00);
      s10 = x1.selectFrom(t0).add(s10);
      IntVector t1 = IntVector.fromMemorySegment(Species.INTS, tables, t + 1 * BYTES, LE);
      s01 = x0.selectFrom(t1).add(s01);
      s11 = x1.selectFrom(t1).add(s11);
      IntVector t2 = IntVector.fromMemorySegment(Species.INTS, tables, t + 2 * BYTES, LE);
      s02 = x0.selectFrom(t2).add(s02);
      s12 = x1.selectFrom(t2).add(s12);
      IntVector t3 = IntVector.fromMemorySegment(Species.INTS, tables, t + 3 * BYTES, LE);
      s03 = x0.selectFrom(t3).add(s03);
      s13 = x1.selectFrom(t3).add(s13);
      t += 4 * BYTES;
    }
    s00.intoMemorySegment(sums, 0 * BYTES, LE);
    s01.intoMemorySegment(sums, 1 * BYTES, LE);
    s02.intoMemorySegment(sums, 2 * BYTES, LE);
    s03.intoMemorySegment(sums, 3 * BYTES, LE);
    s10.intoMemorySegment(sums, 5 * BYTES, LE);
    s11.intoMemorySegment(sums, 6 * BYTES, LE);
    s12.intoMemorySegment(sums, 7 * BYTES, LE);
    s13.intoMemorySegment(sums, 8 * BYTES, LE);
  }

  private static void sum1x5(
      MemorySegment planes,
      long p0,
      int[] entries,
      MemorySegment tables,
      long table,
      MemorySegment sums) {
    IntVector s00 = IntVector.fromMemorySegment(Species.INTS, tables, 0 * BYTES, LE);
    IntVector s01 = IntVector.fromMemorySegment(Species.INTS, tables, 1 * BYTES, LE);
    IntVector s02 = IntVector.fromMemorySegment(Species.INTS, tables, 2 * BYTES, LE);
    IntVector s03 = IntVector.fromMemorySegment(Species.INTS, tables, 3 * BYTES, LE);
    IntVector s04 = IntVector.fromMemorySegment(Species.INTS, tables, 4 * BYTES, LE);
    long t = table;
    for (int entry : entries) {
      IntVector x0 = IntVector.fromMemorySegment(Species.INTS, planes, p0 + entry, LE);
      IntVector t0 = IntVector.fromMemorySegment(Species.INTS, tables, t + 0 * BYTES, LE);
      s00 = x0.selectFrom(t0).add(s00);
      IntVector t1 = IntVector.fromMemorySegment(Species.INTS, tables, t + 1 * BYTES, LE);
      s01 = x0.selectFrom(t1).add(s01);
      IntVector t2 = IntVector.fromMemorySegment(Species.INTS, tables, t + 2 * BYTES, LE);
      s02 = x0.selectFrom(t2).add(s02);
      IntVector t3 = IntVector.fromMemorySegment(Species.INTS, tables, t + 3 * BYTES, LE);
      s03 = x0.selectFrom(t3).add(s03);
      IntVector t4 = IntVector.fromMemorySegment(Species.INTS, tables, t + 4 * BYTES, LE);
      s04 = x0.selectFrom(t4).add(s04);
      t += 5 * BYTES;
    }
    s00.intoMemorySegment(sums, 0 * BYTES, LE);
    s01.intoMemorySegment(sums, 1 * BYTES, LE);
    s02.intoMemorySegment(sums, 2 * BYTES, LE);
    s03.intoMemorySegment(sums, 3 * BYTES, LE);
    s04.intoMemorySegment(sums, 4 * BYTES, LE);
  }

  private static void sum1x4(
      MemorySegment planes,
      long p0,
      int[] entries,
      MemorySegment tables,
      long table,
      MemorySegment sums) {
    IntVector s00 = IntVector.fromMemorySegment(Species.INTS, tables, 0 * BYTES, LE);
    IntVector s01 = IntVector.fromMemorySegment(Species.INTS, tables, 1 * BYTES, LE);
    IntVector s02 = IntVector.fromMemorySegment(Species.INTS, tables, 2 * BYTES, LE);
    IntVector s03 = IntVector.fromMemorySegment(Species.INTS, tables, 3 * BYTES, LE);
    long t = table;
    for (int entry : entries) {
      IntVector x0 = IntVector.fromMemorySegment(Species.INTS, planes, p0 + entry, LE);
      IntVector t0 = IntVector.fromMemorySegment(Species.INTS, tables, t + 0 * BYTES, LE);
      s00 = x0.selectFrom(t0).add(s00);
      IntVector t1 = IntVector.fromMemorySegment(Species.INTS, tables, t + 1 * BYTES, LE);
      s01 = x0.selectFrom(t1).add(s01);
      IntVector t2 = IntVector.fromMemorySegment(Species.INTS, tables, t + 2 * BYTES, LE);
      s02 = x0.selectFrom(t2).add(s02);
      IntVector t3 = IntVector.fromMemorySegment(Species.INTS, tables, t + 3 * BYTES, LE);
      s03 = x0.selectFrom(t3).add(s03);
      t += 4 * BYTES;
    }
    s00.intoMemorySegment(sums, 0 * BYTES, LE);
    s01.intoMemorySegment(sums, 1 * BYTES, LE);
    s02.intoMemorySegment(sums, 2 * BYTES, LE);
    s03.intoMemorySegment(sums, 3 * BYTES, LE);
  }

  /**
   * Adds the current of a block's first channel on, {@code channelBytes} bytes apart, to the sums.
   *
   * @param at byte of the first channel's current for the first column
   * @param step bytes from there to the next column's
   */
  static void addCurrent(
      MemorySegment current,
      long at,
      long channelBytes,
      long step,
      int columns,
      int channels,
      MemorySegment sums) {
    for (int i = 0; i < columns; i++) {
      for (int c = 0; c < channels; c++) {
        long sum = (i * 5L + c) * BYTES;
        IntVector.fromMemorySegment(Species.INTS, sums, sum, LE)
            .add(
                IntVector.fromMemorySegment(
                    Species.INTS, current, at + i * step + c * channelBytes, LE))
            .intoMemorySegment(sums, sum, LE);
      }
    }
  }

  /** Adds the first {@code vectors} vectors of {@code part} to those of {@code sums}. */
  static void add(MemorySegment sums, MemorySegment part, int vectors) {
    for (int i = 0; i < vectors; i++) {
      long at = (long) i * BYTES;
      IntVector.fromMemorySegment(Species.INTS, sums, at, LE)
          .add(IntVector.fromMemorySegment(Species.INTS, part, at, LE))
          .intoMemorySegment(sums, at, LE);
    }
  }
}
