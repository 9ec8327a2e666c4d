// SPDX-License-Identifier: Apache-2.0
package io.snnsim.network;

import io.snnsim.geometry.ConvGeometry;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Dense or grouped convolution (fully connected included). Weights lie in the order in which the
 * kernels stream them: for every block of {@link LaneLayout} of the target, [ky][kx][ic][lane],
 * little-endian, lanes beyond the last channel zero. Of grouped convolutions a block holds only the
 * input channels {@link #icStart} .. {@link #icEnd} that its groups read; where such a row meets an
 * output channel of another group the weight is zero.
 */
public record ConvProjection(
    String name,
    int source,
    int target,
    ConvGeometry geometry,
    WeightType type,
    MemorySegment weights)
    implements Projection {
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** Lane layout of the target. */
  public LaneLayout lanes() {
    return LaneLayout.of(geometry.outChannels(), type == WeightType.I32);
  }

  /** First input channel that block {@code b} reads. */
  public static int icStart(ConvGeometry g, int b) {
    return b * LaneLayout.BLOCK / g.outPerGroup() * g.inPerGroup();
  }

  /** One past the last input channel that block {@code b} reads. */
  public static int icEnd(ConvGeometry g, int b) {
    int lastOc = Math.min(g.outChannels(), (b + 1) * LaneLayout.BLOCK) - 1;
    return (lastOc / g.outPerGroup() + 1) * g.inPerGroup();
  }

  /** Byte offset of block {@code b}. */
  public static long blockOffset(ConvGeometry g, WeightType type, int b) {
    LaneLayout layout = LaneLayout.of(g.outChannels(), type == WeightType.I32);
    long offset = 0;
    for (int i = 0; i < b; i++) {
      offset += (long) g.taps() * (icEnd(g, i) - icStart(g, i)) * layout.lanes(i) * type.bytes();
    }
    return offset;
  }

  /** Bytes of all blocks. */
  public static long byteSize(ConvGeometry g, WeightType type) {
    return blockOffset(g, type, LaneLayout.of(g.outChannels(), false).blocks());
  }

  /** Packs weights given as OIHW ([oc][ic of the group][ky][kx]) into heap memory. */
  public static ConvProjection pack(
      String name, int source, int target, ConvGeometry g, WeightType type, int[] oihw) {
    LaneLayout layout = LaneLayout.of(g.outChannels(), type == WeightType.I32);
    MemorySegment out = MemorySegment.ofArray(new byte[Math.toIntExact(byteSize(g, type))]);
    int icg = g.inPerGroup();
    for (int b = 0; b < layout.blocks(); b++) {
      long base = blockOffset(g, type, b);
      int lanes = layout.lanes(b);
      int icStart = icStart(g, b);
      int icCount = icEnd(g, b) - icStart;
      for (int oc = b * 64; oc < Math.min(g.outChannels(), b * 64 + 64); oc++) {
        int firstIc = oc / g.outPerGroup() * icg;
        for (int i = 0; i < icg; i++) {
          for (int t = 0; t < g.taps(); t++) {
            long row = (long) t * icCount + (firstIc + i - icStart);
            long at = base + (row * lanes + (oc - b * 64)) * type.bytes();
            put(out, type, at, oihw[(oc * icg + i) * g.taps() + t]);
          }
        }
      }
    }
    return new ConvProjection(name, source, target, g, type, out.asReadOnly());
  }

  /** Weight from input channel {@code icOfGroup} of its group, tap (ky, kx), to {@code oc}. */
  public int weight(int oc, int icOfGroup, int ky, int kx) {
    ConvGeometry g = geometry;
    int b = oc / 64;
    int icCount = icEnd(g, b) - icStart(g, b);
    int ic = oc / g.outPerGroup() * g.inPerGroup() + icOfGroup - icStart(g, b);
    long row = (long) (ky * g.kernelW() + kx) * icCount + ic;
    long at = blockOffset(g, type, b) + (row * lanes().lanes(b) + (oc - b * 64)) * type.bytes();
    return switch (type) {
      case I8 -> weights.get(ValueLayout.JAVA_BYTE, at);
      case I16 -> weights.get(SHORT, at);
      case I32 -> weights.get(INT, at);
    };
  }

  private static void put(MemorySegment out, WeightType type, long at, int w) {
    switch (type) {
      case I8 -> {
        check(w, Byte.MIN_VALUE, Byte.MAX_VALUE);
        out.set(ValueLayout.JAVA_BYTE, at, (byte) w);
      }
      case I16 -> {
        check(w, Short.MIN_VALUE, Short.MAX_VALUE);
        out.set(SHORT, at, (short) w);
      }
      case I32 -> out.set(INT, at, w);
    }
  }

  private static void check(int w, int low, int high) {
    if (w < low || w > high) {
      throw new IllegalArgumentException("weight " + w + " does not fit " + low + ".." + high);
    }
  }
}
