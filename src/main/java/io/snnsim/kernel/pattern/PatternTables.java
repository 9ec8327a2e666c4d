// SPDX-License-Identifier: Apache-2.0
package io.snnsim.kernel.pattern;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.snnsim.kernel.state.Lanes;
import io.snnsim.kernel.state.PopulationLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Sums of a convolution's weights for every spike pattern of a few neighbouring source channels,
 * lanes being target channels. A group of G bits of a spike word has 2^G patterns; for each of them
 * and each column of the window a row of sums is kept, so that what up to G spikes at a tap add is
 * one row, whatever the firing rate. Off-heap, immutable, shared by simulations.
 *
 * <pre>
 * by channel block and pass: [row of the window][group][pattern][column of the window][lane],
 *                            then zeros as of one more pattern
 * </pre>
 *
 * A pass is the one, two or four vectors of the block that a kernel sums at once. Lanes are as wide
 * as the target's V and padded to whole vectors, so the layout is that of one vector width. Sums
 * are modulo 2^16 or 2^32, as are those of the single weights: opening the model has proven that
 * the type holds the whole.
 */
public final class PatternTables {
  private static final ValueLayout.OfShort LE_SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt LE_INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  final int bits;
  final int words;

  /** Groups of a spike word, of all but the last and of the last. */
  final int wordGroups;

  final int lastGroups;
  final MemorySegment memory;

  private final PatternForm form;
  private final long[] blockStart;

  private PatternTables(PatternForm form, int bits, Arena arena) {
    this.form = form;
    this.bits = bits;
    words = form.words();
    wordGroups = PatternForm.groups(PatternForm.WORD, bits);
    lastGroups = PatternForm.groups(form.wordBits(words - 1), bits);
    memory = arena.allocate(form.bytes(bits), 64);
    blockStart = new long[form.blocks()];
    for (int b = 1; b < blockStart.length; b++) {
      blockStart[b] = vectorStart(b - 1, form.vectors(b - 1));
    }
  }

  /**
   * Tables of the weights that event kernels read.
   *
   * @param weights per channel block [ky][kx][source bit][lane], of {@code weightBytes} each
   * @param blockOffset byte offset of each channel block in {@code weights}
   * @param mostBytes patterns are shorter where tables would be larger
   */
  public static PatternTables of(
      PatternForm form,
      MemorySegment weights,
      int weightBytes,
      long[] blockOffset,
      long mostBytes,
      Arena arena) {
    PatternTables t = new PatternTables(form, form.patternBits(mostBytes), arena);
    for (int b = 0; b < blockOffset.length; b++) {
      t.fill(b, weights, weightBytes, blockOffset[b]);
    }
    return t;
  }

  /** Off-heap bytes. */
  public long bytes() {
    return memory.byteSize();
  }

  /** Vectors of a row of sums of channel block {@code b}. */
  int vectors(int b) {
    return form.vectors(b);
  }

  /** Vectors of the pass that begins at vector {@code first} of a channel block. */
  int pass(int b, int first) {
    return form.pass(b, first);
  }

  /** True if its windows are rolled. */
  boolean rolled() {
    return form.rolled();
  }

  /** Byte at which the pass begins that begins with vector {@code first} of channel block b. */
  long vectorStart(int b, int first) {
    return blockStart[b] + form.window().kernelH() * rowBytes(first) + patternBytes(first);
  }

  /** Bytes from one pattern to the next in a pass of so many vectors. */
  private long patternBytes(int vectors) {
    return (long) form.window().kernelW() * vectors * form.vectorBytes();
  }

  /** Bytes from one row of the window to the next in a pass of so many vectors. */
  long rowBytes(int vectors) {
    return form.groups(bits) * (patternBytes(vectors) << bits);
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
        for (int w = 0; w < words; w++) {
          for (int bit = 0; bit < form.wordBits(w); bit++) {
            for (int kx = 0; kx < kernelW; kx++) {
              long tap =
                  (long) (ky * kernelW + kx) * form.sourceBits() + w * PatternForm.WORD + bit;
              read(weights, weightBytes, from + (tap * lanes + firstLane) * weightBytes, row);
              long column = (long) kx * pass * form.vectorBytes();
              add(at + column, patternBytes(pass), bit % bits, row);
            }
            if (bit % bits == bits - 1 || bit == form.wordBits(w) - 1) {
              at += patternBytes(pass) << bits;
            }
          }
        }
      }
    }
  }

  /** Weights may lie anywhere, as a model file in the caller's memory does. */
  private static void read(MemorySegment weights, int weightBytes, long at, int[] row) {
    for (int c = 0; c < row.length; c++) {
      row[c] =
          switch (weightBytes) {
            case 1 -> weights.get(JAVA_BYTE, at + c);
            case 2 -> weights.get(LE_SHORT, at + 2L * c);
            default -> weights.get(LE_INT, at + 4L * c);
          };
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
