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

  private final PopulationState state;
  private final LookupNetwork.Block[] blocks;
  private final IndexPlanes fired;
  private final MemorySegment tables;
  private final MemorySegment planes;
  private final MemorySegment masks;
  private final MemorySegment sums;
  private final MemorySegment bias;
  private final MemorySegment pixelCounts;
  private final long slotBytes;
  private final int vectors;

  Lookup32(
      LookupNetwork network,
      int population,
      PopulationState state,
      MemorySegment planes,
      Arena arena) {
    LookupNetwork.Target target = network.target(population);
    this.state = state;
    blocks = target.blocks();
    fired = target.fired();
    tables = network.tables();
    this.planes = planes;
    masks = fired.masks();
    slotBytes = network.slotBytes();
    vectors = fired.vectors();
    sums = arena.allocate(4 * 5 * BYTES, 64);
    // Where the image drives the population its current holds the bias already.
    bias = state.current == null ? state.bias : arena.allocate(state.bias.byteSize(), 64);
    pixelCounts = state.pixelCounts;
  }

  @Override
  public void run(int slots) {
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
      LookupSums32.sum(columns, planes, (long) v * BYTES, BYTES, block, tables, bias, sums);
      for (int i = 0; i < columns; i++, v++) {
        fire(block, v, 0, i);
      }
    }
  }

  /** Columns are successive steps of the same pixels. */
  private void manySteps(LookupNetwork.Block block, int slots) {
    for (int v = 0; v < vectors; v++) {
      for (int slot = 0; slot < slots; ) {
        int columns = columns(slots - slot);
        LookupSums32.sum(
            columns,
            planes,
            (long) v * BYTES + slot * slotBytes,
            slotBytes,
            block,
            tables,
            bias,
            sums);
        for (int i = 0; i < columns; i++, slot++) {
          fire(block, v, slot, i);
        }
      }
    }
  }

  private static int columns(int left) {
    return left >= 4 ? 4 : left >= 2 ? 2 : 1;
  }

  /** One step of the neurons of a block at the {@code v}-th vector of pixels. */
  private void fire(LookupNetwork.Block block, int v, int slot, int column) {
    final PopulationState s = state;
    final long pixels = (long) v * BYTES;
    long sum = (long) column * LookupNetwork.BLOCK * BYTES;
    long at = s.channelStride * 4 * block.from() + pixels;
    int group = fired.groups.groupOf(block.from());
    int digit = block.from() - fired.groups.start(group);
    int size = fired.groups.size(group);
    IntVector index = IntVector.zero(Species.INTS);
    if (digit > 0) {
      index =
          IntVector.fromMemorySegment(
              Species.INTS, planes, slot * slotBytes + fired.offset(0, group) + pixels, LE);
    }
    IntVector count = IntVector.fromMemorySegment(Species.INTS, pixelCounts, pixels, LE);
    for (int c = block.from(); c < block.to(); c++) {
      IntVector input = IntVector.fromMemorySegment(Species.INTS, sums, sum, LE);
      if (s.current != null) {
        input = input.add(IntVector.fromMemorySegment(Species.INTS, s.current, at, LE));
      }
      IntVector potential =
          IntVector.fromMemorySegment(Species.INTS, s.v, at, LE)
              .lanewise(VectorOperators.SADD, input);
      IntVector theta = IntVector.broadcast(Species.INTS, s.theta.getAtIndex(JAVA_INT, c));
      VectorMask<Integer> spikes = potential.compare(VectorOperators.GE, theta);
      potential.sub(theta, spikes).intoMemorySegment(s.v, at, LE);
      index = index.add((1 << digit), spikes);
      count = count.add(1, spikes);
      if (s.counts != null) {
        s.countPixels(c, v * LANES, spikes.toLong());
      }
      sum += BYTES;
      at += s.channelStride * 4;
      if (++digit == size) {
        long plane = slot * slotBytes + fired.offset(0, group) + pixels;
        for (int w = 0; w < fired.windows(); w++) {
          index
              .and(
                  IntVector.fromMemorySegment(
                      Species.INTS, masks, ((long) w * vectors + v) * BYTES, LE))
              .intoMemorySegment(planes, plane, LE);
          plane += fired.windowStride();
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
}
