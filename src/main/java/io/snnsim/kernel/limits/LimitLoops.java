// SPDX-License-Identifier: Apache-2.0
// DO NOT EDIT: made from src/main/templates/LimitLoops.java.template by tools/generate-kernels.sh.
package io.snnsim.kernel.limits;

import io.snnsim.kernel.vector.Species;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;

/**
 * The loops that {@link LimitMeter} times: eight sums in registers, so that no addition waits for
 * the one before. Stateless; allocates nothing once compiled.
 */
public final class LimitLoops {
  /** Vectors of indices that share a table. */
  private static final int COLUMNS = 4;

  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
  private static final int BYTES = Species.SHORTS.vectorByteSize();
  private static final int WIDE = Species.INTS.vectorByteSize();
  private static final int NARROW = Species.BYTES.vectorByteSize();
  private static final ShortVector SHORT_INDEX = ShortVector.zero(Species.SHORTS).addIndex(1);
  private static final IntVector INT_INDEX = IntVector.zero(Species.INTS).addIndex(1);

  private LimitLoops() {}

  /** Vector additions that working through so many bytes once takes. */
  public static long vectors(HostLimits.Operation o, long bytes) {
    return switch (o) {
      case ADD_I8 -> bytes / NARROW;
      case ADD_I16 -> bytes / BYTES;
      case ADD_I32 -> bytes / WIDE;
      case LOOKUP_I16 -> bytes / BYTES * COLUMNS;
      case LOOKUP_I32 -> bytes / WIDE * COLUMNS;
    };
  }

  /** Lanes of each of them. */
  static int lanes(HostLimits.Operation o) {
    return switch (o) {
      case ADD_I8, ADD_I16, LOOKUP_I16 -> Species.SHORTS.length();
      case ADD_I32, LOOKUP_I32 -> Species.INTS.length();
    };
  }

  /**
   * Works through {@code bytes}, a multiple of 4096, from {@code offset} on, {@code repeats} times.
   */
  public static int run(
      HostLimits.Operation o, MemorySegment data, long offset, long bytes, int repeats) {
    MemorySegment part = data.asSlice(offset, bytes);
    int result = 0;
    for (int r = 0; r < repeats; r++) {
      result +=
          switch (o) {
            case ADD_I8 -> addBytes(part);
            case ADD_I16 -> addShorts(part);
            case ADD_I32 -> addInts(part);
            case LOOKUP_I16 -> lookUpShorts(part);
            case LOOKUP_I32 -> lookUpInts(part);
          };
    }
    return result;
  }

  private static ShortVector bytes(MemorySegment data, long at) {
    return (ShortVector)
        ByteVector.fromMemorySegment(Species.BYTES, data, at, LE)
            .convertShape(VectorOperators.B2S, Species.SHORTS, 0);
  }

  private static ShortVector shorts(MemorySegment data, long at) {
    return ShortVector.fromMemorySegment(Species.SHORTS, data, at, LE);
  }

  private static IntVector ints(MemorySegment data, long at) {
    return IntVector.fromMemorySegment(Species.INTS, data, at, LE);
  }

  private static int addBytes(MemorySegment data) {
    ShortVector a0 = ShortVector.zero(Species.SHORTS);
    ShortVector a1 = a0;
    ShortVector a2 = a0;
    ShortVector a3 = a0;
    ShortVector a4 = a0;
    ShortVector a5 = a0;
    ShortVector a6 = a0;
    ShortVector a7 = a0;
    int n = (int) (data.byteSize() / (8 * NARROW));
    for (int i = 0; i < n; i++) {
      long at = (long) i * (8 * NARROW);
      a0 = bytes(data, at).add(a0);
      a1 = bytes(data, at + NARROW).add(a1);
      a2 = bytes(data, at + 2 * NARROW).add(a2);
      a3 = bytes(data, at + 3 * NARROW).add(a3);
      a4 = bytes(data, at + 4 * NARROW).add(a4);
      a5 = bytes(data, at + 5 * NARROW).add(a5);
      a6 = bytes(data, at + 6 * NARROW).add(a6);
      a7 = bytes(data, at + 7 * NARROW).add(a7);
    }
    return a0.add(a1).add(a2).add(a3).add(a4).add(a5).add(a6).add(a7).lane(0);
  }

  private static int addShorts(MemorySegment data) {
    ShortVector a0 = ShortVector.zero(Species.SHORTS);
    ShortVector a1 = a0;
    ShortVector a2 = a0;
    ShortVector a3 = a0;
    ShortVector a4 = a0;
    ShortVector a5 = a0;
    ShortVector a6 = a0;
    ShortVector a7 = a0;
    int n = (int) (data.byteSize() / (8 * BYTES));
    for (int i = 0; i < n; i++) {
      long at = (long) i * (8 * BYTES);
      a0 = shorts(data, at).add(a0);
      a1 = shorts(data, at + BYTES).add(a1);
      a2 = shorts(data, at + 2 * BYTES).add(a2);
      a3 = shorts(data, at + 3 * BYTES).add(a3);
      a4 = shorts(data, at + 4 * BYTES).add(a4);
      a5 = shorts(data, at + 5 * BYTES).add(a5);
      a6 = shorts(data, at + 6 * BYTES).add(a6);
      a7 = shorts(data, at + 7 * BYTES).add(a7);
    }
    return a0.add(a1).add(a2).add(a3).add(a4).add(a5).add(a6).add(a7).lane(0);
  }

  private static int addInts(MemorySegment data) {
    IntVector a0 = IntVector.zero(Species.INTS);
    IntVector a1 = a0;
    IntVector a2 = a0;
    IntVector a3 = a0;
    IntVector a4 = a0;
    IntVector a5 = a0;
    IntVector a6 = a0;
    IntVector a7 = a0;
    int n = (int) (data.byteSize() / (8 * WIDE));
    for (int i = 0; i < n; i++) {
      long at = (long) i * (8 * WIDE);
      a0 = ints(data, at).add(a0);
      a1 = ints(data, at + WIDE).add(a1);
      a2 = ints(data, at + 2 * WIDE).add(a2);
      a3 = ints(data, at + 3 * WIDE).add(a3);
      a4 = ints(data, at + 4 * WIDE).add(a4);
      a5 = ints(data, at + 5 * WIDE).add(a5);
      a6 = ints(data, at + 6 * WIDE).add(a6);
      a7 = ints(data, at + 7 * WIDE).add(a7);
    }
    return a0.add(a1).add(a2).add(a3).add(a4).add(a5).add(a6).add(a7).lane(0);
  }

  private static int lookUpShorts(MemorySegment data) {
    ShortVector a0 = ShortVector.zero(Species.SHORTS);
    ShortVector a1 = a0;
    ShortVector a2 = a0;
    ShortVector a3 = a0;
    ShortVector a4 = a0;
    ShortVector a5 = a0;
    ShortVector a6 = a0;
    ShortVector a7 = a0;
    final ShortVector x0 = SHORT_INDEX;
    final ShortVector x1 = SHORT_INDEX.lanewise(VectorOperators.XOR, 1);
    final ShortVector x2 = SHORT_INDEX.lanewise(VectorOperators.XOR, 2);
    final ShortVector x3 = SHORT_INDEX.lanewise(VectorOperators.XOR, 3);
    int n = (int) (data.byteSize() / (2 * BYTES));
    for (int i = 0; i < n; i++) {
      long at = (long) i * (2 * BYTES);
      ShortVector table = shorts(data, at);
      a0 = x0.selectFrom(table).add(a0);
      a1 = x1.selectFrom(table).add(a1);
      a2 = x2.selectFrom(table).add(a2);
      a3 = x3.selectFrom(table).add(a3);
      ShortVector next = shorts(data, at + BYTES);
      a4 = x0.selectFrom(next).add(a4);
      a5 = x1.selectFrom(next).add(a5);
      a6 = x2.selectFrom(next).add(a6);
      a7 = x3.selectFrom(next).add(a7);
    }
    return a0.add(a1).add(a2).add(a3).add(a4).add(a5).add(a6).add(a7).lane(0);
  }

  private static int lookUpInts(MemorySegment data) {
    IntVector a0 = IntVector.zero(Species.INTS);
    IntVector a1 = a0;
    IntVector a2 = a0;
    IntVector a3 = a0;
    IntVector a4 = a0;
    IntVector a5 = a0;
    IntVector a6 = a0;
    IntVector a7 = a0;
    final IntVector x0 = INT_INDEX;
    final IntVector x1 = INT_INDEX.lanewise(VectorOperators.XOR, 1);
    final IntVector x2 = INT_INDEX.lanewise(VectorOperators.XOR, 2);
    final IntVector x3 = INT_INDEX.lanewise(VectorOperators.XOR, 3);
    int n = (int) (data.byteSize() / (2 * WIDE));
    for (int i = 0; i < n; i++) {
      long at = (long) i * (2 * WIDE);
      IntVector table = ints(data, at);
      a0 = x0.selectFrom(table).add(a0);
      a1 = x1.selectFrom(table).add(a1);
      a2 = x2.selectFrom(table).add(a2);
      a3 = x3.selectFrom(table).add(a3);
      IntVector next = ints(data, at + WIDE);
      a4 = x0.selectFrom(next).add(a4);
      a5 = x1.selectFrom(next).add(a5);
      a6 = x2.selectFrom(next).add(a6);
      a7 = x3.selectFrom(next).add(a7);
    }
    return a0.add(a1).add(a2).add(a3).add(a4).add(a5).add(a6).add(a7).lane(0);
  }
}
