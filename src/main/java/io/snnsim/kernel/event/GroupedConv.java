// SPDX-License-Identifier: Apache-2.0
package io.snnsim.kernel.event;

import io.snnsim.geometry.Window;
import io.snnsim.kernel.contract.ConvArgs;
import io.snnsim.kernel.state.PopulationState;
import io.snnsim.kernel.state.RowKernel;

/**
 * Grouped convolutions, whose blocks read only a range of the source's channels: walks the spike
 * bits of that range, tap by tap, and leaves the addition of one weight row to the subclass.
 * Confined to the simulation's thread; allocates nothing once compiled.
 */
abstract class GroupedConv implements RowKernel {
  final ConvArgs args;

  GroupedConv(ConvArgs args) {
    this.args = args;
  }

  @Override
  public final void row(int b, int y) {
    PopulationState s = args.source();
    PopulationState t = args.target();
    Window g = args.geometry();
    int lanes = t.lanes(b);
    int start = args.icStart()[b];
    int end = args.icEnd()[b];
    long rowBytes = (long) lanes * args.weightBytes();
    int rows = args.rows(b);
    int negativeRow = args.negativeRow(b);
    for (int x = 0; x < t.width; x++) {
      for (int ky = 0; ky < g.kernelH(); ky++) {
        int iy = y * g.strideH() - g.padH() + ky * g.dilationH();
        for (int kx = 0; kx < g.kernelW(); kx++) {
          int ix = x * g.strideW() - g.padW() + kx * g.dilationW();
          if (iy < 0 || iy >= s.height || ix < 0 || ix >= s.width) {
            continue;
          }
          long base = args.blockOffset()[b] + (long) (ky * g.kernelW() + kx) * rows * rowBytes;
          int p = iy * s.width + ix;
          for (int word = start / 64; word * 64 < end; word++) {
            long range = range(word, start, end);
            long row = base + (word * 64 - start) * rowBytes;
            add(s.positive(p, word) & range, row, rowBytes, x * lanes, lanes);
            if (s.signed) {
              long negative = row + negativeRow * rowBytes;
              add(s.negative(p, word) & range, negative, rowBytes, x * lanes, lanes);
            }
          }
        }
      }
    }
  }

  /** Adds the rows of a word's spikes, that of bit 0 being at byte {@code row}. */
  private void add(long spikes, long row, long rowBytes, int firstLane, int lanes) {
    for (long rest = spikes; rest != 0; rest &= rest - 1) {
      add(row + Long.numberOfTrailingZeros(rest) * rowBytes, firstLane, lanes);
    }
  }

  /** Bits of {@code word} that stand for channels start .. end - 1. */
  private static long range(int word, int start, int end) {
    int from = Math.max(0, start - word * 64);
    int to = Math.min(64, end - word * 64);
    return -1L >>> (64 - (to - from)) << from;
  }

  /** accumulator[firstLane ..] += the weight row at byte {@code row}. */
  abstract void add(long row, int firstLane, int lanes);
}
