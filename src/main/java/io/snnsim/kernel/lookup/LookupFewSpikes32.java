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
  private final int vectors;
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

  LookupFewSpikes32(
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
    channelBytes = state.channelStride * 4;
    vectors = fired.vectors();
    ranges = fired.ranges();
    rangeStride = fired.rangeStride();
    theta = new int[state.channels];
    constant = new int[state.channels];
    bit = new int[state.channels];
    ChannelPlanes channels = new ChannelPlanes(fired);
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
      IntVector sum = IntVector.fromMemorySegment(Species.INTS, sums, input, LE);
      for (int t = 1; t < steps; t++) {
        sum = Species.ZERO_INTS.add(sum);
        IntVector step = IntVector.fromMemorySegment(Species.INTS, sums, input + stepBytes[t], LE);
        // saturate(2 sum + step): the first addition saturates only where the whole does.
        sum = add(add(sum, step), sum);
      }
      IntVector once = IntVector.broadcast(Species.INTS, constant[c]);
      if (current != null) {
        once = IntVector.fromMemorySegment(Species.INTS, current, at, LE);
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
    IntVector index = IntVector.zero(Species.INTS);
    if (!beginsGroup[from]) {
      index = IntVector.fromMemorySegment(Species.INTS, planes, slotStart + plane[from], LE);
    }
    IntVector count = IntVector.fromMemorySegment(Species.INTS, pixelCounts, pixels, LE);
    for (int c = from; c < to; c++) {
      index = Species.ZERO_INTS.add(index);
      count = Species.ZERO_INTS.add(count);
      IntVector worth = IntVector.broadcast(Species.INTS, (theta[c] << place));
      IntVector potential = IntVector.fromMemorySegment(Species.INTS, potentials, at, LE);
      VectorMask<Integer> spikes = potential.compare(VectorOperators.GE, worth);
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
          IntVector.fromMemorySegment(Species.INTS, masks, ((long) w * vectors + v) * BYTES, LE)
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

  private static IntVector add(IntVector a, IntVector b) {
    // 32 bits hold every sum, which opening the model has proven.
    return a.add(b);
  }
}
