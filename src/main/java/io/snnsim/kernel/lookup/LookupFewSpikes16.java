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
  private final int vectors;
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

  LookupFewSpikes16(
      LookupNetwork network,
      LookupTarget.Sums target,
      PopulationState state,
      MemorySegment memory) {
    this.state = state;
    planes = memory;
    steps = state.codeSteps();
    IndexPlanes fired = target.fired();
    masks = fired.masks();
    pixelCounts = state.pixelCounts;
    slotBytes = network.slotBytes();
    channelBytes = state.channelStride * 2;
    vectors = fired.vectors();
    ranges = fired.ranges();
    rangeStride = fired.rangeStride();
    theta = new short[state.channels];
    constant = new short[state.channels];
    bit = new short[state.channels];
    ChannelPlanes channels = new ChannelPlanes(fired);
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
    for (int t = 0; t < steps; t++) {
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
        sum = Species.ZERO_SHORTS.add(sum);
        ShortVector step =
            ShortVector.fromMemorySegment(Species.SHORTS, sums, input + stepBytes[t], LE);
        // saturate(2 sum + step): the first addition saturates only where the whole does.
        sum = add(add(sum, step), sum);
      }
      ShortVector once = ShortVector.broadcast(Species.SHORTS, constant[c]);
      if (current != null) {
        once = ShortVector.fromMemorySegment(Species.SHORTS, current, at, LE);
      }
      add(sum, once).intoMemorySegment(potentials, at, LE);
      at += channelBytes;
      input += BYTES;
    }
  }

  /** The spikes of step {@code t}. */
  private void send(TableBlock block, int v, int t) {
    final PopulationState s = state;
    final MemorySegment potentials = s.v;
    final int place = steps - 1 - t;
    final long pixels = (long) v * BYTES;
    final long slotStart = t * slotBytes + pixels;
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
      ShortVector worth = ShortVector.broadcast(Species.SHORTS, (short) (theta[c] << place));
      ShortVector potential = ShortVector.fromMemorySegment(Species.SHORTS, potentials, at, LE);
      VectorMask<Short> spikes = potential.compare(VectorOperators.GE, worth);
      potential.sub(worth, spikes).intoMemorySegment(potentials, at, LE);
      index = index.add(bit[c], spikes);
      count = count.sub(MINUS_ONE, spikes);
      if (s.counts != null) {
        s.countPixels(c, v * LANES, spikes.toLong(), 1 << place);
      }
      at += channelBytes;
      if (endsGroup[c]) {
        long at0 = slotStart + plane[c];
        for (int w = 0; w < ranges; w++) {
          ShortVector.fromMemorySegment(Species.SHORTS, masks, ((long) w * vectors + v) * BYTES, LE)
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

  private static ShortVector add(ShortVector a, ShortVector b) {
    return a.lanewise(VectorOperators.SADD, b);
  }
}
