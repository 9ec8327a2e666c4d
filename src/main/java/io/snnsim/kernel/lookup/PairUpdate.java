// SPDX-License-Identifier: Apache-2.0
package io.snnsim.kernel.lookup;

import io.snnsim.kernel.state.PopulationState;
import io.snnsim.kernel.state.Share;
import io.snnsim.kernel.state.SlotUpdate;
import io.snnsim.kernel.vector.Species;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;

/**
 * {@link LookupUpdate} by tables of bytes: a column is twice as many pixels as V has lanes, so
 * every column's sums are two vectors, the neurons are updated half by half, and their indices, 16
 * bits each, are brought together in bytes afterwards: a <i>tile</i> of columns by all blocks of
 * channels before the next tile, so that indices are not kept of more, and a block's tables serve a
 * tile while they are in the first-level cache.
 *
 * <pre>
 * accumulator  { sums of the first half | of the second } [step][5 channels][lane]
 *              { sums on their way to halves } { indices [step][group][column][half][lane] }
 * </pre>
 *
 * <p>A share is some of the columns, since blocks and groups of channels seldom end together.
 *
 * <p>Confined to the simulation's thread; allocates only in the constructor.
 */
final class PairUpdate implements SlotUpdate {
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;

  /** Steps of neurons without a code that are summed before the neurons' turn. */
  private static final int TOGETHER = 4;

  /** The low bytes of two vectors of shorts. */
  private static final ByteVector LOW_BYTES = lowBytes();

  private final PopulationState state;
  private final IndexPlanes fired;
  private final TableBlock[] blocks;

  /** Null of few-spike neurons. */
  private final LookupFire fire;

  /** Of few-spike neurons; null of others. */
  private final LookupCode code;

  /** Bytes from the sums of a code's first step to those of each step. */
  private final long[] stepBytes;

  private final MemorySegment planes;
  private final MemorySegment masks;

  /** Of the first and the second half of a column: [step][5 channels][lane]. */
  private final MemorySegment[] halves = new MemorySegment[2];

  private final MemorySegment sums;
  private final MemorySegment kept;
  private final MemorySegment indices;
  private final MemorySegment current;
  private final long slotBytes;
  private final int firstColumn;
  private final int endColumn;
  private final int tile;
  private final int vectors;
  private final int vectorBytes;
  private final long columnBytes;
  private final long halfBytes;

  PairUpdate(LookupArgs args, LookupTarget.Sums target, Share share) {
    state = args.state();
    planes = args.planes();
    fired = target.fired();
    masks = fired.masks();
    blocks = target.blocks();
    slotBytes = args.network().slotBytes();
    firstColumn = share.from(fired.vectors());
    endColumn = share.to(fired.vectors());
    vectorBytes = fired.lanes;
    int lanes = vectorBytes / target.laneBytes();
    vectors = (state.height * state.width + lanes - 1) / lanes;
    columnBytes = (long) TableBlock.MOST * vectorBytes;
    int steps = steps(state.codeSteps());
    tile = FiredPlanes.columns(fired.groups, steps);
    halfBytes = steps * columnBytes;
    sums = state.accumulator;
    for (int h = 0; h < halves.length; h++) {
      halves[h] = sums.asSlice(h * halfBytes, halfBytes);
    }
    kept = sums.asSlice(2 * halfBytes, (long) PairSums.KEPT * vectorBytes);
    indices =
        sums.asSlice(
            2 * halfBytes + kept.byteSize(), FiredPlanes.halvesBytes(fired.groups, tile, steps));
    FireKernels kernels =
        new FireKernels(FiredPlanes.halves(fired, tile, indices), target.inputBound(), state);
    code = kernels.code();
    fire = code == null ? kernels.fire() : null;
    // A code takes the current once, not in every step.
    current = code == null ? state.current : null;
    stepBytes = new long[state.codeSteps()];
    for (int t = 0; t < stepBytes.length; t++) {
      stepBytes[t] = t * columnBytes;
    }
  }

  private static ByteVector lowBytes() {
    byte[] lanes = new byte[Species.INDICES.length()];
    for (int i = 0; i < lanes.length; i++) {
      lanes[i] = (byte) (2 * i);
    }
    return ByteVector.fromArray(Species.INDICES, lanes, 0);
  }

  private static int steps(int codeSteps) {
    return Math.max(TOGETHER, codeSteps);
  }

  /** Bytes that it needs of the accumulator, of a population with these groups. */
  static long accumulatorBytes(Groups groups, int codeSteps) {
    int steps = steps(codeSteps);
    long vectors = 2L * steps * TableBlock.MOST + PairSums.KEPT;
    return vectors * Species.vectorBytes(1)
        + FiredPlanes.halvesBytes(groups, FiredPlanes.columns(groups, steps), steps);
  }

  @Override
  public void run(int slots) {
    state.makeRoomFor(slots);
    int together = code == null ? TOGETHER : slots;
    for (int from = firstColumn, to; from < endColumn; from = to) {
      // Tiles begin at multiples of their size: that places the indices of a column.
      to = Math.min(endColumn, (from / tile + 1) * tile);
      for (int slot = 0; slot < slots; slot += together) {
        int steps = Math.min(together, slots - slot);
        for (TableBlock block : blocks) {
          for (int u = from; u < to; u++) {
            sum(block, u, slot, steps);
            for (int v = 2 * u; v < Math.min(vectors, 2 * u + 2); v++) {
              fire(block, v, slot, steps);
            }
          }
        }
        for (int i = 0; i < steps; i++) {
          bringTogether(from, to, slot + i, i);
        }
      }
    }
  }

  private void sum(TableBlock block, int u, int slot, int steps) {
    TableBlock.Chunk chunk = block.chunks()[0];
    for (int i = 0; i < steps; i += 2) {
      long first = (slot + i) * slotBytes + (long) u * vectorBytes;
      long at = i * columnBytes;
      int n = Math.min(2, steps - i);
      PairSums.sum(
          n, planes, first, slotBytes, block.rows(), chunk, kept, sums, at, columnBytes, halfBytes);
    }
  }

  private void fire(TableBlock block, int v, int slot, int steps) {
    MemorySegment half = halves[v & 1];
    if (block.chunks().length > 1) {
      TableBlock.Chunk wide = block.chunks()[1];
      long pixels = (long) v * (vectorBytes / 2);
      for (int i = 0; i < steps; i++) {
        long first = (slot + i) * slotBytes + pixels;
        WideEntries.add(planes, first, block.rows(), wide, half, i * columnBytes);
      }
    }
    if (current != null) {
      addCurrent(block, v, half, steps);
    }
    if (code != null) {
      code.run(block, v, half, 0, stepBytes);
    } else if (steps == TOGETHER && state.counts == null) {
      fire.fourSteps(block, v, 0, half);
    } else {
      for (int i = 0; i < steps; i++) {
        fire.oneStep(block, v, i, half, i);
      }
    }
  }

  /** The image's current, which holds the bias, of the {@code v}-th vector of V. */
  private void addCurrent(TableBlock block, int v, MemorySegment half, int steps) {
    long channelBytes = state.channelStride * state.laneBytes();
    long at = block.from() * channelBytes + (long) v * vectorBytes;
    int channels = block.to() - block.from();
    LookupSums16.addCurrent(current, at, channelBytes, 0, steps, channels, half);
  }

  /** The indices of all groups of a tile in step {@code i} since the last call, as bytes. */
  private void bringTogether(int from, int to, int slot, int i) {
    final int ranges = fired.ranges();
    final long maskStride = fired.paddedPixels();
    final long groupBytes = 2L * tile * vectorBytes;
    final long pixels = (long) from * vectorBytes;
    final long begin = 2L * (from % tile) * vectorBytes;
    for (int g = 0; g < fired.groups.count(); g++) {
      long halves = ((long) i * fired.groups.count() + g) * groupBytes + begin;
      long plane = slot * slotBytes + fired.offset(0, g) + pixels;
      if (ranges == 3) {
        bringTogether3(halves, pixels, maskStride, plane, fired.rangeStride(), to - from);
        continue;
      }
      for (int w = 0; w < ranges; w++) {
        long range = w * fired.rangeStride();
        bringTogether(halves, w * maskStride + pixels, plane + range, to - from);
      }
    }
  }

  private void bringTogether(long halves, long mask, long plane, int count) {
    final MemorySegment from = indices;
    final MemorySegment to = planes;
    final MemorySegment seen = masks;
    final int bytes = Species.INDICES.length();
    for (int k = 0; k < count; k++) {
      long at = (long) k * bytes;
      ByteVector first = ByteVector.fromMemorySegment(Species.INDICES, from, halves + 2 * at, LE);
      ByteVector second =
          ByteVector.fromMemorySegment(Species.INDICES, from, halves + 2 * at + bytes, LE);
      ByteVector.fromMemorySegment(Species.INDICES, seen, mask + at, LE)
          .and(LOW_BYTES.selectFrom(first, second))
          .intoMemorySegment(to, plane + at, LE);
    }
  }

  /** The same for three ranges, as windows of 3 columns have. */
  private void bringTogether3(
      long halves, long mask, long maskStride, long plane, long range, int count) {
    final MemorySegment from = indices;
    final MemorySegment to = planes;
    final MemorySegment seen = masks;
    final int bytes = Species.INDICES.length();
    for (int k = 0; k < count; k++) {
      long at = (long) k * bytes;
      ByteVector first = ByteVector.fromMemorySegment(Species.INDICES, from, halves + 2 * at, LE);
      ByteVector second =
          ByteVector.fromMemorySegment(Species.INDICES, from, halves + 2 * at + bytes, LE);
      ByteVector index = LOW_BYTES.selectFrom(first, second);
      ByteVector.fromMemorySegment(Species.INDICES, seen, mask + at, LE)
          .and(index)
          .intoMemorySegment(to, plane + at, LE);
      ByteVector.fromMemorySegment(Species.INDICES, seen, mask + maskStride + at, LE)
          .and(index)
          .intoMemorySegment(to, plane + range + at, LE);
      ByteVector.fromMemorySegment(Species.INDICES, seen, mask + 2 * maskStride + at, LE)
          .and(index)
          .intoMemorySegment(to, plane + 2 * range + at, LE);
    }
  }
}
