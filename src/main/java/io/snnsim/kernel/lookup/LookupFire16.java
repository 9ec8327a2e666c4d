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
 * The neurons of a population updated by lookup, 16-bit V: membrane, threshold, soft reset, spikes
 * as index planes and counts in one pass over V.
 *
 * <p>Confined to the simulation's thread; allocates only in the constructor.
 */
final class LookupFire16 implements LookupFire {
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
  private static final int LANES = Species.SHORTS.length();
  private static final int BYTES = LANES * 2;
  private static final ShortVector MINUS_ONE = ShortVector.broadcast(Species.SHORTS, -1);

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

  /** Of each channel: the bit of its spike in the index of its group. */
  private final short[] bit;

  private final long[] plane;
  private final boolean[] beginsGroup;
  private final boolean[] endsGroup;

  LookupFire16(FiredPlanes fired, PopulationState state) {
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
    bit = new short[state.channels];
    ChannelPlanes channels = fired.channels();
    plane = channels.plane();
    beginsGroup = channels.beginsGroup();
    endsGroup = channels.endsGroup();
    for (int c = 0; c < state.channels; c++) {
      theta[c] = state.theta.getAtIndex(JAVA_SHORT, c);
      bit[c] = (short) (1 << channels.digit()[c]);
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
      ShortVector threshold = ShortVector.broadcast(Species.SHORTS, theta[c]);
      VectorMask<Short> spikes = potential.compare(VectorOperators.GE, threshold);
      potential.sub(threshold, spikes).intoMemorySegment(s.v, at, LE);
      index = index.add(bit[c], spikes);
      count = count.sub(MINUS_ONE, spikes);
      if (s.counts != null) {
        s.countPixels(c, v * LANES, spikes.toLong(), 1);
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

  private static ShortVector add(ShortVector v, ShortVector input) {
    return v.lanewise(VectorOperators.SADD, input);
  }

  @Override
  public void fourSteps(TableBlock block, int v, int slot, MemorySegment sums) {
    final MemorySegment memory = planes;
    final MemorySegment potentials = state.v;
    final long pixels = (long) v * BYTES;
    final long place = pixels & placeMask;
    final long first = slot * slotBytes + place;
    final long step = slotBytes;
    final int from = block.from();
    final int to = block.to();
    long input = 0;
    long at = channelBytes * from + pixels;
    ShortVector i0 = ShortVector.zero(Species.SHORTS);
    ShortVector i1 = i0;
    ShortVector i2 = i0;
    ShortVector i3 = i0;
    if (!beginsGroup[from]) {
      long begun = first + plane[from];
      i0 = ShortVector.fromMemorySegment(Species.SHORTS, memory, begun, LE);
      i1 = ShortVector.fromMemorySegment(Species.SHORTS, memory, begun + step, LE);
      i2 = ShortVector.fromMemorySegment(Species.SHORTS, memory, begun + 2 * step, LE);
      i3 = ShortVector.fromMemorySegment(Species.SHORTS, memory, begun + 3 * step, LE);
    }
    ShortVector count = ShortVector.fromMemorySegment(Species.SHORTS, pixelCounts, pixels, LE);
    for (int c = from; c < to; c++) {
      i0 = Species.ZERO_SHORTS.add(i0);
      i1 = Species.ZERO_SHORTS.add(i1);
      i2 = Species.ZERO_SHORTS.add(i2);
      i3 = Species.ZERO_SHORTS.add(i3);
      count = Species.ZERO_SHORTS.add(count);
      ShortVector th = ShortVector.broadcast(Species.SHORTS, theta[c]);
      ShortVector one = ShortVector.broadcast(Species.SHORTS, bit[c]);
      ShortVector p = ShortVector.fromMemorySegment(Species.SHORTS, potentials, at, LE);
      p = add(p, ShortVector.fromMemorySegment(Species.SHORTS, sums, input, LE));
      VectorMask<Short> f0 = p.compare(VectorOperators.GE, th);
      p = p.sub(th, f0);
      i0 = i0.add(one, f0);
      count = count.sub(MINUS_ONE, f0);
      p = add(p, ShortVector.fromMemorySegment(Species.SHORTS, sums, input + 1 * 5 * BYTES, LE));
      VectorMask<Short> f1 = p.compare(VectorOperators.GE, th);
      p = p.sub(th, f1);
      i1 = i1.add(one, f1);
      count = count.sub(MINUS_ONE, f1);
      p = add(p, ShortVector.fromMemorySegment(Species.SHORTS, sums, input + 2 * 5 * BYTES, LE));
      VectorMask<Short> f2 = p.compare(VectorOperators.GE, th);
      p = p.sub(th, f2);
      i2 = i2.add(one, f2);
      count = count.sub(MINUS_ONE, f2);
      p = add(p, ShortVector.fromMemorySegment(Species.SHORTS, sums, input + 3 * 5 * BYTES, LE));
      VectorMask<Short> f3 = p.compare(VectorOperators.GE, th);
      p = p.sub(th, f3);
      i3 = i3.add(one, f3);
      count = count.sub(MINUS_ONE, f3);
      p.intoMemorySegment(potentials, at, LE);
      input += BYTES;
      at += channelBytes;
      if (endsGroup[c]) {
        long made = first + plane[c];
        for (int w = 0; w < ranges; w++) {
          ShortVector mask =
              ShortVector.fromMemorySegment(Species.SHORTS, masks, w * maskStride + place, LE);
          mask.and(i0).intoMemorySegment(memory, made, LE);
          mask.and(i1).intoMemorySegment(memory, made + step, LE);
          mask.and(i2).intoMemorySegment(memory, made + 2 * step, LE);
          mask.and(i3).intoMemorySegment(memory, made + 3 * step, LE);
          made += rangeStride;
        }
        i0 = ShortVector.zero(Species.SHORTS);
        i1 = i0;
        i2 = i0;
        i3 = i0;
      }
    }
    if (!endsGroup[to - 1]) {
      long begun = first + plane[to - 1];
      Species.ZERO_SHORTS.add(i0).intoMemorySegment(memory, begun, LE);
      Species.ZERO_SHORTS.add(i1).intoMemorySegment(memory, begun + step, LE);
      Species.ZERO_SHORTS.add(i2).intoMemorySegment(memory, begun + 2 * step, LE);
      Species.ZERO_SHORTS.add(i3).intoMemorySegment(memory, begun + 3 * step, LE);
    }
    Species.ZERO_SHORTS.add(count).intoMemorySegment(pixelCounts, pixels, LE);
  }
}
