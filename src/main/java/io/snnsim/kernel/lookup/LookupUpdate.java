// SPDX-License-Identifier: Apache-2.0
package io.snnsim.kernel.lookup;

import io.snnsim.kernel.state.PopulationState;
import io.snnsim.kernel.state.Share;
import io.snnsim.kernel.state.SlotUpdate;
import java.lang.foreign.MemorySegment;

/**
 * Updates one population by table lookup: the sums of a block of channels, then the neurons of that
 * block, then the block's spikes as index planes. Lanes are pixels.
 *
 * <p>Kernels sum 4, 2 or 1 <i>columns</i> at a time, successive steps of the same pixels or, in a
 * block of one step, neighbouring pixels. A large table is gone over in <i>chunks</i> that stay in
 * the first-level cache, each for a <i>tile</i> of such column groups before the next chunk, their
 * sums waiting in the accumulator, which the thread's populations share: nothing stays in it.
 *
 * <p>Confined to the simulation's thread; allocates only in the constructor.
 */
final class LookupUpdate implements SlotUpdate {
  private final PopulationState state;
  private final TableBlock[] blocks;

  /** Null of few-spike neurons. */
  private final LookupFire fire;

  /** Of few-spike neurons; null of others. */
  private final LookupCode code;

  /** Bytes from the sums of a code's first step to those of each step. */
  private final long[] stepBytes;

  private final MemorySegment planes;

  /** Of each group of columns in a tile: [column][5 channels][lane]. */
  private final MemorySegment[] sums = new MemorySegment[LookupNetwork.TILE_GROUPS];

  private final MemorySegment current;
  private final boolean wide;
  private final long slotBytes;
  private final int vectors;
  private final int vectorBytes;
  private final long groupBytes;

  /** Sums of a later chunk, on their way to those of the first. */
  private final MemorySegment part;

  LookupUpdate(LookupArgs args, LookupTarget.Sums target, Share share) {
    LookupNetwork network = args.network();
    state = args.state();
    planes = args.planes();
    blocks = target.blocks(share);
    slotBytes = network.slotBytes();
    vectors = target.fired().vectors();
    wide = target.laneBytes() == 4;
    vectorBytes = target.fired().lanes * target.laneBytes();
    groupBytes = target.groupBytes();
    for (int i = 0; i < sums.length; i++) {
      sums[i] = state.accumulator.asSlice(i * groupBytes, groupBytes);
    }
    part = state.accumulator.asSlice(sums.length * groupBytes, groupBytes);
    FiredPlanes fired = FiredPlanes.whole(network, target.fired(), planes);
    FireKernels kernels = new FireKernels(fired, target.inputBound(), state);
    code = kernels.code();
    fire = code == null ? kernels.fire() : null;
    // A code takes the current once, not in every step.
    current = code == null ? state.current : null;
    stepBytes = new long[state.codeSteps()];
    long columnBytes = (long) TableBlock.MOST * vectorBytes;
    for (int t = 0, group = 0; t < stepBytes.length; group++) {
      int columns = columns(stepBytes.length - t);
      for (int i = 0; i < columns; i++, t++) {
        stepBytes[t] = group * groupBytes + i * columnBytes;
      }
    }
  }

  @Override
  public void run(int slots) {
    state.makeRoomFor(slots);
    for (TableBlock block : blocks) {
      int tile = block.chunks().length == 1 ? 1 : LookupNetwork.TILE;
      if (slots == 1 && code == null) {
        for (int v = 0; v < vectors; v += 4 * tile) {
          oneStep(block, v, Math.min(vectors, v + 4 * tile));
        }
      } else {
        int step = Math.max(1, tile / groups(slots));
        for (int v = 0; v < vectors; v += step) {
          manySteps(block, v, Math.min(vectors, v + step), slots);
        }
      }
    }
  }

  /** Groups that {@code n} columns are summed in. */
  private static int groups(int n) {
    return n / 4 + n % 4 / 2 + n % 2;
  }

  private static int columns(int left) {
    return left >= 4 ? 4 : left >= 2 ? 2 : 1;
  }

  /** Columns are neighbouring vectors of pixels. */
  private void oneStep(TableBlock block, int from, int to) {
    for (TableBlock.Chunk chunk : block.chunks()) {
      int group = 0;
      for (int v = from; v < to; group++) {
        int columns = columns(to - v);
        sum(block, chunk, v, columns, 0, 1, sums[group]);
        v += columns;
      }
    }
    int group = 0;
    for (int v = from; v < to; group++) {
      int columns = columns(to - v);
      for (int i = 0; i < columns; i++, v++) {
        fire.oneStep(block, v, 0, sums[group], i);
      }
    }
  }

  /** Columns are successive steps of the same pixels. */
  private void manySteps(TableBlock block, int from, int to, int slots) {
    for (TableBlock.Chunk chunk : block.chunks()) {
      int group = 0;
      for (int v = from; v < to; v++) {
        for (int slot = 0; slot < slots; group++) {
          int columns = columns(slots - slot);
          sum(block, chunk, v, columns, slot, 0, sums[group]);
          slot += columns;
        }
      }
    }
    int group = 0;
    if (code != null) {
      for (int v = from; v < to; v++, group += groups(slots)) {
        code.run(block, v, state.accumulator, group * groupBytes, stepBytes);
      }
      return;
    }
    for (int v = from; v < to; v++) {
      for (int slot = 0; slot < slots; group++) {
        int columns = columns(slots - slot);
        if (columns == 4 && state.counts == null) {
          fire.fourSteps(block, v, slot, sums[group]);
          slot += 4;
          continue;
        }
        for (int i = 0; i < columns; i++, slot++) {
          fire.oneStep(block, v, slot, sums[group], i);
        }
      }
    }
  }

  /**
   * Sums up a chunk's entries: the first chunk's with the bias or the image's current, which holds
   * it; the others' are added to them.
   *
   * @param apart vectors of pixels from one column to the next; if none, a step
   */
  private void sum(
      TableBlock block,
      TableBlock.Chunk chunk,
      int v,
      int columns,
      int slot,
      int apart,
      MemorySegment into) {
    boolean begins = chunk == block.chunks()[0];
    MemorySegment to = begins ? into : part;
    long first = slot * slotBytes + (long) v * vectorBytes;
    long step = apart == 0 ? slotBytes : vectorBytes;
    if (wide) {
      LookupSums32.sum(columns, planes, first, step, block.rows(), chunk, to);
    } else {
      LookupSums16.sum(columns, planes, first, step, block.rows(), chunk, to);
    }
    if (!begins) {
      add(into, columns * TableBlock.MOST);
    } else if (current != null) {
      addCurrent(block, v, columns, apart, into);
    }
  }

  /** Adds a later chunk's sums. */
  private void add(MemorySegment to, int rows) {
    if (wide) {
      LookupSums32.add(to, part, rows);
    } else {
      LookupSums16.add(to, part, rows);
    }
  }

  private void addCurrent(TableBlock block, int v, int columns, int apart, MemorySegment to) {
    long channelBytes = state.channelStride * state.laneBytes();
    long at = block.from() * channelBytes + (long) v * vectorBytes;
    long step = (long) apart * vectorBytes;
    int channels = block.to() - block.from();
    if (wide) {
      LookupSums32.addCurrent(current, at, channelBytes, step, columns, channels, to);
    } else {
      LookupSums16.addCurrent(current, at, channelBytes, step, columns, channels, to);
    }
  }
}
