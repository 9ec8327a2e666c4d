package io.snnsim.kernel;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * {@link LookupFire32} of signed neurons: beside V their own count N is read and written, and index
 * planes hold a digit of base 3 a channel. Confined to the session's thread; allocates only in the
 * constructor.
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
  private final int vectors;
  private final int windows;
  private final long windowStride;

  /** While |V| and theta are smaller, four steps cannot leave the type; 0 if they always might. */
  private final int plainLimit;

  private final int[] theta;

  /**
   * Of each channel: what its spike adds to the index of its group; its opposite adds twice that.
   */
  private final int[] unit;

  private final long[] plane;
  private final boolean[] beginsGroup;
  private final boolean[] endsGroup;

  SignedFire32(
      LookupNetwork network,
      LookupNetwork.Target target,
      PopulationState state,
      MemorySegment memory) {
    this.state = state;
    planes = memory;
    IndexPlanes fired = target.fired();
    masks = fired.masks();
    pixelCounts = state.pixelCounts;
    slotBytes = network.slotBytes();
    channelBytes = state.channelStride * 4;
    vectors = fired.vectors();
    windows = fired.windows();
    windowStride = fired.windowStride();
    plainLimit = (int) Math.max(0, Integer.MAX_VALUE - 4 * target.inputBound());
    theta = new int[state.channels];
    unit = new int[state.channels];
    ChannelPlanes channels = new ChannelPlanes(fired);
    plane = channels.plane();
    beginsGroup = channels.beginsGroup();
    endsGroup = channels.endsGroup();
    for (int c = 0; c < state.channels; c++) {
      theta[c] = state.theta.getAtIndex(JAVA_INT, c);
      unit[c] = fired.unit(channels.digit()[c]);
    }
  }

  @Override
  public void oneStep(LookupNetwork.Block block, int v, int slot, MemorySegment sums, int column) {
    final PopulationState s = state;
    final long pixels = (long) v * BYTES;
    final long slotStart = slot * slotBytes + pixels;
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
        for (int w = 0; w < windows; w++) {
          IntVector.fromMemorySegment(Species.INTS, masks, ((long) w * vectors + v) * BYTES, LE)
              .and(index)
              .intoMemorySegment(planes, at0, LE);
          at0 += windowStride;
        }
        index = IntVector.zero(Species.INTS);
      }
    }
    if (!endsGroup[to - 1]) {
      Species.ZERO_INTS.add(index).intoMemorySegment(planes, slotStart + plane[to - 1], LE);
    }
    Species.ZERO_INTS.add(count).intoMemorySegment(pixelCounts, pixels, LE);
  }

  /** Saturating addition of ints is many instructions, and V is hardly ever near the ends. */
  private static IntVector add(IntVector v, IntVector input, boolean plain) {
    return plain ? v.add(input) : v.lanewise(VectorOperators.SADD, input);
  }

  @Override
  public void fourSteps(LookupNetwork.Block block, int v, int slot, MemorySegment sums) {
    // C2 boxes the vectors of a body for four.
    twoSteps(block, v, slot, sums, 0);
    twoSteps(block, v, slot + 2, sums, 2);
  }

  private void twoSteps(
      LookupNetwork.Block block, int v, int slot, MemorySegment sums, int column) {
    final MemorySegment memory = planes;
    final MemorySegment potentials = state.v;
    final MemorySegment nets = state.net;
    final long pixels = (long) v * BYTES;
    final long first = slot * slotBytes + pixels;
    final long step = slotBytes;
    final int from = block.from();
    final int to = block.to();
    long input = (long) column * 5 * BYTES;
    long at = channelBytes * from + pixels;
    IntVector i0 = IntVector.zero(Species.INTS);
    IntVector i1 = i0;
    if (!beginsGroup[from]) {
      long begun = first + plane[from];
      i0 = IntVector.fromMemorySegment(Species.INTS, memory, begun, LE);
      i1 = IntVector.fromMemorySegment(Species.INTS, memory, begun + step, LE);
    }
    IntVector count = IntVector.fromMemorySegment(Species.INTS, pixelCounts, pixels, LE);
    final IntVector one = IntVector.broadcast(Species.INTS, 1);
    for (int c = from; c < to; c++) {
      i0 = Species.ZERO_INTS.add(i0);
      i1 = Species.ZERO_INTS.add(i1);
      count = Species.ZERO_INTS.add(count);
      IntVector th = IntVector.broadcast(Species.INTS, theta[c]);
      IntVector once = IntVector.broadcast(Species.INTS, unit[c]);
      IntVector twice = once.add(once);
      IntVector n = IntVector.fromMemorySegment(Species.INTS, nets, at, LE);
      IntVector p = IntVector.fromMemorySegment(Species.INTS, potentials, at, LE);
      boolean plain =
          theta[c] < plainLimit && !p.abs().compare(VectorOperators.UGE, plainLimit).anyTrue();
      p = add(p, IntVector.fromMemorySegment(Species.INTS, sums, input, LE), plain);
      VectorMask<Integer> up0 = p.compare(VectorOperators.GE, th);
      VectorMask<Integer> down0 =
          p.compare(VectorOperators.LT, Species.ZERO_INTS)
              .and(n.compare(VectorOperators.NE, Species.ZERO_INTS));
      p = p.sub(th, up0).add(th, down0);
      n = n.add(one, up0).sub(one, down0);
      i0 = i0.add(once, up0).add(twice, down0);
      count = count.add(one, up0.or(down0));
      p = add(p, IntVector.fromMemorySegment(Species.INTS, sums, input + 1 * 5 * BYTES, LE), plain);
      VectorMask<Integer> up1 = p.compare(VectorOperators.GE, th);
      VectorMask<Integer> down1 =
          p.compare(VectorOperators.LT, Species.ZERO_INTS)
              .and(n.compare(VectorOperators.NE, Species.ZERO_INTS));
      p = p.sub(th, up1).add(th, down1);
      n = n.add(one, up1).sub(one, down1);
      i1 = i1.add(once, up1).add(twice, down1);
      count = count.add(one, up1.or(down1));
      p.intoMemorySegment(potentials, at, LE);
      n.intoMemorySegment(nets, at, LE);
      input += BYTES;
      at += channelBytes;
      if (endsGroup[c]) {
        long made = first + plane[c];
        for (int w = 0; w < windows; w++) {
          IntVector mask =
              IntVector.fromMemorySegment(
                  Species.INTS, masks, ((long) w * vectors + v) * BYTES, LE);
          mask.and(i0).intoMemorySegment(memory, made, LE);
          mask.and(i1).intoMemorySegment(memory, made + step, LE);
          made += windowStride;
        }
        i0 = Species.ZERO_INTS;
        i1 = Species.ZERO_INTS;
      }
    }
    if (!endsGroup[to - 1]) {
      long begun = first + plane[to - 1];
      Species.ZERO_INTS.add(i0).intoMemorySegment(memory, begun, LE);
      Species.ZERO_INTS.add(i1).intoMemorySegment(memory, begun + step, LE);
    }
    Species.ZERO_INTS.add(count).intoMemorySegment(pixelCounts, pixels, LE);
  }
}
