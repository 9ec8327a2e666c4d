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
  final MemorySegment tables;
  final MemorySegment accumulator;
  final PatternRows rows;
  final int sourceW;
  final int targetW;

  private final int sourceH;
  private final PopulationState target;
  private final PatternTables sums;

  /** By row of the window: where in the places those of the source's row that it meets begin. */
  private final int[] met;

  /** First row of the window that meets a row of the source. */
  int firstKy;

  /** One past the last. */
  int endKy;

  /** Bytes from one row of the window to the next in the pass being worked on. */
  long rowBytes;

  /** Bytes of an output pixel's sums. */
  int pixelBytes;

  PatternConv(ConvArgs a, PatternTables t) {
    PopulationState source = a.source();
    target = a.target();
    sums = t;
    window = a.geometry();
    tables = t.memory;
    accumulator = target.accumulator;
    rows = new PatternRows(source, t.form);
    met = new int[window.kernelH()];
    sourceH = source.height;
    sourceW = source.width;
    targetW = target.width;
  }

  @Override
  public final void row(int block, int y) {
    pixelBytes = target.lanes(block) * target.laneBytes();
    firstKy = firstRow(y);
    endKy = endRow(y);
    for (int ky = 0; ky < met.length; ky++) {
      met[ky] = rows.of(sourceRow(y, ky));
    }
    int pass;
    for (int first = 0; first < sums.form.vectors(block); first += pass) {
      pass = sums.form.pass(block, first);
      rowBytes = sums.form.rowBytes(pass);
      long start = sums.vectorStart(block, first);
      long from = (long) first * sums.form.vectorBytes();
      if (!sums.form.rolled()) {
        switch (pass) {
          case 4 -> gather4(met, start, from);
          case 2 -> gather2(met, start, from);
          default -> gather1(met, start, from);
        }
      } else if (pass == 2) {
        roll2(met[0], met[1], met[2], start, from);
      } else if (rows.evenGroups == 2) {
        roll1Few(met[0], met[1], met[2], start, from);
      } else {
        roll1(met[0], met[1], met[2], start, from);
      }
    }
  }

  /** The source's row that row {@code ky} of the window meets; outside of it none does. */
  private int sourceRow(int y, int ky) {
    return y * window.strideH() - window.padH() + ky * window.dilationH();
  }

  /** First row of the window that meets a row of the source. */
  private int firstRow(int y) {
    int ky = 0;
    while (ky < window.kernelH() && sourceRow(y, ky) < 0) {
      ky++;
    }
    return ky;
  }

  /** One past the last row of the window that meets a row of the source. */
  private int endRow(int y) {
    int ky = window.kernelH();
    while (ky > 0 && sourceRow(y, ky - 1) >= sourceH) {
      ky--;
    }
    return ky;
  }

  /**
   * One row of the map with one vector of each output pixel. What these loops need of rows comes as
   * parameters: C2 inlines only so much into a method, and a slice that is not inlined is an
   * object.
   *
   * @param above where those of the source's row begin that the window's first row meets
   * @param start byte of the pass's tables
   * @param from byte of the pass's sums of the first pixel in the accumulator; of a pixel behind
   *     the last, whatever is there is read, so that C2 needs no comparison a pixel
   */
  abstract void roll1(int above, int own, int below, long start, long from);

  /** As {@link #roll1} where a pixel has at most two groups. */
  abstract void roll1Few(int above, int own, int below, long start, long from);

  /** As {@link #roll1} with two vectors. */
  abstract void roll2(int above, int own, int below, long start, long from);

  /**
   * As {@link #roll1} of any window.
   *
   * @param met by row of the window: where those of the source's row begin that it meets
   */
  abstract void gather1(int[] met, long start, long from);

  /** As {@link #gather1} with two vectors. */
  abstract void gather2(int[] met, long start, long from);

  /** As {@link #gather1} with four vectors. */
  abstract void gather4(int[] met, long start, long from);
}
