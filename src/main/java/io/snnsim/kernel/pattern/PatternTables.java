// SPDX-License-Identifier: Apache-2.0
package io.snnsim.kernel.pattern;

import io.snnsim.kernel.state.Lanes;
import io.snnsim.kernel.state.PopulationLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Sums of a convolution's weights for every spike pattern of a few neighbouring source channels,
 * lanes being target channels. A group of G bits of a spike word has 2^G patterns; for each of them
 * and each column of the window a row of sums is kept, so that what up to G spikes at a tap add is
 * one row, whatever the firing rate. Off-heap, immutable, shared by simulations.
 *
 * <pre>
 * by channel block and pass: [row of the window][group][pattern][column of the window][lane]
 * </pre>
 *
 * A pass is the one, two or four vectors of the block that a kernel sums at once. Lanes are as wide
 * as the target's V and padded to whole vectors, so the layout is that of one vector width. Sums
 * are modulo 2^16 or 2^32, as are those of the single weights: opening the model has proven that
 * the type holds the whole.
 */
public final class PatternTables {
  final PatternForm form;
  final MemorySegment memory;

  /** Byte at which each channel block begins. */
  private final long[] blockStart;

  private PatternTables(PatternForm form, Arena arena) {
    this.form = form;
    memory = arena.allocate(form.tableBytes(), 64);
    blockStart = new long[form.blocks()];
    for (int b = 1; b < blockStart.length; b++) {
      blockStart[b] = blockStart[b - 1] + form.blockBytes(b - 1);
    }
  }

  /**
   * Tables of the weights that event kernels read.
   *
   * @param weights per channel block [ky][kx][source bit][lane], of {@code weightBytes} each
   * @param blockOffset byte offset of each channel block in {@code weights}
   */
  public static PatternTables of(
      PatternForm form, MemorySegment weights, int weightBytes, long[] blockOffset, Arena arena) {
    PatternTables t = new PatternTables(form, arena);
    for (int b = 0; b < blockOffset.length; b++) {
      t.fill(b, weights, weightBytes, blockOffset[b]);
    }
    return t;
  }

  /** Off-heap bytes. */
  public long bytes() {
    return memory.byteSize();
  }

  /** Byte at which the pass begins that begins with vector {@code first} of channel block b. */
  long vectorStart(int b, int first) {
    return blockStart[b] + form.vectorStart(first);
  }

  private void fill(int b, MemorySegment weights, int weightBytes, long from) {
    int lanes = PopulationLayout.lanes(form.channels(b), form.laneBytes());
    int kernelW = form.window().kernelW();
    int pass;
    for (int first = 0; first < form.vectors(b); first += pass) {
      pass = form.pass(b, first);
      int firstLane = first * form.vectorBytes() / form.laneBytes();
      int passLanes = pass * form.vectorBytes() / form.laneBytes();
      int[] row = new int[Math.min(passLanes, form.channels(b) - firstLane)];
      long at = vectorStart(b, first);
      for (int ky = 0; ky < form.window().kernelH(); ky++) {
        for (int w = 0; w < form.words(); w++) {
          for (int bit = 0; bit < form.wordBits(w); bit++) {
            for (int kx = 0; kx < kernelW; kx++) {
              long tap =
                  (long) (ky * kernelW + kx) * form.sourceBits() + w * PatternForm.WORD + bit;
              read(weights, weightBytes, from + (tap * lanes + firstLane) * weightBytes, row);
              long column = (long) kx * pass * form.vectorBytes();
              add(at + column, form.patternBytes(pass), bit % form.bits(), row);
            }
            if (bit % form.bits() == form.bits() - 1 || bit == form.wordBits(w) - 1) {
              at += form.patternBytes(pass) << form.bits();
            }
          }
        }
      }
    }
  }

  private static void read(MemorySegment weights, int weightBytes, long at, int[] row) {
    for (int c = 0; c < row.length; c++) {
      row[c] = Lanes.weight(weights, weightBytes, at + (long) c * weightBytes);
    }
  }

  /** Patterns whose highest bit is {@code bit}: those below it, and a row of weights. */
  private void add(long column, long patternBytes, int bit, int[] row) {
    int laneBytes = form.laneBytes();
    for (int known = 0; known < 1 << bit; known++) {
      long from = (column + known * patternBytes) / laneBytes;
      long to = (column + (known + (1L << bit)) * patternBytes) / laneBytes;
      for (int c = 0; c < row.length; c++) {
        Lanes.set(memory, laneBytes, to + c, Lanes.get(memory, laneBytes, from + c) + row[c]);
      }
    }
  }
}
