package io.snnsim.kernel;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * The neurons of {@link Lookup32} where they are signed: beside V their own count N is read and
 * written, and index planes hold a digit of base 3 a channel. Confined to the session's thread;
 * allocates nothing once constructed.
 */
final class SignedFire32 {
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
  private static final int LANES = Species.INTS.length();
  private static final int BYTES = LANES * 4;

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

  /** While |V| and theta are smaller, four steps cannot leave the type; 0 if they always might. */
  private final int plainLimit;

  private final int[] theta;
  private final int[] bias;
  private final int[] firstGroup;
  private final int[] firstDigit;

  /**
   * For the neurons of {@code state}.
   *
   * @param sums [column][channel of the block][lane], what the neurons get from spikes
   */
  SignedFire32(
      PopulationState state,
      IndexPlanes fired,
      MemorySegment planes,
      long slotBytes,
      MemorySegment sums,
      int plainLimit,
      int[] theta,
      int[] bias,
      int[] firstGroup,
      int[] firstDigit) {
    this.state = state;
    this.fired = fired;
    this.planes = planes;
    this.slotBytes = slotBytes;
    this.sums = sums;
    this.plainLimit = plainLimit;
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

  private IntVector constant(int c, long at) {
    return current == null
        ? IntVector.broadcast(Species.INTS, bias[c])
        : IntVector.fromMemorySegment(Species.INTS, current, at, LE);
  }

  /** One step of the neurons of a block at the {@code v}-th vector of pixels. */
  void fire(LookupNetwork.Block block, int v, int slot, int column) {
    final PopulationState s = state;
    final long pixels = (long) v * BYTES;
    long sum = (long) column * LookupNetwork.BLOCK * BYTES;
    long at = s.channelStride * 4 * block.from() + pixels;
    int group = firstGroup[block.from()];
    int digit = firstDigit[block.from()];
    int size = fired.groups.size(group);
    IntVector index = IntVector.zero(Species.INTS);
    if (digit > 0) {
      index =
          IntVector.fromMemorySegment(
              Species.INTS, planes, slot * slotBytes + fired.offset(0, group) + pixels, LE);
    }
    IntVector count = IntVector.fromMemorySegment(Species.INTS, pixelCounts, pixels, LE);
    for (int c = block.from(); c < block.to(); c++) {
      final int unit = IndexPlanes.ternaryUnit(digit);
      IntVector input =
          IntVector.fromMemorySegment(Species.INTS, sums, sum, LE).add(constant(c, at));
      IntVector potential =
          IntVector.fromMemorySegment(Species.INTS, s.v, at, LE)
              .lanewise(VectorOperators.SADD, input);
      IntVector net = IntVector.fromMemorySegment(Species.INTS, s.net, at, LE);
      IntVector threshold = IntVector.broadcast(Species.INTS, theta[c]);
      VectorMask<Integer> up = potential.compare(VectorOperators.GE, threshold);
      VectorMask<Integer> down =
          potential.compare(VectorOperators.LT, 0).and(net.compare(VectorOperators.NE, 0));
      potential.sub(threshold, up).add(threshold, down).intoMemorySegment(s.v, at, LE);
      net.add(1, up).sub(1, down).intoMemorySegment(s.net, at, LE);
      index = index.add(unit, up).add((2 * unit), down);
      count = count.add(1, up.or(down));
      if (s.counts != null) {
        s.countPixels(c, v * LANES, up.toLong(), 1);
        s.countPixels(c, v * LANES, down.toLong(), -1);
      }
      sum += BYTES;
      at += s.channelStride * 4;
      if (++digit == size) {
        long plane = slot * slotBytes + fired.offset(0, group) + pixels;
        for (int w = 0; w < windows; w++) {
          index
              .and(
                  IntVector.fromMemorySegment(
                      Species.INTS, masks, ((long) w * vectors + v) * BYTES, LE))
              .intoMemorySegment(planes, plane, LE);
          plane += windowStride;
        }
        index = IntVector.zero(Species.INTS);
        digit = 0;
        size = ++group < fired.groups.count() ? fired.groups.size(group) : 0;
      }
    }
    if (digit > 0) {
      index.intoMemorySegment(planes, slot * slotBytes + fired.offset(0, group) + pixels, LE);
    }
    count.intoMemorySegment(pixelCounts, pixels, LE);
  }

  /** Saturating addition of ints is many instructions, and V is hardly ever near the ends. */
  private static IntVector add(IntVector v, IntVector input, boolean plain) {
    return plain ? v.add(input) : v.lanewise(VectorOperators.SADD, input);
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
    final long channelBytes = state.channelStride * 4;
    long sum = (long) column * LookupNetwork.BLOCK * BYTES;
    long at = channelBytes * block.from() + pixels;
    int group = firstGroup[block.from()];
    int digit = firstDigit[block.from()];
    int size = set.groups.size(group);
    IntVector i0 = IntVector.zero(Species.INTS);
    IntVector i1 = i0;
    if (digit > 0) {
      long plane = first + set.offset(0, group);
      i0 = IntVector.fromMemorySegment(Species.INTS, memory, plane, LE);
      i1 = IntVector.fromMemorySegment(Species.INTS, memory, plane + step, LE);
    }
    IntVector count = IntVector.fromMemorySegment(Species.INTS, pixelCounts, pixels, LE);
    final IntVector zero = IntVector.zero(Species.INTS);
    final IntVector one = IntVector.broadcast(Species.INTS, 1);
    final int to = block.to();
    for (int c = block.from(); c < to; c++) {
      IntVector th = IntVector.broadcast(Species.INTS, theta[c]);
      IntVector unit = IntVector.broadcast(Species.INTS, IndexPlanes.ternaryUnit(digit));
      IntVector twice = unit.add(unit);
      IntVector base = constant(c, at);
      IntVector n = IntVector.fromMemorySegment(Species.INTS, nets, at, LE);
      IntVector p = IntVector.fromMemorySegment(Species.INTS, potentials, at, LE);
      boolean plain =
          theta[c] < plainLimit && !p.abs().compare(VectorOperators.UGE, plainLimit).anyTrue();
      p = add(p, IntVector.fromMemorySegment(Species.INTS, inputs, sum, LE).add(base), plain);
      VectorMask<Integer> up0 = p.compare(VectorOperators.GE, th);
      VectorMask<Integer> down0 =
          p.compare(VectorOperators.LT, zero).and(n.compare(VectorOperators.NE, zero));
      p = p.sub(th, up0).add(th, down0);
      n = n.add(one, up0).sub(one, down0);
      i0 = i0.add(unit, up0).add(twice, down0);
      count = count.add(one, up0.or(down0));
      p =
          add(
              p,
              IntVector.fromMemorySegment(Species.INTS, inputs, sum + 1 * 5 * BYTES, LE).add(base),
              plain);
      VectorMask<Integer> up1 = p.compare(VectorOperators.GE, th);
      VectorMask<Integer> down1 =
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
          IntVector mask =
              IntVector.fromMemorySegment(
                  Species.INTS, masks, ((long) w * vectors + v) * BYTES, LE);
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
