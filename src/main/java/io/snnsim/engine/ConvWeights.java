// SPDX-License-Identifier: Apache-2.0
package io.snnsim.engine;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.snnsim.geometry.ConvGeometry;
import io.snnsim.kernel.state.PopulationState;
import io.snnsim.network.ConvProjection;
import io.snnsim.network.LaneLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * A convolution's weights as the event kernels read them: as they are stored, or from a signed
 * source with the rows of its negative spikes. Immutable.
 *
 * @param blockOffset byte offset of each block in {@code memory}
 */
record ConvWeights(MemorySegment memory, long[] blockOffset) {
  private static final ValueLayout.OfShort LE_SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt LE_INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** As stored; {@code memory} holds them off-heap. */
  static ConvWeights stored(ConvProjection c, MemorySegment memory) {
    ConvGeometry g = c.geometry();
    long[] offsets = new long[LaneLayout.of(g.outChannels(), false).blocks()];
    for (int b = 0; b < offsets.length; b++) {
      offsets[b] = ConvProjection.blockOffset(g, c.type(), b);
    }
    return new ConvWeights(memory, offsets);
  }

  /** For a signed source, each tap's rows followed by the opposite ones. */
  static ConvWeights signed(ConvProjection c, Arena arena) {
    ConvGeometry g = c.geometry();
    LaneLayout layout = c.lanes();
    long[] offsets = new long[layout.blocks()];
    long bytes = 0;
    for (int b = 0; b < offsets.length; b++) {
      offsets[b] = bytes;
      long rows = negativeRow(g, b) + ConvProjection.icEnd(g, b) - ConvProjection.icStart(g, b);
      bytes += g.taps() * rows * layout.lanes(b) * c.type().bytes();
    }
    MemorySegment memory = arena.allocate(bytes, 64);
    for (int b = 0; b < offsets.length; b++) {
      long rowBytes = (long) layout.lanes(b) * c.type().bytes();
      long channels = ConvProjection.icEnd(g, b) - ConvProjection.icStart(g, b);
      long from = ConvProjection.blockOffset(g, c.type(), b);
      long to = offsets[b];
      for (int tap = 0; tap < g.taps(); tap++) {
        MemorySegment.copy(c.weights(), from, memory, to, channels * rowBytes);
        to += negativeRow(g, b) * rowBytes;
        negate(c.weights(), from, memory, to, channels * rowBytes, c.type().bytes());
        from += channels * rowBytes;
        to += channels * rowBytes;
      }
    }
    return new ConvWeights(memory, offsets);
  }

  /** See {@link io.snnsim.kernel.ConvArgs#negativeRow}. */
  private static long negativeRow(ConvGeometry g, int b) {
    return dense(g)
        ? PopulationState.negativeStart(g.inChannels())
        : ConvProjection.icEnd(g, b) - ConvProjection.icStart(g, b);
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

  /** True if every block reads all source channels, which small grouped convolutions do too. */
  static boolean dense(ConvGeometry g) {
    int blocks = LaneLayout.of(g.outChannels(), false).blocks();
    for (int b = 0; b < blocks; b++) {
      if (ConvProjection.icStart(g, b) != 0 || ConvProjection.icEnd(g, b) != g.inChannels()) {
        return false;
      }
    }
    return true;
  }
}
