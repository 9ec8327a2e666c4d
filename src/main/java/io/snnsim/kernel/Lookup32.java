package io.snnsim.kernel;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Updates one population by table lookup, 32-bit V: sums of a block of channels into a scratch that
 * stays in the first-level cache, then the neurons of that block, then the block's spikes as index
 * planes. Lanes are pixels. Confined to the session's thread; allocates only in the constructor.
 */
final class Lookup32 implements SlotUpdate {
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
  private static final int LANES = Species.INTS.length();
  private static final int BYTES = LANES * 4;
  private static final IntVector MINUS_ONE = IntVector.broadcast(Species.INTS, -1);

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

  /** While |V| is smaller, four steps cannot leave the type; 0 if they always might. */
  private final int plainLimit;

  private final long windowStride;
  private final int[] theta;
  private final int[] bias;
  private final int[] firstGroup;
  private final int[] firstDigit;

  /** Updates the neurons if they are signed; else null. */
  private final SignedFire32 signed;

  Lookup32(
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
    plainLimit = (int) Math.max(0, Integer.MAX_VALUE - 4 * target.inputBound());
    windowStride = fired.windowStride();
    theta = new int[state.channels];
    bias = new int[state.channels];
    firstGroup = new int[state.channels];
    firstDigit = new int[state.channels];
    for (int c = 0; c < state.channels; c++) {
      theta[c] = state.theta.getAtIndex(JAVA_INT, c);
      bias[c] = state.bias.getAtIndex(JAVA_INT, c);
      firstGroup[c] = fired.groups.groupOf(c);
      firstDigit[c] = c - fired.groups.start(firstGroup[c]);
    }
    signed =
        state.signed
            ? new SignedFire32(
                state,
                fired,
                planes,
                slotBytes,
                sums,
                plainLimit,
                theta,
                bias,
                firstGroup,
                firstDigit)
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
      LookupSums32.sum(columns, planes, (long) v * BYTES, BYTES, block, tables, sums);
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
        LookupSums32.sum(
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
  private IntVector constant(int c, long at) {
    return current == null
        ? IntVector.broadcast(Species.INTS, bias[c])
        : IntVector.fromMemorySegment(Species.INTS, current, at, LE);
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
      IntVector input =
          IntVector.fromMemorySegment(Species.INTS, sums, sum, LE).add(constant(c, at));
      IntVector potential =
          IntVector.fromMemorySegment(Species.INTS, s.v, at, LE)
              .lanewise(VectorOperators.SADD, input);
      IntVector threshold = IntVector.broadcast(Species.INTS, theta[c]);
      VectorMask<Integer> spikes = potential.compare(VectorOperators.GE, threshold);
      potential.sub(threshold, spikes).intoMemorySegment(s.v, at, LE);
      index = index.add((1 << digit), spikes);
      count = count.add(1, spikes);
      if (s.counts != null) {
        s.countPixels(c, v * LANES, spikes.toLong(), 1);
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

  /** Four successive steps at once: V stays in a register from one to the next. */
  private void fireFourSteps(LookupNetwork.Block block, int v, int slot) {
    final MemorySegment memory = planes;
    final MemorySegment potentials = state.v;
    final MemorySegment inputs = sums;
    final IndexPlanes set = fired;
    final long pixels = (long) v * BYTES;
    final long first = slot * slotBytes + pixels;
    final long step = slotBytes;
    final long channelBytes = state.channelStride * 4;
    long sum = 0;
    long at = channelBytes * block.from() + pixels;
    int group = firstGroup[block.from()];
    int digit = firstDigit[block.from()];
    int size = set.groups.size(group);
    IntVector i0 = IntVector.zero(Species.INTS);
    IntVector i1 = i0;
    IntVector i2 = i0;
    IntVector i3 = i0;
    if (digit > 0) {
      long plane = first + set.offset(0, group);
      i0 = IntVector.fromMemorySegment(Species.INTS, memory, plane, LE);
      i1 = IntVector.fromMemorySegment(Species.INTS, memory, plane + step, LE);
      i2 = IntVector.fromMemorySegment(Species.INTS, memory, plane + 2 * step, LE);
      i3 = IntVector.fromMemorySegment(Species.INTS, memory, plane + 3 * step, LE);
    }
    IntVector count = IntVector.fromMemorySegment(Species.INTS, pixelCounts, pixels, LE);
    final int to = block.to();
    for (int c = block.from(); c < to; c++) {
      IntVector th = IntVector.broadcast(Species.INTS, theta[c]);
      IntVector bit = IntVector.broadcast(Species.INTS, (1 << digit));
      IntVector base = constant(c, at);
      IntVector p = IntVector.fromMemorySegment(Species.INTS, potentials, at, LE);
      boolean plain = !p.abs().compare(VectorOperators.UGE, plainLimit).anyTrue();
      p = add(p, IntVector.fromMemorySegment(Species.INTS, inputs, sum, LE).add(base), plain);
      VectorMask<Integer> f0 = p.compare(VectorOperators.GE, th);
      p = p.sub(th, f0);
      i0 = i0.add(bit, f0);
      count = count.sub(MINUS_ONE, f0);
      p =
          add(
              p,
              IntVector.fromMemorySegment(Species.INTS, inputs, sum + 1 * 5 * BYTES, LE).add(base),
              plain);
      VectorMask<Integer> f1 = p.compare(VectorOperators.GE, th);
      p = p.sub(th, f1);
      i1 = i1.add(bit, f1);
      count = count.sub(MINUS_ONE, f1);
      p =
          add(
              p,
              IntVector.fromMemorySegment(Species.INTS, inputs, sum + 2 * 5 * BYTES, LE).add(base),
              plain);
      VectorMask<Integer> f2 = p.compare(VectorOperators.GE, th);
      p = p.sub(th, f2);
      i2 = i2.add(bit, f2);
      count = count.sub(MINUS_ONE, f2);
      p =
          add(
              p,
              IntVector.fromMemorySegment(Species.INTS, inputs, sum + 3 * 5 * BYTES, LE).add(base),
              plain);
      VectorMask<Integer> f3 = p.compare(VectorOperators.GE, th);
      p = p.sub(th, f3);
      i3 = i3.add(bit, f3);
      count = count.sub(MINUS_ONE, f3);
      p.intoMemorySegment(potentials, at, LE);
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
          i2.and(mask).intoMemorySegment(memory, plane + 2 * step, LE);
          i3.and(mask).intoMemorySegment(memory, plane + 3 * step, LE);
          plane += windowStride;
        }
        i0 = IntVector.zero(Species.INTS);
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
