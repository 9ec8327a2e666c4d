// SPDX-License-Identifier: Apache-2.0
// DO NOT EDIT: made from src/main/templates/LookupFire.java.template by tools/generate-kernels.sh.
package io.snnsim.kernel.lookup;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.snnsim.kernel.state.PopulationState;
import io.snnsim.kernel.vector.Species;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * {@link LookupFire32} of signed neurons: beside V their own count N is read and written, and index
 * planes hold a digit of base 3 a channel.
 *
 * <p>Confined to the simulation's thread; allocates only in the constructor.
 */
final class SignedFire32 implements LookupFire {
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
  private static final int LANES = Species.INTS.length();
  private static final int BYTES = LANES * 4;

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

  private final int[] theta;

  /**
   * Of each channel: what its spike adds to the index of its group; its opposite adds twice that.
   */
  private final int[] unit;

  private final long[] plane;
  private final boolean[] beginsGroup;
  private final boolean[] endsGroup;

  SignedFire32(FiredPlanes fired, PopulationState state) {
    this.state = state;
    planes = fired.memory();
    masks = fired.masks();
    pixelCounts = state.pixelCounts;
    slotBytes = fired.slotBytes();
    channelBytes = state.channelStride * 4;
    maskStride = fired.maskStride();
    placeMask = fired.placeMask();
    ranges = fired.ranges();
    rangeStride = fired.rangeStride();
    theta = new int[state.channels];
    unit = new int[state.channels];
    ChannelPlanes channels = fired.channels();
    plane = channels.plane();
    beginsGroup = channels.beginsGroup();
    endsGroup = channels.endsGroup();
    for (int c = 0; c < state.channels; c++) {
      theta[c] = state.theta.getAtIndex(JAVA_INT, c);
      unit[c] = IndexPlanes.ternaryUnit(channels.digit()[c]);
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
    IntVector index = IntVector.zero(Species.INTS);
    if (!beginsGroup[from]) {
      index = IntVector.fromMemorySegment(Species.INTS, planes, slotStart + plane[from], LE);
    }
    IntVector count = IntVector.fromMemorySegment(Species.INTS, pixelCounts, pixels, LE);
    for (int c = from; c < to; c++) {
      index = Species.ZERO_INTS.add(index);
      count = Species.ZERO_INTS.add(count);
      IntVector potential =
          IntVector.fromMemorySegment(Species.INTS, s.v, at, LE)
              .lanewise(
                  VectorOperators.SADD, IntVector.fromMemorySegment(Species.INTS, sums, input, LE));
      IntVector net = IntVector.fromMemorySegment(Species.INTS, s.net, at, LE);
      IntVector threshold = IntVector.broadcast(Species.INTS, theta[c]);
      VectorMask<Integer> up = potential.compare(VectorOperators.GE, threshold);
      VectorMask<Integer> down =
          potential.compare(VectorOperators.LT, 0).and(net.compare(VectorOperators.NE, 0));
      potential.sub(threshold, up).add(threshold, down).intoMemorySegment(s.v, at, LE);
      net.add(1, up).sub(1, down).intoMemorySegment(s.net, at, LE);
      index = index.add(unit[c], up).add((2 * unit[c]), down);
      count = count.add(1, up.or(down));
      if (s.counts != null) {
        s.countPixels(c, v * LANES, up.toLong(), 1);
        s.countPixels(c, v * LANES, down.toLong(), -1);
      }
      input += BYTES;
      at += channelBytes;
      if (endsGroup[c]) {
        long at0 = slotStart + plane[c];
        for (int w = 0; w < ranges; w++) {
          IntVector.fromMemorySegment(Species.INTS, masks, w * maskStride + place, LE)
              .and(index)
              .intoMemorySegment(planes, at0, LE);
          at0 += rangeStride;
        }
        index = IntVector.zero(Species.INTS);
      }
    }
    if (!endsGroup[to - 1]) {
      Species.ZERO_INTS.add(index).intoMemorySegment(planes, slotStart + plane[to - 1], LE);
    }
    Species.ZERO_INTS.add(count).intoMemorySegment(pixelCounts, pixels, LE);
  }
}
