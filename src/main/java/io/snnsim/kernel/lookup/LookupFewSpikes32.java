// SPDX-License-Identifier: Apache-2.0
// DO NOT EDIT: made from src/main/templates/LookupFew.java.template by tools/generate-kernels.sh.
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
 * Few-spike neurons of a population updated by lookup, 32-bit V: the sums of all steps of the code
 * become V, and V all spikes as index planes, so that a neuron is updated once in a code. Confined
 * to the simulation's thread; allocates only in the constructor.
 */
final class LookupFewSpikes32 implements LookupCode {
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
  private static final int LANES = Species.INTS.length();
  private static final int BYTES = LANES * 4;
  private static final IntVector MINUS_ONE = IntVector.broadcast(Species.INTS, -1);

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
  private final int[] theta;

  /** What is added to the sums of a channel that the image does not drive. */
  private final int[] constant;

  /** Of each channel: the bit of its spike in the index of its group. */
  private final int[] bit;

  private final long[] plane;
  private final boolean[] beginsGroup;
  private final boolean[] endsGroup;

  LookupFewSpikes32(FiredPlanes fired, PopulationState state) {
    this.state = state;
    planes = fired.memory();
    steps = state.codeSteps();
    masks = fired.masks();
    pixelCounts = state.pixelCounts;
    slotBytes = fired.slotBytes();
    channelBytes = state.channelStride * 4;
    maskStride = fired.maskStride();
    placeMask = fired.placeMask();
    ranges = fired.ranges();
    rangeStride = fired.rangeStride();
    theta = new int[state.channels];
    constant = new int[state.channels];
    bit = new int[state.channels];
    ChannelPlanes channels = fired.channels();
    plane = channels.plane();
    beginsGroup = channels.beginsGroup();
    endsGroup = channels.endsGroup();
    for (int c = 0; c < state.channels; c++) {
      theta[c] = state.theta.getAtIndex(JAVA_INT, c);
      constant[c] = state.bias.getAtIndex(JAVA_INT, c);
      bit[c] = (1 << channels.digit()[c]);
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
      IntVector sum = IntVector.fromMemorySegment(Species.INTS, sums, input, LE);
      for (int t = 1; t < steps; t++) {
        // 32 bits hold every sum, which opening the model has proven.
        sum =
            IntVector.fromMemorySegment(Species.INTS, sums, input + stepBytes[t], LE)
                .add(sum)
                .add(sum);
      }
      IntVector once = IntVector.broadcast(Species.INTS, constant[c]);
      if (current != null) {
        once = IntVector.fromMemorySegment(Species.INTS, current, at, LE);
      }
      Species.ZERO_INTS.add(sum).add(once).intoMemorySegment(potentials, at, LE);
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
    IntVector index = IntVector.zero(Species.INTS);
    if (!beginsGroup[from]) {
      index = IntVector.fromMemorySegment(Species.INTS, planes, slotStart + plane[from], LE);
    }
    IntVector count = IntVector.fromMemorySegment(Species.INTS, pixelCounts, pixels, LE);
    for (int c = from; c < to; c++) {
      index = Species.ZERO_INTS.add(index);
      count = Species.ZERO_INTS.add(count);
      IntVector worth = IntVector.broadcast(Species.INTS, (theta[c] << left));
      IntVector potential = IntVector.fromMemorySegment(Species.INTS, potentials, at, LE);
      VectorMask<Integer> spikes = potential.compare(VectorOperators.GE, worth);
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
    IntVector i0 = IntVector.zero(Species.INTS);
    IntVector i1 = i0;
    IntVector i2 = i0;
    IntVector i3 = i0;
    if (!beginsGroup[from]) {
      long begun = first + plane[from];
      i0 = IntVector.fromMemorySegment(Species.INTS, memory, begun, LE);
      i1 = IntVector.fromMemorySegment(Species.INTS, memory, begun + step, LE);
      i2 = IntVector.fromMemorySegment(Species.INTS, memory, begun + 2 * step, LE);
      i3 = IntVector.fromMemorySegment(Species.INTS, memory, begun + 3 * step, LE);
    }
    IntVector count = IntVector.fromMemorySegment(Species.INTS, pixelCounts, pixels, LE);
    for (int c = from; c < to; c++) {
      i0 = Species.ZERO_INTS.add(i0);
      i1 = Species.ZERO_INTS.add(i1);
      i2 = Species.ZERO_INTS.add(i2);
      i3 = Species.ZERO_INTS.add(i3);
      count = Species.ZERO_INTS.add(count);
      int least = theta[c] << left;
      IntVector one = IntVector.broadcast(Species.INTS, bit[c]);
      IntVector p = IntVector.fromMemorySegment(Species.INTS, potentials, at, LE);
      IntVector worth0 = IntVector.broadcast(Species.INTS, (least << 3));
      VectorMask<Integer> f0 = p.compare(VectorOperators.GE, worth0);
      p = p.sub(worth0, f0);
      i0 = i0.add(one, f0);
      count = count.sub(MINUS_ONE, f0);
      IntVector worth1 = IntVector.broadcast(Species.INTS, (least << 2));
      VectorMask<Integer> f1 = p.compare(VectorOperators.GE, worth1);
      p = p.sub(worth1, f1);
      i1 = i1.add(one, f1);
      count = count.sub(MINUS_ONE, f1);
      IntVector worth2 = IntVector.broadcast(Species.INTS, (least << 1));
      VectorMask<Integer> f2 = p.compare(VectorOperators.GE, worth2);
      p = p.sub(worth2, f2);
      i2 = i2.add(one, f2);
      count = count.sub(MINUS_ONE, f2);
      IntVector worth3 = IntVector.broadcast(Species.INTS, (least));
      VectorMask<Integer> f3 = p.compare(VectorOperators.GE, worth3);
      p = p.sub(worth3, f3);
      i3 = i3.add(one, f3);
      count = count.sub(MINUS_ONE, f3);
      p.intoMemorySegment(potentials, at, LE);
      at += channelBytes;
      if (endsGroup[c]) {
        long made = first + plane[c];
        for (int w = 0; w < ranges; w++) {
          IntVector mask =
              IntVector.fromMemorySegment(Species.INTS, masks, w * maskStride + place, LE);
          mask.and(i0).intoMemorySegment(memory, made, LE);
          mask.and(i1).intoMemorySegment(memory, made + step, LE);
          mask.and(i2).intoMemorySegment(memory, made + 2 * step, LE);
          mask.and(i3).intoMemorySegment(memory, made + 3 * step, LE);
          made += rangeStride;
        }
        i0 = IntVector.zero(Species.INTS);
        i1 = i0;
        i2 = i0;
        i3 = i0;
      }
    }
    if (!endsGroup[to - 1]) {
      long begun = first + plane[to - 1];
      Species.ZERO_INTS.add(i0).intoMemorySegment(memory, begun, LE);
      Species.ZERO_INTS.add(i1).intoMemorySegment(memory, begun + step, LE);
      Species.ZERO_INTS.add(i2).intoMemorySegment(memory, begun + 2 * step, LE);
      Species.ZERO_INTS.add(i3).intoMemorySegment(memory, begun + 3 * step, LE);
    }
    Species.ZERO_INTS.add(count).intoMemorySegment(pixelCounts, pixels, LE);
  }
}
