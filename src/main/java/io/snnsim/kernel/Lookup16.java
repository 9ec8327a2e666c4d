package io.snnsim.kernel;

import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Updates one population by table lookup, 16-bit V: sums of a block of channels into a scratch that
 * stays in the first-level cache, then the neurons of that block, then the block's spikes as index
 * planes. Lanes are pixels. Confined to the session's thread; allocates only in the constructor.
 */
final class Lookup16 implements SlotUpdate {
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
  private static final int LANES = Species.SHORTS.length();
  private static final int BYTES = LANES * 2;
  private static final ShortVector MINUS_ONE = ShortVector.broadcast(Species.SHORTS, -1);

  private final PopulationState state;
  private final LookupNetwork.Block[] blocks;
  private final IndexPlanes fired;
  private final MemorySegment tables;
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

  /** Updates the neurons if they are signed; else null. */
  private final SignedFire16 signed;

  Lookup16(
      LookupNetwork network,
      int population,
      PopulationState state,
      MemorySegment planes,
      Arena arena,
      Share share) {
    LookupNetwork.Target target = network.target(population);
    this.state = state;
    blocks = target.blocks(share);
    fired = target.fired();
    tables = network.tables();
    this.planes = planes;
    masks = fired.masks();
    slotBytes = network.slotBytes();
    vectors = fired.vectors();
    sums = arena.allocate(4 * 5 * BYTES, 64);
    current = state.current;
    pixelCounts = state.pixelCounts;
    windows = fired.windows();
    windowStride = fired.windowStride();
    theta = new short[state.channels];
    bias = new short[state.channels];
    firstGroup = new int[state.channels];
    firstDigit = new int[state.channels];
    for (int c = 0; c < state.channels; c++) {
      theta[c] = state.theta.getAtIndex(JAVA_SHORT, c);
      bias[c] = state.bias.getAtIndex(JAVA_SHORT, c);
      firstGroup[c] = fired.groups.groupOf(c);
      firstDigit[c] = c - fired.groups.start(firstGroup[c]);
    }
    signed =
        state.signed
            ? new SignedFire16(
                state, fired, planes, slotBytes, sums, theta, bias, firstGroup, firstDigit)
            : null;
  }

  @Override
  public void run(int slots) {
    state.makeRoomFor(slots);
    for (LookupNetwork.Block block : blocks) {
      if (slots == 1) {
        oneStep(block);
      } else {
        manySteps(block, slots);
      }
    }
  }

  /** Columns are neighbouring vectors of pixels. */
  private void oneStep(LookupNetwork.Block block) {
    for (int v = 0; v < vectors; ) {
      int columns = columns(vectors - v);
      LookupSums16.sum(columns, planes, (long) v * BYTES, BYTES, block, tables, sums);
      for (int i = 0; i < columns; i++, v++) {
        fireStep(block, v, 0, i);
      }
    }
  }

  /** Columns are successive steps of the same pixels. */
  private void manySteps(LookupNetwork.Block block, int slots) {
    for (int v = 0; v < vectors; v++) {
      for (int slot = 0; slot < slots; ) {
        int columns = columns(slots - slot);
        LookupSums16.sum(
            columns, planes, (long) v * BYTES + slot * slotBytes, slotBytes, block, tables, sums);
        if (columns == 4 && state.counts == null) {
          if (signed != null) {
            signed.fireTwoSteps(block, v, slot, 0);
            signed.fireTwoSteps(block, v, slot + 2, 2);
          } else {
            fireFourSteps(block, v, slot);
          }
          slot += 4;
          continue;
        }
        for (int i = 0; i < columns; i++, slot++) {
          fireStep(block, v, slot, i);
        }
      }
    }
  }

  private static int columns(int left) {
    return left >= 4 ? 4 : left >= 2 ? 2 : 1;
  }

  /** What is added in every step: the image's current, which holds the bias, or the bias. */
  private ShortVector constant(int c, long at) {
    return current == null
        ? ShortVector.broadcast(Species.SHORTS, bias[c])
        : ShortVector.fromMemorySegment(Species.SHORTS, current, at, LE);
  }

  private void fireStep(LookupNetwork.Block block, int v, int slot, int column) {
    if (signed != null) {
      signed.fire(block, v, slot, column);
    } else {
      fire(block, v, slot, column);
    }
  }

  /** One step of the neurons of a block at the {@code v}-th vector of pixels. */
  private void fire(LookupNetwork.Block block, int v, int slot, int column) {
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
      ShortVector input =
          ShortVector.fromMemorySegment(Species.SHORTS, sums, sum, LE).add(constant(c, at));
      ShortVector potential =
          ShortVector.fromMemorySegment(Species.SHORTS, s.v, at, LE)
              .lanewise(VectorOperators.SADD, input);
      ShortVector threshold = ShortVector.broadcast(Species.SHORTS, theta[c]);
      VectorMask<Short> spikes = potential.compare(VectorOperators.GE, threshold);
      potential.sub(threshold, spikes).intoMemorySegment(s.v, at, LE);
      index = index.add((short) (1 << digit), spikes);
      count = count.add((short) 1, spikes);
      if (s.counts != null) {
        s.countPixels(c, v * LANES, spikes.toLong(), 1);
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

  /** Four successive steps at once: V stays in a register from one to the next. */
  private void fireFourSteps(LookupNetwork.Block block, int v, int slot) {
    final MemorySegment memory = planes;
    final MemorySegment potentials = state.v;
    final MemorySegment inputs = sums;
    final IndexPlanes set = fired;
    final long pixels = (long) v * BYTES;
    final long first = slot * slotBytes + pixels;
    final long step = slotBytes;
    final long channelBytes = state.channelStride * 2;
    long sum = 0;
    long at = channelBytes * block.from() + pixels;
    int group = firstGroup[block.from()];
    int digit = firstDigit[block.from()];
    int size = set.groups.size(group);
    ShortVector i0 = ShortVector.zero(Species.SHORTS);
    ShortVector i1 = i0;
    ShortVector i2 = i0;
    ShortVector i3 = i0;
    if (digit > 0) {
      long plane = first + set.offset(0, group);
      i0 = ShortVector.fromMemorySegment(Species.SHORTS, memory, plane, LE);
      i1 = ShortVector.fromMemorySegment(Species.SHORTS, memory, plane + step, LE);
      i2 = ShortVector.fromMemorySegment(Species.SHORTS, memory, plane + 2 * step, LE);
      i3 = ShortVector.fromMemorySegment(Species.SHORTS, memory, plane + 3 * step, LE);
    }
    ShortVector count = ShortVector.fromMemorySegment(Species.SHORTS, pixelCounts, pixels, LE);
    final int to = block.to();
    for (int c = block.from(); c < to; c++) {
      ShortVector th = ShortVector.broadcast(Species.SHORTS, theta[c]);
      ShortVector bit = ShortVector.broadcast(Species.SHORTS, (short) (1 << digit));
      ShortVector base = constant(c, at);
      ShortVector p = ShortVector.fromMemorySegment(Species.SHORTS, potentials, at, LE);
      p = add(p, ShortVector.fromMemorySegment(Species.SHORTS, inputs, sum, LE).add(base));
      VectorMask<Short> f0 = p.compare(VectorOperators.GE, th);
      p = p.sub(th, f0);
      i0 = i0.add(bit, f0);
      count = count.sub(MINUS_ONE, f0);
      p =
          add(
              p,
              ShortVector.fromMemorySegment(Species.SHORTS, inputs, sum + 1 * 5 * BYTES, LE)
                  .add(base));
      VectorMask<Short> f1 = p.compare(VectorOperators.GE, th);
      p = p.sub(th, f1);
      i1 = i1.add(bit, f1);
      count = count.sub(MINUS_ONE, f1);
      p =
          add(
              p,
              ShortVector.fromMemorySegment(Species.SHORTS, inputs, sum + 2 * 5 * BYTES, LE)
                  .add(base));
      VectorMask<Short> f2 = p.compare(VectorOperators.GE, th);
      p = p.sub(th, f2);
      i2 = i2.add(bit, f2);
      count = count.sub(MINUS_ONE, f2);
      p =
          add(
              p,
              ShortVector.fromMemorySegment(Species.SHORTS, inputs, sum + 3 * 5 * BYTES, LE)
                  .add(base));
      VectorMask<Short> f3 = p.compare(VectorOperators.GE, th);
      p = p.sub(th, f3);
      i3 = i3.add(bit, f3);
      count = count.sub(MINUS_ONE, f3);
      p.intoMemorySegment(potentials, at, LE);
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
          i2.and(mask).intoMemorySegment(memory, plane + 2 * step, LE);
          i3.and(mask).intoMemorySegment(memory, plane + 3 * step, LE);
          plane += windowStride;
        }
        i0 = ShortVector.zero(Species.SHORTS);
        i1 = i0;
        i2 = i0;
        i3 = i0;
        digit = 0;
        size = ++group < set.groups.count() ? set.groups.size(group) : 0;
      }
    }
    if (digit > 0) {
      long plane = first + set.offset(0, group);
      i0.intoMemorySegment(memory, plane, LE);
      i1.intoMemorySegment(memory, plane + step, LE);
      i2.intoMemorySegment(memory, plane + 2 * step, LE);
      i3.intoMemorySegment(memory, plane + 3 * step, LE);
    }
    count.intoMemorySegment(pixelCounts, pixels, LE);
  }
}
