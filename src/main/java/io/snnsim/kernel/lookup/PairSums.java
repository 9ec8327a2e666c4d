// SPDX-License-Identifier: Apache-2.0
// DO NOT EDIT: made from src/main/templates/PairSums.java.template by tools/generate-kernels.sh.
package io.snnsim.kernel.lookup;

import io.snnsim.kernel.vector.Loops;
import io.snnsim.kernel.vector.Species;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Sums of weights looked up as bytes, for 3 or 4 channels at 1 or 2 columns at a time. A column is
 * a vector of pixels in one time step, twice as many as lanes of V. Two entries' sums are added in
 * a byte, then widened: what they come to was made to fit (see {@link PairTables}).
 *
 * <p>Widening takes no unpacking: of bytes (e, o) taken as a 16-bit lane e + 256 o, {@code raw}
 * adds up the lanes and {@code high} the lanes shifted right by 8, which is o. Then the sum of o is
 * {@code high} and that of e is {@code raw - 256 high}, both modulo 2^16.
 *
 * <p>Bodies are as large as they may be: with more channels C1 has too few registers, so no profile
 * is made, and C2 boxes. Stateless and thread-safe; allocates nothing once compiled.
 */
final class PairSums {
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
  private static final int LANES = Species.SHORTS.length();
  private static final int BYTES = LANES * 2;

  /** Vectors of sums on their way to halves. */
  static final int KEPT = 16;

  /** Which lane of (even, odd) comes to each place of the first half of the pixels. */
  private static final ShortVector FIRST_HALF = interleaved(0);

  private static final ShortVector SECOND_HALF = interleaved(LANES / 2);

  /** A vector, since C2 keeps a number's shifts in as many registers as there are shifts. */
  private static final ShortVector EIGHT = ShortVector.broadcast(Species.SHORTS, 8);

  private PairSums() {}

  private static ShortVector interleaved(int from) {
    short[] lanes = new short[LANES];
    for (int i = 0; i < LANES; i++) {
      lanes[i] = (short) (from + i / 2 + i % 2 * LANES);
    }
    return ShortVector.fromArray(Species.SHORTS, lanes, 0);
  }

  /**
   * Both halves of each column, lanes of V: sums[half][column][channel of the block][lane].
   *
   * @param columns 1 or 2
   * @param planes index planes of all slots
   * @param first byte offset that the first column adds to every entry
   * @param step byte offset from one column to the next
   * @param rows channels of a table: 3 or 4
   * @param kept room for {@link #KEPT} vectors
   * @param sums at byte {@code at} the first column's first half
   * @param columnBytes bytes from there to the next column's
   * @param halfBytes bytes from the first half to the second
   */
  static void sum(
      int columns,
      MemorySegment planes,
      long first,
      long step,
      int rows,
      TableBlock.Chunk chunk,
      MemorySegment kept,
      MemorySegment sums,
      long at,
      long columnBytes,
      long halfBytes) {
    int[] entries = chunk.entries();
    MemorySegment tables = chunk.tables();
    long second = first + step;
    if (rows == 4) {
      if (columns == 2) {
        sum2x4(planes, first, second, entries, tables, kept);
      } else {
        sum1x4(planes, first, entries, tables, kept);
      }
    } else if (columns == 2) {
      sum2x3(planes, first, second, entries, tables, kept);
    } else {
      sum1x3(planes, first, entries, tables, kept);
    }
    for (int i = 0; i < columns; i++) {
      long to = at + i * columnBytes;
      long from = 8L * i * BYTES;
      spread(kept, from, sums, to, halfBytes);
      spread(kept, from + 2 * BYTES, sums, to + BYTES, halfBytes);
      spread(kept, from + 4 * BYTES, sums, to + 2 * BYTES, halfBytes);
      spread(kept, from + 6 * BYTES, sums, to + 3 * BYTES, halfBytes);
    }
  }

  private static void sum2x4(
      MemorySegment planes,
      long p0,
      long p1,
      int[] entries,
      MemorySegment tables,
      MemorySegment kept) {
    ShortVector raw00 = ShortVector.fromMemorySegment(Species.SHORTS, tables, 0 * BYTES, LE);
    ShortVector high00 = ShortVector.fromMemorySegment(Species.SHORTS, tables, 1 * BYTES, LE);
    ShortVector raw10 = raw00;
    ShortVector high10 = high00;
    ShortVector raw01 = ShortVector.fromMemorySegment(Species.SHORTS, tables, 2 * BYTES, LE);
    ShortVector high01 = ShortVector.fromMemorySegment(Species.SHORTS, tables, 3 * BYTES, LE);
    ShortVector raw11 = raw01;
    ShortVector high11 = high01;
    ShortVector raw02 = ShortVector.fromMemorySegment(Species.SHORTS, tables, 4 * BYTES, LE);
    ShortVector high02 = ShortVector.fromMemorySegment(Species.SHORTS, tables, 5 * BYTES, LE);
    ShortVector raw12 = raw02;
    ShortVector high12 = high02;
    ShortVector raw03 = ShortVector.fromMemorySegment(Species.SHORTS, tables, 6 * BYTES, LE);
    ShortVector high03 = ShortVector.fromMemorySegment(Species.SHORTS, tables, 7 * BYTES, LE);
    ShortVector raw13 = raw03;
    ShortVector high13 = high03;
    long t = 8 * BYTES;
    int two = 2 * Loops.one();
    for (int i = 0; i < entries.length; i += two) {
      int e = entries[i];
      ByteVector x0 = ByteVector.fromMemorySegment(Species.INDICES, planes, p0 + e, LE);
      ByteVector x1 = ByteVector.fromMemorySegment(Species.INDICES, planes, p1 + e, LE);
      int f = entries[i + 1];
      ByteVector y0 = ByteVector.fromMemorySegment(Species.INDICES, planes, p0 + f, LE);
      ByteVector y1 = ByteVector.fromMemorySegment(Species.INDICES, planes, p1 + f, LE);
      ByteVector t0 = ByteVector.fromMemorySegment(Species.INDICES, tables, t + 0 * BYTES, LE);
      ByteVector u0 = ByteVector.fromMemorySegment(Species.INDICES, tables, t + 1 * BYTES, LE);
      ShortVector pair00 = x0.selectFrom(t0).add(y0.selectFrom(u0)).reinterpretAsShorts();
      raw00 = pair00.add(raw00);
      high00 = pair00.lanewise(VectorOperators.LSHR, EIGHT).add(high00);
      ShortVector pair10 = x1.selectFrom(t0).add(y1.selectFrom(u0)).reinterpretAsShorts();
      raw10 = pair10.add(raw10);
      high10 = pair10.lanewise(VectorOperators.LSHR, EIGHT).add(high10);
      ByteVector t1 = ByteVector.fromMemorySegment(Species.INDICES, tables, t + 2 * BYTES, LE);
      ByteVector u1 = ByteVector.fromMemorySegment(Species.INDICES, tables, t + 3 * BYTES, LE);
      ShortVector pair01 = x0.selectFrom(t1).add(y0.selectFrom(u1)).reinterpretAsShorts();
      raw01 = pair01.add(raw01);
      high01 = pair01.lanewise(VectorOperators.LSHR, EIGHT).add(high01);
      ShortVector pair11 = x1.selectFrom(t1).add(y1.selectFrom(u1)).reinterpretAsShorts();
      raw11 = pair11.add(raw11);
      high11 = pair11.lanewise(VectorOperators.LSHR, EIGHT).add(high11);
      ByteVector t2 = ByteVector.fromMemorySegment(Species.INDICES, tables, t + 4 * BYTES, LE);
      ByteVector u2 = ByteVector.fromMemorySegment(Species.INDICES, tables, t + 5 * BYTES, LE);
      ShortVector pair02 = x0.selectFrom(t2).add(y0.selectFrom(u2)).reinterpretAsShorts();
      raw02 = pair02.add(raw02);
      high02 = pair02.lanewise(VectorOperators.LSHR, EIGHT).add(high02);
      ShortVector pair12 = x1.selectFrom(t2).add(y1.selectFrom(u2)).reinterpretAsShorts();
      raw12 = pair12.add(raw12);
      high12 = pair12.lanewise(VectorOperators.LSHR, EIGHT).add(high12);
      ByteVector t3 = ByteVector.fromMemorySegment(Species.INDICES, tables, t + 6 * BYTES, LE);
      ByteVector u3 = ByteVector.fromMemorySegment(Species.INDICES, tables, t + 7 * BYTES, LE);
      ShortVector pair03 = x0.selectFrom(t3).add(y0.selectFrom(u3)).reinterpretAsShorts();
      raw03 = pair03.add(raw03);
      high03 = pair03.lanewise(VectorOperators.LSHR, EIGHT).add(high03);
      ShortVector pair13 = x1.selectFrom(t3).add(y1.selectFrom(u3)).reinterpretAsShorts();
      raw13 = pair13.add(raw13);
      high13 = pair13.lanewise(VectorOperators.LSHR, EIGHT).add(high13);
      t += 8 * BYTES;
    }
    raw00.intoMemorySegment(kept, 0 * BYTES, LE);
    high00.intoMemorySegment(kept, 1 * BYTES, LE);
    raw01.intoMemorySegment(kept, 2 * BYTES, LE);
    high01.intoMemorySegment(kept, 3 * BYTES, LE);
    raw02.intoMemorySegment(kept, 4 * BYTES, LE);
    high02.intoMemorySegment(kept, 5 * BYTES, LE);
    raw03.intoMemorySegment(kept, 6 * BYTES, LE);
    high03.intoMemorySegment(kept, 7 * BYTES, LE);
    raw10.intoMemorySegment(kept, 8 * BYTES, LE);
    high10.intoMemorySegment(kept, 9 * BYTES, LE);
    raw11.intoMemorySegment(kept, 10 * BYTES, LE);
    high11.intoMemorySegment(kept, 11 * BYTES, LE);
    raw12.intoMemorySegment(kept, 12 * BYTES, LE);
    high12.intoMemorySegment(kept, 13 * BYTES, LE);
    raw13.intoMemorySegment(kept, 14 * BYTES, LE);
    high13.intoMemorySegment(kept, 15 * BYTES, LE);
  }

  private static void sum1x4(
      MemorySegment planes, long p0, int[] entries, MemorySegment tables, MemorySegment kept) {
    ShortVector raw00 = ShortVector.fromMemorySegment(Species.SHORTS, tables, 0 * BYTES, LE);
    ShortVector high00 = ShortVector.fromMemorySegment(Species.SHORTS, tables, 1 * BYTES, LE);
    ShortVector raw01 = ShortVector.fromMemorySegment(Species.SHORTS, tables, 2 * BYTES, LE);
    ShortVector high01 = ShortVector.fromMemorySegment(Species.SHORTS, tables, 3 * BYTES, LE);
    ShortVector raw02 = ShortVector.fromMemorySegment(Species.SHORTS, tables, 4 * BYTES, LE);
    ShortVector high02 = ShortVector.fromMemorySegment(Species.SHORTS, tables, 5 * BYTES, LE);
    ShortVector raw03 = ShortVector.fromMemorySegment(Species.SHORTS, tables, 6 * BYTES, LE);
    ShortVector high03 = ShortVector.fromMemorySegment(Species.SHORTS, tables, 7 * BYTES, LE);
    long t = 8 * BYTES;
    int two = 2 * Loops.one();
    for (int i = 0; i < entries.length; i += two) {
      int e = entries[i];
      ByteVector x0 = ByteVector.fromMemorySegment(Species.INDICES, planes, p0 + e, LE);
      int f = entries[i + 1];
      ByteVector y0 = ByteVector.fromMemorySegment(Species.INDICES, planes, p0 + f, LE);
      ByteVector t0 = ByteVector.fromMemorySegment(Species.INDICES, tables, t + 0 * BYTES, LE);
      ByteVector u0 = ByteVector.fromMemorySegment(Species.INDICES, tables, t + 1 * BYTES, LE);
      ShortVector pair00 = x0.selectFrom(t0).add(y0.selectFrom(u0)).reinterpretAsShorts();
      raw00 = pair00.add(raw00);
      high00 = pair00.lanewise(VectorOperators.LSHR, EIGHT).add(high00);
      ByteVector t1 = ByteVector.fromMemorySegment(Species.INDICES, tables, t + 2 * BYTES, LE);
      ByteVector u1 = ByteVector.fromMemorySegment(Species.INDICES, tables, t + 3 * BYTES, LE);
      ShortVector pair01 = x0.selectFrom(t1).add(y0.selectFrom(u1)).reinterpretAsShorts();
      raw01 = pair01.add(raw01);
      high01 = pair01.lanewise(VectorOperators.LSHR, EIGHT).add(high01);
      ByteVector t2 = ByteVector.fromMemorySegment(Species.INDICES, tables, t + 4 * BYTES, LE);
      ByteVector u2 = ByteVector.fromMemorySegment(Species.INDICES, tables, t + 5 * BYTES, LE);
      ShortVector pair02 = x0.selectFrom(t2).add(y0.selectFrom(u2)).reinterpretAsShorts();
      raw02 = pair02.add(raw02);
      high02 = pair02.lanewise(VectorOperators.LSHR, EIGHT).add(high02);
      ByteVector t3 = ByteVector.fromMemorySegment(Species.INDICES, tables, t + 6 * BYTES, LE);
      ByteVector u3 = ByteVector.fromMemorySegment(Species.INDICES, tables, t + 7 * BYTES, LE);
      ShortVector pair03 = x0.selectFrom(t3).add(y0.selectFrom(u3)).reinterpretAsShorts();
      raw03 = pair03.add(raw03);
      high03 = pair03.lanewise(VectorOperators.LSHR, EIGHT).add(high03);
      t += 8 * BYTES;
    }
    raw00.intoMemorySegment(kept, 0 * BYTES, LE);
    high00.intoMemorySegment(kept, 1 * BYTES, LE);
    raw01.intoMemorySegment(kept, 2 * BYTES, LE);
    high01.intoMemorySegment(kept, 3 * BYTES, LE);
    raw02.intoMemorySegment(kept, 4 * BYTES, LE);
    high02.intoMemorySegment(kept, 5 * BYTES, LE);
    raw03.intoMemorySegment(kept, 6 * BYTES, LE);
    high03.intoMemorySegment(kept, 7 * BYTES, LE);
  }

  private static void sum2x3(
      MemorySegment planes,
      long p0,
      long p1,
      int[] entries,
      MemorySegment tables,
      MemorySegment kept) {
    ShortVector raw00 = ShortVector.fromMemorySegment(Species.SHORTS, tables, 0 * BYTES, LE);
    ShortVector high00 = ShortVector.fromMemorySegment(Species.SHORTS, tables, 1 * BYTES, LE);
    ShortVector raw10 = raw00;
    ShortVector high10 = high00;
    ShortVector raw01 = ShortVector.fromMemorySegment(Species.SHORTS, tables, 2 * BYTES, LE);
    ShortVector high01 = ShortVector.fromMemorySegment(Species.SHORTS, tables, 3 * BYTES, LE);
    ShortVector raw11 = raw01;
    ShortVector high11 = high01;
    ShortVector raw02 = ShortVector.fromMemorySegment(Species.SHORTS, tables, 4 * BYTES, LE);
    ShortVector high02 = ShortVector.fromMemorySegment(Species.SHORTS, tables, 5 * BYTES, LE);
    ShortVector raw12 = raw02;
    ShortVector high12 = high02;
    long t = 6 * BYTES;
    int two = 2 * Loops.one();
    for (int i = 0; i < entries.length; i += two) {
      int e = entries[i];
      ByteVector x0 = ByteVector.fromMemorySegment(Species.INDICES, planes, p0 + e, LE);
      ByteVector x1 = ByteVector.fromMemorySegment(Species.INDICES, planes, p1 + e, LE);
      int f = entries[i + 1];
      ByteVector y0 = ByteVector.fromMemorySegment(Species.INDICES, planes, p0 + f, LE);
      ByteVector y1 = ByteVector.fromMemorySegment(Species.INDICES, planes, p1 + f, LE);
      ByteVector t0 = ByteVector.fromMemorySegment(Species.INDICES, tables, t + 0 * BYTES, LE);
      ByteVector u0 = ByteVector.fromMemorySegment(Species.INDICES, tables, t + 1 * BYTES, LE);
      ShortVector pair00 = x0.selectFrom(t0).add(y0.selectFrom(u0)).reinterpretAsShorts();
      raw00 = pair00.add(raw00);
      high00 = pair00.lanewise(VectorOperators.LSHR, EIGHT).add(high00);
      ShortVector pair10 = x1.selectFrom(t0).add(y1.selectFrom(u0)).reinterpretAsShorts();
      raw10 = pair10.add(raw10);
      high10 = pair10.lanewise(VectorOperators.LSHR, EIGHT).add(high10);
      ByteVector t1 = ByteVector.fromMemorySegment(Species.INDICES, tables, t + 2 * BYTES, LE);
      ByteVector u1 = ByteVector.fromMemorySegment(Species.INDICES, tables, t + 3 * BYTES, LE);
      ShortVector pair01 = x0.selectFrom(t1).add(y0.selectFrom(u1)).reinterpretAsShorts();
      raw01 = pair01.add(raw01);
      high01 = pair01.lanewise(VectorOperators.LSHR, EIGHT).add(high01);
      ShortVector pair11 = x1.selectFrom(t1).add(y1.selectFrom(u1)).reinterpretAsShorts();
      raw11 = pair11.add(raw11);
      high11 = pair11.lanewise(VectorOperators.LSHR, EIGHT).add(high11);
      ByteVector t2 = ByteVector.fromMemorySegment(Species.INDICES, tables, t + 4 * BYTES, LE);
      ByteVector u2 = ByteVector.fromMemorySegment(Species.INDICES, tables, t + 5 * BYTES, LE);
      ShortVector pair02 = x0.selectFrom(t2).add(y0.selectFrom(u2)).reinterpretAsShorts();
      raw02 = pair02.add(raw02);
      high02 = pair02.lanewise(VectorOperators.LSHR, EIGHT).add(high02);
      ShortVector pair12 = x1.selectFrom(t2).add(y1.selectFrom(u2)).reinterpretAsShorts();
      raw12 = pair12.add(raw12);
      high12 = pair12.lanewise(VectorOperators.LSHR, EIGHT).add(high12);
      t += 6 * BYTES;
    }
    raw00.intoMemorySegment(kept, 0 * BYTES, LE);
    high00.intoMemorySegment(kept, 1 * BYTES, LE);
    raw01.intoMemorySegment(kept, 2 * BYTES, LE);
    high01.intoMemorySegment(kept, 3 * BYTES, LE);
    raw02.intoMemorySegment(kept, 4 * BYTES, LE);
    high02.intoMemorySegment(kept, 5 * BYTES, LE);
    raw10.intoMemorySegment(kept, 8 * BYTES, LE);
    high10.intoMemorySegment(kept, 9 * BYTES, LE);
    raw11.intoMemorySegment(kept, 10 * BYTES, LE);
    high11.intoMemorySegment(kept, 11 * BYTES, LE);
    raw12.intoMemorySegment(kept, 12 * BYTES, LE);
    high12.intoMemorySegment(kept, 13 * BYTES, LE);
  }

  private static void sum1x3(
      MemorySegment planes, long p0, int[] entries, MemorySegment tables, MemorySegment kept) {
    ShortVector raw00 = ShortVector.fromMemorySegment(Species.SHORTS, tables, 0 * BYTES, LE);
    ShortVector high00 = ShortVector.fromMemorySegment(Species.SHORTS, tables, 1 * BYTES, LE);
    ShortVector raw01 = ShortVector.fromMemorySegment(Species.SHORTS, tables, 2 * BYTES, LE);
    ShortVector high01 = ShortVector.fromMemorySegment(Species.SHORTS, tables, 3 * BYTES, LE);
    ShortVector raw02 = ShortVector.fromMemorySegment(Species.SHORTS, tables, 4 * BYTES, LE);
    ShortVector high02 = ShortVector.fromMemorySegment(Species.SHORTS, tables, 5 * BYTES, LE);
    long t = 6 * BYTES;
    int two = 2 * Loops.one();
    for (int i = 0; i < entries.length; i += two) {
      int e = entries[i];
      ByteVector x0 = ByteVector.fromMemorySegment(Species.INDICES, planes, p0 + e, LE);
      int f = entries[i + 1];
      ByteVector y0 = ByteVector.fromMemorySegment(Species.INDICES, planes, p0 + f, LE);
      ByteVector t0 = ByteVector.fromMemorySegment(Species.INDICES, tables, t + 0 * BYTES, LE);
      ByteVector u0 = ByteVector.fromMemorySegment(Species.INDICES, tables, t + 1 * BYTES, LE);
      ShortVector pair00 = x0.selectFrom(t0).add(y0.selectFrom(u0)).reinterpretAsShorts();
      raw00 = pair00.add(raw00);
      high00 = pair00.lanewise(VectorOperators.LSHR, EIGHT).add(high00);
      ByteVector t1 = ByteVector.fromMemorySegment(Species.INDICES, tables, t + 2 * BYTES, LE);
      ByteVector u1 = ByteVector.fromMemorySegment(Species.INDICES, tables, t + 3 * BYTES, LE);
      ShortVector pair01 = x0.selectFrom(t1).add(y0.selectFrom(u1)).reinterpretAsShorts();
      raw01 = pair01.add(raw01);
      high01 = pair01.lanewise(VectorOperators.LSHR, EIGHT).add(high01);
      ByteVector t2 = ByteVector.fromMemorySegment(Species.INDICES, tables, t + 4 * BYTES, LE);
      ByteVector u2 = ByteVector.fromMemorySegment(Species.INDICES, tables, t + 5 * BYTES, LE);
      ShortVector pair02 = x0.selectFrom(t2).add(y0.selectFrom(u2)).reinterpretAsShorts();
      raw02 = pair02.add(raw02);
      high02 = pair02.lanewise(VectorOperators.LSHR, EIGHT).add(high02);
      t += 6 * BYTES;
    }
    raw00.intoMemorySegment(kept, 0 * BYTES, LE);
    high00.intoMemorySegment(kept, 1 * BYTES, LE);
    raw01.intoMemorySegment(kept, 2 * BYTES, LE);
    high01.intoMemorySegment(kept, 3 * BYTES, LE);
    raw02.intoMemorySegment(kept, 4 * BYTES, LE);
    high02.intoMemorySegment(kept, 5 * BYTES, LE);
  }

  /** The sums of even and odd pixels, side by side, as lanes of V. */
  private static void spread(
      MemorySegment kept, long from, MemorySegment sums, long at, long halfBytes) {
    ShortVector odd = ShortVector.fromMemorySegment(Species.SHORTS, kept, from + BYTES, LE);
    ShortVector even =
        ShortVector.fromMemorySegment(Species.SHORTS, kept, from, LE)
            .sub(odd.lanewise(VectorOperators.LSHL, EIGHT));
    FIRST_HALF.selectFrom(even, odd).intoMemorySegment(sums, at, LE);
    SECOND_HALF.selectFrom(even, odd).intoMemorySegment(sums, at + halfBytes, LE);
  }
}
