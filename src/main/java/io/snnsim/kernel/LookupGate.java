package io.snnsim.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Updates a max-pool gate on index planes; lanes are pixels. The gate's own spike count always is
 * the largest count in its window, so it fires when that has grown. Counts have 16 bits: at most
 * {@link LookupNetwork#MOST_GATE_STEPS} steps an image. Confined to the session's thread; allocates
 * only in the constructor.
 */
final class LookupGate implements SlotUpdate {
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
  private static final int LANES = Species.SHORTS.length();
  private static final int BYTES = LANES * 2;

  private final PopulationState state;
  private final IndexPlanes fired;
  private final LookupNetwork.View[] views;
  private final int[] tapView;
  private final long[] tapShift;
  private final MemorySegment planes;
  private final MemorySegment masks;
  private final long slotBytes;
  private final int firstGroup;
  private final int lastGroup;

  /** By view: [channel]{ guard | pixel } guard, spike counts of the source. */
  private final MemorySegment[] counts;

  private final long[] countStride;
  private final long[] countBase;

  LookupGate(
      LookupNetwork network,
      int population,
      PopulationState state,
      MemorySegment planes,
      Arena arena,
      Share share) {
    firstGroup = share.from(network.target(population).fired().groups.count());
    lastGroup = share.to(network.target(population).fired().groups.count());
    LookupNetwork.Target target = network.target(population);
    this.state = state;
    this.planes = planes;
    fired = target.fired();
    masks = fired.masks();
    slotBytes = network.slotBytes();
    views = target.views();
    tapView = target.tapView();
    tapShift = new long[tapView.length];
    long[] guard = new long[views.length];
    for (int i = 0; i < tapView.length; i++) {
      tapShift[i] = target.tapShift()[i] * 2L;
      IndexPlanes set = views[tapView[i]].planes();
      long beyond = (long) fired.paddedPixels() + target.tapShift()[i] - set.paddedPixels();
      long reach = Math.max(-target.tapShift()[i], beyond);
      guard[tapView[i]] = Math.max(guard[tapView[i]], reach);
    }
    counts = new MemorySegment[views.length];
    countStride = new long[views.length];
    countBase = new long[views.length];
    for (int i = 0; i < views.length; i++) {
      long lanes = (guard[i] + LANES - 1) / LANES * LANES;
      countBase[i] = lanes * 2;
      countStride[i] = (views[i].planes().paddedPixels() + lanes) * 2;
      counts[i] = arena.allocate(countBase[i] + countStride[i] * state.channels, 64);
    }
  }

  @Override
  public void reset() {
    for (MemorySegment m : counts) {
      m.fill((byte) 0);
    }
  }

  @Override
  public void run(int slots) {
    state.makeRoomFor(slots);
    for (int g = firstGroup; g < lastGroup; g++) {
      for (int slot = 0; slot < slots; slot++) {
        for (int i = 0; i < views.length; i++) {
          count(i, g, slot);
        }
        fire(g, slot);
      }
    }
  }

  /** Adds the spikes of a group of source channels to their counts. */
  private void count(int i, int group, int slot) {
    final IndexPlanes set = views[i].planes();
    final MemorySegment memory = planes;
    final MemorySegment target = counts[i];
    final long stride = countStride[i];
    final int size = set.groups.size(group);
    final int vectors = set.vectors();
    long plane = slot * slotBytes + set.offset(views[i].window(), group);
    long at = countBase[i] + stride * set.groups.start(group);
    for (int v = 0; v < vectors; v++, plane += BYTES, at += BYTES) {
      ShortVector index = ShortVector.fromMemorySegment(Species.SHORTS, memory, plane, LE);
      long count = at;
      for (int d = 0; d < size; d++, count += stride) {
        ShortVector.fromMemorySegment(Species.SHORTS, target, count, LE)
            .add(index.lanewise(VectorOperators.LSHR, d).and((short) 1))
            .intoMemorySegment(target, count, LE);
      }
    }
  }

  private void fire(int group, int slot) {
    final PopulationState s = state;
    final int first = fired.groups.start(group);
    final int size = fired.groups.size(group);
    final int vectors = fired.vectors();
    for (int v = 0; v < vectors; v++) {
      long pixels = (long) v * BYTES;
      ShortVector index = ShortVector.zero(Species.SHORTS);
      ShortVector total = ShortVector.fromMemorySegment(Species.SHORTS, s.pixelCounts, pixels, LE);
      for (int d = 0; d < size; d++) {
        int c = first + d;
        ShortVector largest = ShortVector.zero(Species.SHORTS);
        for (int tap = 0; tap < tapView.length; tap++) {
          int i = tapView[tap];
          long at = countBase[i] + countStride[i] * c + pixels + tapShift[tap];
          largest = largest.max(ShortVector.fromMemorySegment(Species.SHORTS, counts[i], at, LE));
        }
        // A gate has no potential: its own count is kept in that place.
        long at = s.channelStride * 2 * c + pixels;
        ShortVector own = ShortVector.fromMemorySegment(Species.SHORTS, s.v, at, LE);
        VectorMask<Short> spikes = largest.compare(VectorOperators.GT, own);
        own.add((short) 1, spikes).intoMemorySegment(s.v, at, LE);
        index = index.add((short) (1 << d), spikes);
        total = total.add((short) 1, spikes);
        if (s.counts != null) {
          s.countPixels(c, v * LANES, spikes.toLong());
        }
      }
      total.intoMemorySegment(s.pixelCounts, pixels, LE);
      long plane = slot * slotBytes + fired.offset(0, group) + pixels;
      for (int w = 0; w < fired.windows(); w++) {
        index
            .and(
                ShortVector.fromMemorySegment(
                    Species.SHORTS, masks, ((long) w * vectors + v) * BYTES, LE))
            .intoMemorySegment(planes, plane, LE);
        plane += fired.windowStride();
      }
    }
  }
}
