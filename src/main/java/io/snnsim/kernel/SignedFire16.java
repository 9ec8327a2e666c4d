package io.snnsim.kernel;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * The neurons of {@link Lookup16} where they are signed: beside V their own count N is read and
 * written, and index planes hold a digit of base 3 a channel. Confined to the session's thread;
 * allocates nothing once constructed.
 */
final class SignedFire16 {
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
  private static final int LANES = Species.SHORTS.length();
  private static final int BYTES = LANES * 2;

  private final PopulationState state;
  private final IndexPlanes fired;
  private final MemorySegment planes;
  private final MemorySegment masks;
  private final MemorySegment sums;
  private final MemorySegment current;
  private final MemorySegment pixelCounts;
  private final long slotBytes;
  private final int vectors;
  private final int windows;
  private final long windowStride;
  private final short[] theta;
  private final short[] bias;
  private final int[] firstGroup;
  private final int[] firstDigit;

  /**
   * For the neurons of {@code state}.
   *
   * @param sums [column][channel of the block][lane], what the neurons get from spikes
   */
  SignedFire16(
      PopulationState state,
      IndexPlanes fired,
      MemorySegment planes,
      long slotBytes,
      MemorySegment sums,
      short[] theta,
      short[] bias,
      int[] firstGroup,
      int[] firstDigit) {
    this.state = state;
    this.fired = fired;
    this.planes = planes;
    this.slotBytes = slotBytes;
    this.sums = sums;
    this.theta = theta;
    this.bias = bias;
    this.firstGroup = firstGroup;
    this.firstDigit = firstDigit;
    masks = fired.masks();
    vectors = fired.vectors();
    windows = fired.windows();
    windowStride = fired.windowStride();
    current = state.current;
    pixelCounts = state.pixelCounts;
  }

  private ShortVector constant(int c, long at) {
    return current == null
        ? ShortVector.broadcast(Species.SHORTS, bias[c])
        : ShortVector.fromMemorySegment(Species.SHORTS, current, at, LE);
  }

  /** One step of the neurons of a block at the {@code v}-th vector of pixels. */
  void fire(LookupNetwork.Block block, int v, int slot, int column) {
    final PopulationState s = state;
    final long pixels = (long) v * BYTES;
    long sum = (long) column * LookupNetwork.BLOCK * BYTES;
    long at = s.channelStride * 2 * block.from() + pixels;
    int group = firstGroup[block.from()];
    int digit = firstDigit[block.from()];
    int size = fired.groups.size(group);
    ShortVector index = ShortVector.zero(Species.SHORTS);
    if (digit > 0) {
      index =
          ShortVector.fromMemorySegment(
              Species.SHORTS, planes, slot * slotBytes + fired.offset(0, group) + pixels, LE);
    }
    ShortVector count = ShortVector.fromMemorySegment(Species.SHORTS, pixelCounts, pixels, LE);
    for (int c = block.from(); c < block.to(); c++) {
      final short unit = (short) IndexPlanes.ternaryUnit(digit);
      ShortVector input =
          ShortVector.fromMemorySegment(Species.SHORTS, sums, sum, LE).add(constant(c, at));
      ShortVector potential =
          ShortVector.fromMemorySegment(Species.SHORTS, s.v, at, LE)
              .lanewise(VectorOperators.SADD, input);
      ShortVector net = ShortVector.fromMemorySegment(Species.SHORTS, s.net, at, LE);
      ShortVector threshold = ShortVector.broadcast(Species.SHORTS, theta[c]);
      VectorMask<Short> up = potential.compare(VectorOperators.GE, threshold);
      VectorMask<Short> down =
          potential
              .compare(VectorOperators.LT, (short) 0)
              .and(net.compare(VectorOperators.NE, (short) 0));
      potential.sub(threshold, up).add(threshold, down).intoMemorySegment(s.v, at, LE);
      net.add((short) 1, up).sub((short) 1, down).intoMemorySegment(s.net, at, LE);
      index = index.add(unit, up).add((short) (2 * unit), down);
      count = count.add((short) 1, up.or(down));
      if (s.counts != null) {
        s.countPixels(c, v * LANES, up.toLong(), 1);
        s.countPixels(c, v * LANES, down.toLong(), -1);
      }
      sum += BYTES;
      at += s.channelStride * 2;
      if (++digit == size) {
        long plane = slot * slotBytes + fired.offset(0, group) + pixels;
        for (int w = 0; w < windows; w++) {
          index
              .and(
                  ShortVector.fromMemorySegment(
                      Species.SHORTS, masks, ((long) w * vectors + v) * BYTES, LE))
              .intoMemorySegment(planes, plane, LE);
          plane += windowStride;
        }
        index = ShortVector.zero(Species.SHORTS);
        digit = 0;
        size = ++group < fired.groups.count() ? fired.groups.size(group) : 0;
      }
    }
    if (digit > 0) {
      index.intoMemorySegment(planes, slot * slotBytes + fired.offset(0, group) + pixels, LE);
    }
    count.intoMemorySegment(pixelCounts, pixels, LE);
  }

  private static ShortVector add(ShortVector v, ShortVector input) {
    return v.lanewise(VectorOperators.SADD, input);
  }

  /**
   * Two successive steps at once: V and N stay in registers from one to the next. C2 boxes the
   * vectors of a body for four.
   *
   * @param column of the first step
   */
  void fireTwoSteps(LookupNetwork.Block block, int v, int slot, int column) {
    final MemorySegment memory = planes;
    final MemorySegment potentials = state.v;
    final MemorySegment nets = state.net;
    final MemorySegment inputs = sums;
    final IndexPlanes set = fired;
    final long pixels = (long) v * BYTES;
    final long first = slot * slotBytes + pixels;
    final long step = slotBytes;
    final long channelBytes = state.channelStride * 2;
    long sum = (long) column * LookupNetwork.BLOCK * BYTES;
    long at = channelBytes * block.from() + pixels;
    int group = firstGroup[block.from()];
    int digit = firstDigit[block.from()];
    int size = set.groups.size(group);
    ShortVector i0 = ShortVector.zero(Species.SHORTS);
    ShortVector i1 = i0;
    if (digit > 0) {
      long plane = first + set.offset(0, group);
      i0 = ShortVector.fromMemorySegment(Species.SHORTS, memory, plane, LE);
      i1 = ShortVector.fromMemorySegment(Species.SHORTS, memory, plane + step, LE);
    }
    ShortVector count = ShortVector.fromMemorySegment(Species.SHORTS, pixelCounts, pixels, LE);
    final ShortVector zero = ShortVector.zero(Species.SHORTS);
    final ShortVector one = ShortVector.broadcast(Species.SHORTS, 1);
    final int to = block.to();
    for (int c = block.from(); c < to; c++) {
      ShortVector th = ShortVector.broadcast(Species.SHORTS, theta[c]);
      ShortVector unit = ShortVector.broadcast(Species.SHORTS, IndexPlanes.ternaryUnit(digit));
      ShortVector twice = unit.add(unit);
      ShortVector base = constant(c, at);
      ShortVector n = ShortVector.fromMemorySegment(Species.SHORTS, nets, at, LE);
      ShortVector p = ShortVector.fromMemorySegment(Species.SHORTS, potentials, at, LE);
      p = add(p, ShortVector.fromMemorySegment(Species.SHORTS, inputs, sum, LE).add(base));
      VectorMask<Short> up0 = p.compare(VectorOperators.GE, th);
      VectorMask<Short> down0 =
          p.compare(VectorOperators.LT, zero).and(n.compare(VectorOperators.NE, zero));
      p = p.sub(th, up0).add(th, down0);
      n = n.add(one, up0).sub(one, down0);
      i0 = i0.add(unit, up0).add(twice, down0);
      count = count.add(one, up0.or(down0));
      p =
          add(
              p,
              ShortVector.fromMemorySegment(Species.SHORTS, inputs, sum + 1 * 5 * BYTES, LE)
                  .add(base));
      VectorMask<Short> up1 = p.compare(VectorOperators.GE, th);
      VectorMask<Short> down1 =
          p.compare(VectorOperators.LT, zero).and(n.compare(VectorOperators.NE, zero));
      p = p.sub(th, up1).add(th, down1);
      n = n.add(one, up1).sub(one, down1);
      i1 = i1.add(unit, up1).add(twice, down1);
      count = count.add(one, up1.or(down1));
      p.intoMemorySegment(potentials, at, LE);
      n.intoMemorySegment(nets, at, LE);
      sum += BYTES;
      at += channelBytes;
      if (++digit == size) {
        long plane = first + set.offset(0, group);
        for (int w = 0; w < windows; w++) {
          ShortVector mask =
              ShortVector.fromMemorySegment(
                  Species.SHORTS, masks, ((long) w * vectors + v) * BYTES, LE);
          i0.and(mask).intoMemorySegment(memory, plane, LE);
          i1.and(mask).intoMemorySegment(memory, plane + step, LE);
          plane += windowStride;
        }
        i0 = zero;
        i1 = i0;
        digit = 0;
        size = ++group < set.groups.count() ? set.groups.size(group) : 0;
      }
    }
    if (digit > 0) {
      long plane = first + set.offset(0, group);
      i0.intoMemorySegment(memory, plane, LE);
      i1.intoMemorySegment(memory, plane + step, LE);
    }
    count.intoMemorySegment(pixelCounts, pixels, LE);
  }
}
