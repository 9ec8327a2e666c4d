// SPDX-License-Identifier: Apache-2.0
package io.snnsim.kernel.pattern;

import io.snnsim.geometry.Window;
import io.snnsim.kernel.contract.ConvArgs;
import io.snnsim.kernel.state.PopulationState;
import io.snnsim.kernel.state.RowKernel;
import java.lang.foreign.MemorySegment;

/**
 * What the convolutions by patterns share: which tables and spike words a row of the target meets.
 * Windows of three columns that move by one pixel are <i>rolled</i>: a pattern of a source column
 * gives the sums of three output pixels, whose rows lie side by side. All others are gathered
 * output pixel by output pixel. Confined to the simulation's thread; allocates nothing once
 * compiled.
 */
abstract class PatternConv implements RowKernel {
  final Window window;
  final MemorySegment spikes;
  final MemorySegment tables;
  final MemorySegment accumulator;
  final int sourceH;
  final int sourceW;
  final int targetW;

  /** Spike words of a pixel; the last one has its own number of groups. */
  final int words;

  final int wordGroups;
  final int lastGroups;
  final int bits;

  private final PopulationState source;
  private final PopulationState target;
  private final PatternTables sums;

  /** Bytes from one row of the window to the next in the pass being worked on. */
  long rowBytes;

  /** Bytes of an output pixel's sums. */
  int pixelBytes;

  /** Byte of the first spike word of the step being worked on. */
  private long spikeBytes;

  PatternConv(ConvArgs a, PatternTables t) {
    source = a.source();
    target = a.target();
    sums = t;
    window = a.geometry();
    spikes = source.spikes;
    tables = t.memory;
    accumulator = target.accumulator;
    sourceH = source.height;
    sourceW = source.width;
    targetW = target.width;
    words = t.form.words();
    wordGroups = t.form.groups(0);
    lastGroups = t.form.groups(words - 1);
    bits = t.form.bits();
  }

  @Override
  public final void row(int block, int y) {
    pixelBytes = target.lanes(block) * target.laneBytes();
    spikeBytes = source.spikeBase * 8;
    int pass;
    for (int first = 0; first < sums.form.vectors(block); first += pass) {
      pass = sums.form.pass(block, first);
      rowBytes = sums.form.rowBytes(pass);
      long start = sums.vectorStart(block, first);
      if (sums.form.rolled()) {
        if (pass == 2) {
          roll2(y, start, first);
        } else if (words == 1 && lastGroups <= 2) {
          roll1Few(y, start, first);
        } else {
          roll1(y, start, first);
        }
      } else {
        gather(pass, y, start, first);
      }
    }
  }

  private void gather(int vectors, int y, long start, int first) {
    boolean many = words > 1;
    switch (vectors) {
      case 4 -> {
        if (many) {
          gather4Many(y, start, first);
        } else {
          gather4(y, start, first);
        }
      }
      case 2 -> {
        if (many) {
          gather2Many(y, start, first);
        } else {
          gather2(y, start, first);
        }
      }
      default -> {
        if (many) {
          gather1Many(y, start, first);
        } else {
          gather1(y, start, first);
        }
      }
    }
  }

  /** The source's row that row {@code ky} of the window meets; outside of it none does. */
  final int sourceRow(int y, int ky) {
    return y * window.strideH() - window.padH() + ky * window.dilationH();
  }

  /** First row of the window that meets a row of the source. */
  final int firstRow(int y) {
    int ky = 0;
    while (ky < window.kernelH() && sourceRow(y, ky) < 0) {
      ky++;
    }
    return ky;
  }

  /** One past the last row of the window that meets a row of the source. */
  final int endRow(int y) {
    int ky = window.kernelH();
    while (ky > 0 && sourceRow(y, ky - 1) >= sourceH) {
      ky--;
    }
    return ky;
  }

  /** All ones if the source has row {@code iy}. */
  final long keep(int iy) {
    return iy >= 0 && iy < sourceH ? -1 : 0;
  }

  /** Byte of the first spike word of row {@code iy}; of a row that is not there any other's. */
  final long wordsOf(int iy) {
    return spikeBytes + (long) Math.clamp(iy, 0, sourceH - 1) * sourceW * words * 8;
  }

  /**
   * One row of the map with one vector of each output pixel.
   *
   * @param start byte of the pass's tables
   * @param first vector of the block
   */
  abstract void roll1(int y, long start, int first);

  /** As {@link #roll1} where a pixel has at most two groups. */
  abstract void roll1Few(int y, long start, int first);

  /** As {@link #roll1} with two vectors. */
  abstract void roll2(int y, long start, int first);

  /** As {@link #roll1} of any window, where pixels have one spike word. */
  abstract void gather1(int y, long start, int first);

  /** As {@link #gather1} with two vectors. */
  abstract void gather2(int y, long start, int first);

  /** As {@link #gather1} with four vectors. */
  abstract void gather4(int y, long start, int first);

  /** As {@link #gather1} where pixels have several spike words. */
  abstract void gather1Many(int y, long start, int first);

  /** As {@link #gather1Many} with two vectors. */
  abstract void gather2Many(int y, long start, int first);

  /** As {@link #gather1Many} with four vectors. */
  abstract void gather4Many(int y, long start, int first);
}
