// SPDX-License-Identifier: Apache-2.0
package io.snnsim.engine;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.snnsim.kernel.state.PopulationState;
import io.snnsim.network.ConvProjection;
import io.snnsim.network.WeightLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * A convolution's weights as the event kernels read them: as they are stored, or from a signed
 * source with the rows of its negative spikes. Immutable.
 *
 * @param blockOffset byte offset of each channel block in {@code memory}
 */
record ConvWeights(MemorySegment memory, long[] blockOffset) {
  private static final ValueLayout.OfShort LE_SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt LE_INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** As stored; {@code memory} holds them off-heap. */
  static ConvWeights stored(ConvProjection c, MemorySegment memory) {
    return new ConvWeights(memory, c.layout().blockOffsets());
  }

  /** For a signed source, each tap's rows followed by the opposite ones. */
  static ConvWeights signed(ConvProjection c, Arena arena) {
    WeightLayout layout = c.layout();
    int taps = c.geometry().taps();
    long[] offsets = new long[layout.blocks()];
    for (int b = 1; b < offsets.length; b++) {
      offsets[b] = offsets[b - 1] + signedBytes(c, b - 1);
    }
    MemorySegment memory = arena.allocate(signedBytes(c), 64);
    for (int b = 0; b < offsets.length; b++) {
      long tapBytes = layout.rows(b) * layout.rowBytes(b);
      long from = layout.blockOffset(b);
      long to = offsets[b];
      for (int tap = 0; tap < taps; tap++) {
        MemorySegment.copy(c.weights(), from, memory, to, tapBytes);
        to += negativeRow(layout, b) * layout.rowBytes(b);
        negate(c.weights(), from, memory, to, tapBytes, c.type().bytes());
        from += tapBytes;
        to += tapBytes;
      }
    }
    return new ConvWeights(memory, offsets);
  }

  /** Bytes that {@link #signed} takes. */
  static long signedBytes(ConvProjection c) {
    long bytes = 0;
    for (int b = 0; b < c.layout().blocks(); b++) {
      bytes += signedBytes(c, b);
    }
    return bytes;
  }

  private static long signedBytes(ConvProjection c, int b) {
    long rows = negativeRow(c.layout(), b) + c.layout().rows(b);
    return c.geometry().taps() * rows * c.layout().rowBytes(b);
  }

  /** See {@link io.snnsim.kernel.ConvArgs#negativeRow}. */
  private static long negativeRow(WeightLayout layout, int b) {
    return layout.dense()
        ? PopulationState.negativeStart(layout.geometry().inChannels())
        : layout.rows(b);
  }

  private static void negate(
      MemorySegment from, long at, MemorySegment to, long toAt, long bytes, int each) {
    for (long i = 0; i < bytes; i += each) {
      switch (each) {
        case 1 -> to.set(JAVA_BYTE, toAt + i, (byte) -from.get(JAVA_BYTE, at + i));
        case 2 -> to.set(LE_SHORT, toAt + i, (short) -from.get(LE_SHORT, at + i));
        default -> to.set(LE_INT, toAt + i, -from.get(LE_INT, at + i));
      }
    }
  }
}
