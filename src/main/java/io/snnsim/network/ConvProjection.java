// SPDX-License-Identifier: Apache-2.0
package io.snnsim.network;

import io.snnsim.geometry.ConvGeometry;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Dense or grouped convolution (fully connected included).
 *
 * @param layout where each weight lies
 * @param weights little-endian, in grid units of the target; not copied
 */
public record ConvProjection(
    String name, int source, int target, WeightLayout layout, MemorySegment weights)
    implements Projection {
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  @Override
  public ConvGeometry geometry() {
    return layout.geometry();
  }

  /** Type of a weight. */
  public WeightType type() {
    return layout.type();
  }

  @Override
  public String kind() {
    return "conv";
  }

  @Override
  public int sourcesPerTarget() {
    return geometry().inPerGroup();
  }

  @Override
  public int targetsPerSource() {
    return geometry().outPerGroup();
  }

  @Override
  public int weightBytes() {
    return type().bytes();
  }

  @Override
  public long weightCount() {
    ConvGeometry g = geometry();
    return (long) g.outChannels() * g.inPerGroup() * g.taps();
  }

  @Override
  public boolean connects(int ocFrom, int ocTo, int icFrom, int icTo) {
    ConvGeometry g = geometry();
    int first = ocFrom / g.outPerGroup() * g.inPerGroup();
    int end = ((ocTo - 1) / g.outPerGroup() + 1) * g.inPerGroup();
    return icFrom < end && icTo > first;
  }

  @Override
  public int weight(int oc, int ic, int ky, int kx) {
    return layout.isSynapse(oc, ic) ? stored(layout.at(oc, ic, ky, kx)) : 0;
  }

  /** The weight that is stored at a byte offset. */
  public int stored(long at) {
    return switch (layout.type()) {
      case I8 -> weights.get(ValueLayout.JAVA_BYTE, at);
      case I16 -> weights.get(SHORT, at);
      case I32 -> weights.get(INT, at);
    };
  }

  /** Packs weights given as OIHW ([oc][ic of the group][ky][kx]) into heap memory. */
  public static ConvProjection pack(
      String name, int source, int target, ConvGeometry g, WeightType type, int[] oihw) {
    WeightLayout layout = WeightLayout.of(g, type);
    MemorySegment out = MemorySegment.ofArray(new byte[Math.toIntExact(layout.byteSize())]);
    int icg = g.inPerGroup();
    int k = 0;
    for (int oc = 0; oc < g.outChannels(); oc++) {
      int firstIc = oc / g.outPerGroup() * icg;
      for (int i = 0; i < icg; i++) {
        for (int ky = 0; ky < g.kernelH(); ky++) {
          for (int kx = 0; kx < g.kernelW(); kx++) {
            put(out, type, layout.at(oc, firstIc + i, ky, kx), oihw[k++]);
          }
        }
      }
    }
    return new ConvProjection(name, source, target, layout, out.asReadOnly());
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
