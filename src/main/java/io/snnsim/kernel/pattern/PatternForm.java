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
 */
public record PatternForm(
    Window window, int sourceBits, int targetChannels, int laneBytes, int vectorBytes) {
  /** Bits of a spike word, and channels of a block. */
  static final int WORD = PopulationLayout.BLOCK;

  /** Bits of a pattern, at most and at least. */
  private static final int MOST_BITS = 8;

  private static final int LEAST_BITS = 4;

  /** Off-heap bytes of the tables. */
  public long tableBytes(long mostBytes) {
    return bytes(patternBits(mostBytes));
  }

  /** Vectors that one output pixel adds, with its whole window on the map. */
  public long vectorsPerPixel(long mostBytes) {
    long vectors = 0;
    for (int b = 0; b < blocks(); b++) {
      vectors += vectors(b);
    }
    return patternsPerPixel(mostBytes) * vectors;
  }

  /** Patterns that one output pixel meets, with its whole window on the map. */
  public long patternsPerPixel(long mostBytes) {
    return window.taps() * groups(patternBits(mostBytes));
  }

  /**
   * Bits of a pattern: the more, the fewer rows are added, as long as the tables stay within {@code
   * mostBytes}.
   */
  int patternBits(long mostBytes) {
    int bits = MOST_BITS;
    while (bits > LEAST_BITS && bytes(bits) > mostBytes) {
      bits--;
    }
    return bits;
  }

  /** Bytes of the tables with patterns of {@code bits}. */
  long bytes(int bits) {
    long bytes = 0;
    for (int b = 0; b < blocks(); b++) {
      long pattern = (long) window.kernelW() * vectors(b) * vectorBytes;
      bytes += window.kernelH() * groups(bits) * (pattern << bits) + pattern;
    }
    return bytes;
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
  long groups(int bits) {
    return (words() - 1L) * groups(WORD, bits) + groups(wordBits(words() - 1), bits);
  }

  /** Groups of a word. */
  static int groups(int wordBits, int bits) {
    return (wordBits + bits - 1) / bits;
  }
}
