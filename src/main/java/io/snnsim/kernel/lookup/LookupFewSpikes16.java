// SPDX-License-Identifier: Apache-2.0
// DO NOT EDIT: made from src/main/templates/LookupFew.java.template by tools/generate-kernels.sh.
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
 * Few-spike neurons of a population updated by lookup, 16-bit V: the sums of all steps of the code
 * become V, and V all spikes as index planes, so that a neuron is updated once in a code. Confined
 * to the simulation's thread; allocates only in the constructor.
 */
final class LookupFewSpikes16 implements LookupCode {
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
  private static final int LANES = Species.SHORTS.length();
  private static final int BYTES = LANES * 2;
  private static final ShortVector MINUS_ONE = ShortVector.broadcast(Species.SHORTS, -1);

  private final PopulationState state;
  private final MemorySegment planes;
  private final MemorySegment masks;
  private final MemorySegment pixelCounts;
  private final int steps;
  private final long slotBytes;
  private final long channelBytes;
  private final long maskStride;
  private final long placeMask;
  private final int ranges;
  private final long rangeStride;
  private final short[] theta;

  /** What is added to the sums of a channel that the image does not drive. */
  private final short[] constant;

  /** Of each channel: the bit of its spike in the index of its group. */
  private final short[] bit;

  private final long[] plane;
  private final boolean[] beginsGroup;
  private final boolean[] endsGroup;

  LookupFewSpikes16(FiredPlanes fired, PopulationState state) {
    this.state = state;
    planes = fired.memory();
    steps = state.codeSteps();
    masks = fired.masks();
    pixelCounts = state.pixelCounts;
    slotBytes = fired.slotBytes();
    channelBytes = state.channelStride * 2;
    maskStride = fired.maskStride();
    placeMask = fired.placeMask();
    ranges = fired.ranges();
    rangeStride = fired.rangeStride();
    theta = new short[state.channels];
    constant = new short[state.channels];
    bit = new short[state.channels];
    ChannelPlanes channels = fired.channels();
    plane = channels.plane();
    beginsGroup = channels.beginsGroup();
    endsGroup = channels.endsGroup();
    for (int c = 0; c < state.channels; c++) {
      theta[c] = state.theta.getAtIndex(JAVA_SHORT, c);
      constant[c] = state.bias.getAtIndex(JAVA_SHORT, c);
      bit[c] = (short) (1 << channels.digit()[c]);
    }
  }

  @Override
  public void run(TableBlock block, int v, MemorySegment sums, long first, long[] stepBytes) {
    gather(block, v, sums, first, stepBytes);
    int t = 0;
    if (state.counts == null) {
      for (; t + 4 <= steps; t += 4) {
        sendFour(block, v, t);
      }
    }
    for (; t < steps; t++) {
      send(block, v, t);
    }
  }

  /** V = sum over the steps of 2^(K-1-t) * sum of step t, + what comes once an image. */
  private void gather(TableBlock block, int v, MemorySegment sums, long first, long[] stepBytes) {
    final MemorySegment potentials = state.v;
    final MemorySegment current = state.current;
    long at = channelBytes * block.from() + (long) v * BYTES;
    long input = first;
    for (int c = block.from(); c < block.to(); c++) {
      ShortVector sum = ShortVector.fromMemorySegment(Species.SHORTS, sums, input, LE);
      for (int t = 1; t < steps; t++) {
        // saturate(2 sum + step): the first addition saturates only where the whole does.
        sum =
            ShortVector.fromMemorySegment(Species.SHORTS, sums, input + stepBytes[t], LE)
                .lanewise(VectorOperators.SADD, sum)
                .lanewise(VectorOperators.SADD, sum);
      }
      ShortVector once = ShortVector.broadcast(Species.SHORTS, constant[c]);
      if (current != null) {
        once = ShortVector.fromMemorySegment(Species.SHORTS, current, at, LE);
      }
      Species.ZERO_SHORTS
          .add(sum)
          .lanewise(VectorOperators.SADD, once)
          .intoMemorySegment(potentials, at, LE);
      at += channelBytes;
      input += BYTES;
    }
  }

  /** The spikes of step {@code t}. */
  private void send(TableBlock block, int v, int t) {
    final PopulationState s = state;
    final MemorySegment potentials = s.v;
    final int left = steps - 1 - t;
    final long pixels = (long) v * BYTES;
    final long place = pixels & placeMask;
    final long slotStart = t * slotBytes + place;
    final int from = block.from();
    final int to = block.to();
    long at = channelBytes * from + pixels;
    ShortVector index = ShortVector.zero(Species.SHORTS);
    if (!beginsGroup[from]) {
      index = ShortVector.fromMemorySegment(Species.SHORTS, planes, slotStart + plane[from], LE);
    }
    ShortVector count = ShortVector.fromMemorySegment(Species.SHORTS, pixelCounts, pixels, LE);
    for (int c = from; c < to; c++) {
      index = Species.ZERO_SHORTS.add(index);
      count = Species.ZERO_SHORTS.add(count);
      ShortVector worth = ShortVector.broadcast(Species.SHORTS, (short) (theta[c] << left));
      ShortVector potential = ShortVector.fromMemorySegment(Species.SHORTS, potentials, at, LE);
      VectorMask<Short> spikes = potential.compare(VectorOperators.GE, worth);
      potential.sub(worth, spikes).intoMemorySegment(potentials, at, LE);
      index = index.add(bit[c], spikes);
      count = count.sub(MINUS_ONE, spikes);
      if (s.counts != null) {
        s.countPixels(c, v * LANES, spikes.toLong(), 1 << left);
      }
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

  /** The spikes of steps {@code t} to {@code t + 3}, with V in a register. */
  private void sendFour(TableBlock block, int v, int t) {
    final MemorySegment memory = planes;
    final MemorySegment potentials = state.v;
    final int left = steps - 4 - t;
    final long pixels = (long) v * BYTES;
    final long place = pixels & placeMask;
    final long first = t * slotBytes + place;
    final long step = slotBytes;
    final int from = block.from();
    final int to = block.to();
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
      int least = theta[c] << left;
      ShortVector one = ShortVector.broadcast(Species.SHORTS, bit[c]);
      ShortVector p = ShortVector.fromMemorySegment(Species.SHORTS, potentials, at, LE);
      ShortVector worth0 = ShortVector.broadcast(Species.SHORTS, (short) (least << 3));
      VectorMask<Short> f0 = p.compare(VectorOperators.GE, worth0);
      p = p.sub(worth0, f0);
      i0 = i0.add(one, f0);
      count = count.sub(MINUS_ONE, f0);
      ShortVector worth1 = ShortVector.broadcast(Species.SHORTS, (short) (least << 2));
      VectorMask<Short> f1 = p.compare(VectorOperators.GE, worth1);
      p = p.sub(worth1, f1);
      i1 = i1.add(one, f1);
      count = count.sub(MINUS_ONE, f1);
      ShortVector worth2 = ShortVector.broadcast(Species.SHORTS, (short) (least << 1));
      VectorMask<Short> f2 = p.compare(VectorOperators.GE, worth2);
      p = p.sub(worth2, f2);
      i2 = i2.add(one, f2);
      count = count.sub(MINUS_ONE, f2);
      ShortVector worth3 = ShortVector.broadcast(Species.SHORTS, (short) (least));
      VectorMask<Short> f3 = p.compare(VectorOperators.GE, worth3);
      p = p.sub(worth3, f3);
      i3 = i3.add(one, f3);
      count = count.sub(MINUS_ONE, f3);
      p.intoMemorySegment(potentials, at, LE);
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
