// SPDX-License-Identifier: Apache-2.0
package io.snnsim.kernel.lookup;

import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.snnsim.kernel.state.PopulationState;
import io.snnsim.kernel.state.Share;
import io.snnsim.kernel.state.SlotUpdate;
import io.snnsim.kernel.vector.Species;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Updates a max-pool gate on index planes; lanes are pixels. The gate's own spike count always is
 * the largest count in its window, so it fires when that has grown, and sends a negative spike when
 * that has shrunk, as it can with signed sources. Counts have 16 bits: at most {@link
 * LookupNetwork#MOST_GATE_STEPS} steps an image. Confined to the simulation's thread; allocates
 * only in the constructor.
 */
final class LookupGate implements SlotUpdate {
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
  private static final int LANES = Species.SHORTS.length();
  private static final int BYTES = LANES * 2;

  private final PopulationState state;
  private final IndexPlanes fired;
  private final LookupTarget.View[] views;
  private final int[] tapView;
  private final long[] tapShift;
  private final MemorySegment planes;
  private final MemorySegment masks;
  private final long slotBytes;
  private final int firstGroup;
  private final int lastGroup;

  /** By view: [channel]{ guard | pixel } guard, spike counts of the source. */
  private final MemorySegment[] counts;

  /** By digit of base 3, for every number: what it adds to a count. Of signed sources only. */
  private final MemorySegment increments;

  private final Largest largest;
  private final long[] countStride;
  private final long[] countBase;

  LookupGate(LookupArgs args, LookupTarget.Gate target, Arena arena, Share share) {
    state = args.state();
    planes = args.planes();
    fired = target.fired();
    firstGroup = share.from(fired.groups.count());
    lastGroup = share.to(fired.groups.count());
    masks = fired.masks();
    slotBytes = args.network().slotBytes();
    views = target.views();
    tapView = target.tapView();
    tapShift = new long[tapView.length];
    for (int i = 0; i < tapView.length; i++) {
      tapShift[i] = target.tapShift()[i] * 2L;
    }
    long[] guards = guards(target);
    largest = new Largest(arena);
    increments = fired.signed ? increments(arena) : null;
    counts = new MemorySegment[views.length];
    countStride = new long[views.length];
    countBase = new long[views.length];
    for (int i = 0; i < views.length; i++) {
      countBase[i] = guards[i] * 2;
      countStride[i] = (views[i].planes().paddedPixels() + guards[i]) * 2;
      counts[i] = arena.allocate(countBase[i] + countStride[i] * state.channels, 64);
    }
  }

  /** Off-heap bytes that the update of a gate of so many channels will take. */
  static long bytes(LookupTarget.Gate target, int channels) {
    IndexPlanes fired = target.fired();
    int group = LookupNetwork.groupSize(LANES, fired.signed);
    long bytes = ((long) fired.vectors() + (fired.signed ? 1 : 0)) * BYTES * group;
    long[] guards = guards(target);
    for (int i = 0; i < guards.length; i++) {
      long pixels = target.views()[i].planes().paddedPixels() + guards[i];
      bytes += (guards[i] + pixels * channels) * 2;
    }
    return bytes;
  }

  /** By view: lanes beyond the map that a tap may read, whole vectors. */
  private static long[] guards(LookupTarget.Gate target) {
    long[] guards = new long[target.views().length];
    for (int i = 0; i < target.tapView().length; i++) {
      int view = target.tapView()[i];
      long shift = target.tapShift()[i];
      IndexPlanes set = target.views()[view].planes();
      long beyond = target.fired().paddedPixels() + shift - set.paddedPixels();
      guards[view] = Math.max(guards[view], Math.max(-shift, beyond));
    }
    for (int i = 0; i < guards.length; i++) {
      guards[i] = (guards[i] + LANES - 1) / LANES * LANES;
    }
    return guards;
  }

  private static MemorySegment increments(Arena arena) {
    int digits = LookupNetwork.groupSize(LANES, true);
    MemorySegment table = arena.allocate((long) digits * BYTES, 64);
    for (int d = 0; d < digits; d++) {
      for (int k = 0; k < LANES; k++) {
        int digit = k / IndexPlanes.ternaryUnit(d) % 3;
        table.setAtIndex(JAVA_SHORT, (long) d * LANES + k, (short) (digit == 2 ? -1 : digit));
      }
    }
    return table;
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
    long plane = slot * slotBytes + set.offset(views[i].range(), group);
    long at = countBase[i] + stride * set.groups.start(group);
    for (int v = 0; v < vectors; v++, plane += BYTES, at += BYTES) {
      ShortVector index = ShortVector.fromMemorySegment(Species.SHORTS, memory, plane, LE);
      long count = at;
      for (int d = 0; d < size; d++, count += stride) {
        ShortVector spikes =
            set.signed
                ? index.selectFrom(
                    ShortVector.fromMemorySegment(Species.SHORTS, increments, (long) d * BYTES, LE))
                : index.lanewise(VectorOperators.LSHR, d).and((short) 1);
        ShortVector.fromMemorySegment(Species.SHORTS, target, count, LE)
            .add(spikes)
            .intoMemorySegment(target, count, LE);
      }
    }
  }

  private void fire(int group, int slot) {
    final int first = fired.groups.start(group);
    final int size = fired.groups.size(group);
    for (int d = 0; d < size; d++) {
      largest.fill(d, first + d);
    }
    fire(first, size, slot * slotBytes + fired.offset(0, group));
  }

  /** The largest counts of the windows of some channels, [channel][pixel]. */
  private final class Largest {
    /** Taps that are compared in one pass over the pixels; more would not stay in registers. */
    private static final int TOGETHER = 3;

    private final MemorySegment memory;
    private final long stride = (long) fired.vectors() * BYTES;

    Largest(Arena arena) {
      memory = arena.allocate(stride * LookupNetwork.groupSize(LANES, fired.signed), 64);
    }

    /** Tap by tap over all pixels, so that addresses are linear in the counter. */
    void fill(int to, int channel) {
      int last = tapView.length - 1;
      for (int tap = 0; tap <= last; tap += TOGETHER) {
        // A tap more than once changes no maximum.
        int second = Math.min(tap + 1, last);
        int third = Math.min(tap + 2, last);
        pass(
            to * stride,
            tap == 0,
            counts[tapView[tap]],
            at(tap, channel),
            counts[tapView[second]],
            at(second, channel),
            counts[tapView[third]],
            at(third, channel));
      }
    }

    private long at(int tap, int channel) {
      int i = tapView[tap];
      return countBase[i] + countStride[i] * channel + tapShift[tap];
    }

    private void pass(
        long to,
        boolean begins,
        MemorySegment a,
        long atA,
        MemorySegment b,
        long atB,
        MemorySegment c,
        long atC) {
      final MemorySegment sums = memory;
      final long bytes = stride;
      for (long i = 0; i < bytes; i += BYTES) {
        ShortVector most = ShortVector.fromMemorySegment(Species.SHORTS, a, atA + i, LE);
        most = ShortVector.fromMemorySegment(Species.SHORTS, b, atB + i, LE).max(most);
        most = ShortVector.fromMemorySegment(Species.SHORTS, c, atC + i, LE).max(most);
        if (!begins) {
          most = ShortVector.fromMemorySegment(Species.SHORTS, sums, to + i, LE).max(most);
        }
        // Counts are never negative, and C2 knows the class of a vector just made.
        Species.ZERO_SHORTS.max(most).intoMemorySegment(sums, to + i, LE);
      }
    }
  }

  private void fire(int first, int size, long firstPlane) {
    final PopulationState s = state;
    final int vectors = fired.vectors();
    final MemorySegment most = largest.memory;
    final long mostStride = largest.stride;
    final MemorySegment owns = s.v;
    final long channelBytes = s.channelStride * 2;
    for (int v = 0; v < vectors; v++) {
      long pixels = (long) v * BYTES;
      ShortVector index = ShortVector.zero(Species.SHORTS);
      ShortVector total = ShortVector.fromMemorySegment(Species.SHORTS, s.pixelCounts, pixels, LE);
      for (int d = 0; d < size; d++) {
        int c = first + d;
        // A gate has no potential: its own count is kept in that place.
        long at = channelBytes * c + pixels;
        ShortVector own = ShortVector.fromMemorySegment(Species.SHORTS, owns, at, LE);
        ShortVector largest =
            ShortVector.fromMemorySegment(Species.SHORTS, most, d * mostStride + pixels, LE);
        VectorMask<Short> up = own.compare(VectorOperators.LT, largest);
        int unit = fired.unit(d);
        index = Species.ZERO_SHORTS.add(index).add((short) unit, up);
        total = Species.ZERO_SHORTS.add(total).add((short) 1, up);
        if (s.counts != null) {
          s.countPixels(c, v * LANES, up.toLong(), 1);
        }
        if (fired.signed) {
          VectorMask<Short> down = own.compare(VectorOperators.GT, largest);
          index = index.add((short) (2 * unit), down);
          total = total.add((short) 1, down);
          own = own.sub((short) 1, down);
          if (s.counts != null) {
            s.countPixels(c, v * LANES, down.toLong(), -1);
          }
        }
        own.add((short) 1, up).intoMemorySegment(owns, at, LE);
      }
      Species.ZERO_SHORTS.add(total).intoMemorySegment(s.pixelCounts, pixels, LE);
      long plane = firstPlane + pixels;
      for (int w = 0; w < fired.ranges(); w++) {
        ShortVector.fromMemorySegment(Species.SHORTS, masks, ((long) w * vectors + v) * BYTES, LE)
            .and(index)
            .intoMemorySegment(planes, plane, LE);
        plane += fired.rangeStride();
      }
    }
  }
}
