// SPDX-License-Identifier: Apache-2.0
package io.snnsim.kernel.pattern;

import io.snnsim.geometry.Window;
import io.snnsim.kernel.state.PopulationLayout;

/**
 * What decides the size of {@link PatternTables}. Immutable; loads without the Vector API.
 *
 * @param sourceBits bits of a source pixel's spike words
 * @param laneBytes bytes of a lane of the target's V
 * @param vectorBytes bytes of a vector of such lanes
 * @param bits of a pattern
 */
public record PatternForm(
    Window window, int sourceBits, int targetChannels, int laneBytes, int vectorBytes, int bits) {
  /** Bits of a spike word, and channels of a block. */
  static final int WORD = PopulationLayout.BLOCK;

  /** Bits of a pattern, at most and at least. */
  private static final int MOST_BITS = 8;

  private static final int LEAST_BITS = 4;

  /**
   * With patterns of as many bits as tables within {@code mostBytes} allow: the more, the fewer
   * rows are added.
   */
  public static PatternForm within(
      long mostBytes,
      Window window,
      int sourceBits,
      int targetChannels,
      int laneBytes,
      int vectorBytes) {
    int bits = MOST_BITS;
    while (true) {
      PatternForm form =
          new PatternForm(window, sourceBits, targetChannels, laneBytes, vectorBytes, bits);
      if (bits == LEAST_BITS || form.tableBytes() <= mostBytes) {
        return form;
      }
      bits--;
    }
  }

  /** Off-heap bytes of the tables. */
  public long tableBytes() {
    long bytes = 0;
    for (int b = 0; b < blocks(); b++) {
      bytes += blockBytes(b);
    }
    return bytes;
  }

  /** Vectors that one output pixel adds, with its whole window on the map. */
  public long vectorsPerPixel() {
    long vectors = 0;
    for (int b = 0; b < blocks(); b++) {
      vectors += vectors(b);
    }
    return patternsPerPixel() * vectors;
  }

  /** Patterns that one output pixel meets, with its whole window on the map. */
  public long patternsPerPixel() {
    return (long) window.taps() * groups();
  }

  /** Bytes of the tables of a channel block. */
  long blockBytes(int block) {
    return vectorStart(vectors(block));
  }

  /** Bytes of a block before the pass that begins with vector {@code first}. */
  long vectorStart(int first) {
    return window.kernelH() * rowBytes(first);
  }

  /** Bytes from one row of the window to the next in a pass of so many vectors. */
  long rowBytes(int vectors) {
    return groups() * (patternBytes(vectors) << bits);
  }

  /** Bytes from one pattern to the next in a pass of so many vectors. */
  long patternBytes(int vectors) {
    return (long) window.kernelW() * vectors * vectorBytes;
  }

  int blocks() {
    return (targetChannels + WORD - 1) / WORD;
  }

  int channels(int block) {
    return Math.min(WORD, targetChannels - block * WORD);
  }

  /** Vectors of a row of sums of a channel block. */
  int vectors(int block) {
    return (channels(block) * laneBytes + vectorBytes - 1) / vectorBytes;
  }

  int words() {
    return (sourceBits + WORD - 1) / WORD;
  }

  int wordBits(int word) {
    return Math.min(WORD, sourceBits - word * WORD);
  }

  /**
   * True if a pattern of a source column gives sums of three output pixels side by side: windows of
   * three columns that move by one.
   */
  public boolean rolled() {
    return window.kernelH() == 3
        && window.kernelW() == 3
        && window.strideH() == 1
        && window.strideW() == 1
        && window.dilationW() == 1
        && window.padW() == 1
        && window.padRight() == 1;
  }

  /** Vectors of the pass that begins at vector {@code first} of a channel block. */
  int pass(int block, int first) {
    int left = vectors(block) - first;
    return left >= 4 && !rolled() ? 4 : Math.min(left, 2);
  }

  /** Groups of all words. */
  int groups() {
    int groups = 0;
    for (int w = 0; w < words(); w++) {
      groups += groups(w);
    }
    return groups;
  }

  /** Groups of a word. */
  int groups(int word) {
    return (wordBits(word) + bits - 1) / bits;
  }
}
