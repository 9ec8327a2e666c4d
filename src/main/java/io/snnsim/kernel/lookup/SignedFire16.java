// SPDX-License-Identifier: Apache-2.0
// DO NOT EDIT: made from src/main/templates/LookupFire.java.template by tools/generate-kernels.sh.
package io.snnsim.kernel.lookup;

import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.snnsim.kernel.state.PopulationState;
import io.snnsim.kernel.vector.Species;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * {@link LookupFire16} of signed neurons: beside V their own count N is read and written, and index
 * planes hold a digit of base 3 a channel.
 *
 * <p>Confined to the simulation's thread; allocates only in the constructor.
 */
final class SignedFire16 implements LookupFire {
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
  private static final int LANES = Species.SHORTS.length();
  private static final int BYTES = LANES * 2;

  private final PopulationState state;
  private final MemorySegment planes;
  private final MemorySegment masks;
  private final MemorySegment pixelCounts;
  private final long slotBytes;
  private final long channelBytes;
  private final long maskStride;
  private final long placeMask;
  private final int ranges;
  private final long rangeStride;

  private final short[] theta;

  /**
   * Of each channel: what its spike adds to the index of its group; its opposite adds twice that.
   */
  private final short[] unit;

  private final long[] plane;
  private final boolean[] beginsGroup;
  private final boolean[] endsGroup;

  SignedFire16(FiredPlanes fired, PopulationState state) {
    this.state = state;
    planes = fired.memory();
    masks = fired.masks();
    pixelCounts = state.pixelCounts;
    slotBytes = fired.slotBytes();
    channelBytes = state.channelStride * 2;
    maskStride = fired.maskStride();
    placeMask = fired.placeMask();
    ranges = fired.ranges();
    rangeStride = fired.rangeStride();
    theta = new short[state.channels];
    unit = new short[state.channels];
    ChannelPlanes channels = fired.channels();
    plane = channels.plane();
    beginsGroup = channels.beginsGroup();
    endsGroup = channels.endsGroup();
    for (int c = 0; c < state.channels; c++) {
      theta[c] = state.theta.getAtIndex(JAVA_SHORT, c);
      unit[c] = (short) IndexPlanes.ternaryUnit(channels.digit()[c]);
    }
  }

  @Override
  public void oneStep(TableBlock block, int v, int slot, MemorySegment sums, int column) {
    final PopulationState s = state;
    final long pixels = (long) v * BYTES;
    final long place = pixels & placeMask;
    final long slotStart = slot * slotBytes + place;
    final int from = block.from();
    final int to = block.to();
    long input = (long) column * 5 * BYTES;
    long at = channelBytes * from + pixels;
    ShortVector index = ShortVector.zero(Species.SHORTS);
    if (!beginsGroup[from]) {
      index = ShortVector.fromMemorySegment(Species.SHORTS, planes, slotStart + plane[from], LE);
    }
    ShortVector count = ShortVector.fromMemorySegment(Species.SHORTS, pixelCounts, pixels, LE);
    for (int c = from; c < to; c++) {
      index = Species.ZERO_SHORTS.add(index);
      count = Species.ZERO_SHORTS.add(count);
      ShortVector potential =
          ShortVector.fromMemorySegment(Species.SHORTS, s.v, at, LE)
              .lanewise(
                  VectorOperators.SADD,
                  ShortVector.fromMemorySegment(Species.SHORTS, sums, input, LE));
      ShortVector net = ShortVector.fromMemorySegment(Species.SHORTS, s.net, at, LE);
      ShortVector threshold = ShortVector.broadcast(Species.SHORTS, theta[c]);
      VectorMask<Short> up = potential.compare(VectorOperators.GE, threshold);
      VectorMask<Short> down =
          potential
              .compare(VectorOperators.LT, (short) 0)
              .and(net.compare(VectorOperators.NE, (short) 0));
      potential.sub(threshold, up).add(threshold, down).intoMemorySegment(s.v, at, LE);
      net.add((short) 1, up).sub((short) 1, down).intoMemorySegment(s.net, at, LE);
      index = index.add(unit[c], up).add((short) (2 * unit[c]), down);
      count = count.add((short) 1, up.or(down));
      if (s.counts != null) {
        s.countPixels(c, v * LANES, up.toLong(), 1);
        s.countPixels(c, v * LANES, down.toLong(), -1);
      }
      input += BYTES;
      at += channelBytes;
      if (endsGroup[c]) {
        long at0 = slotStart + plane[c];
        for (int w = 0; w < ranges; w++) {
          ShortVector.fromMemorySegment(Species.SHORTS, masks, w * maskStride + place, LE)
              .and(index)
              .intoMemorySegment(planes, at0, LE);
          at0 += rangeStride;
        }
        index = ShortVector.zero(Species.SHORTS);
      }
    }
    if (!endsGroup[to - 1]) {
      Species.ZERO_SHORTS.add(index).intoMemorySegment(planes, slotStart + plane[to - 1], LE);
    }
    Species.ZERO_SHORTS.add(count).intoMemorySegment(pixelCounts, pixels, LE);
  }
}
