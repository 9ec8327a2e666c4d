// SPDX-License-Identifier: Apache-2.0
package io.snnsim.kernel.array;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.snnsim.geometry.Window;
import io.snnsim.kernel.contract.ConvArgs;
import io.snnsim.kernel.state.PopulationState;
import io.snnsim.kernel.state.RowKernel;
import java.lang.foreign.MemorySegment;

/**
 * Scatters the weights of every source spike to the output pixels that it reaches, dense and
 * grouped convolutions alike. Confined to the simulation's thread; allocates only in the
 * constructor.
 */
final class ArrayConv implements RowKernel {
  private final ConvArgs args;
  private final PopulationState source;
  private final PopulationState target;
  private final Window g;
  private final LaneRow row;
  private final short[] narrow;
  private final int[] wide;

  ArrayConv(ConvArgs a) {
    args = a;
    source = a.source();
    target = a.target();
    g = a.geometry();
    row = new LaneRow(target);
    int n = Math.toIntExact(a.weights().byteSize() / a.weightBytes());
    wide = a.weightBytes() == 4 ? new int[n] : null;
    narrow = wide == null ? new short[n] : null;
    switch (a.weightBytes()) {
      case 4 -> MemorySegment.copy(a.weights(), JAVA_INT, 0, wide, 0, n);
      case 2 -> MemorySegment.copy(a.weights(), JAVA_SHORT, 0, narrow, 0, n);
      default -> {
        byte[] bytes = new byte[n];
        MemorySegment.copy(a.weights(), JAVA_BYTE, 0, bytes, 0, n);
        for (int i = 0; i < n; i++) {
          narrow[i] = bytes[i];
        }
      }
    }
  }

  @Override
  public void row(int b, int y) {
    int lanes = target.lanes(b);
    int all = target.width * lanes;
    row.load(target.accumulator, 0, all);
    int icStart = args.icStart()[b];
    int icEnd = args.icEnd()[b];
    int tapLanes = args.rows(b) * lanes;
    int negativeLanes = args.negativeRow(b) * lanes;
    int start = (int) (args.blockOffset()[b] / args.weightBytes());
    for (int ky = 0; ky < g.kernelH(); ky++) {
      int iy = y * g.strideH() - g.padH() + ky * g.dilationH();
      if (iy < 0 || iy >= source.height) {
        continue;
      }
      int tapRow = start + ky * g.kernelW() * tapLanes;
      for (int ix = 0; ix < source.width; ix++) {
        int p = iy * source.width + ix;
        for (int word = icStart / 64; word * 64 < icEnd; word++) {
          for (long bits = source.positive(p, word); bits != 0; bits &= bits - 1) {
            int ic = word * 64 + Long.numberOfTrailingZeros(bits);
            if (ic >= icStart && ic < icEnd) {
              scatter(ix, tapRow + (ic - icStart) * lanes, tapLanes, lanes);
            }
          }
          for (long bits = source.negative(p, word); bits != 0; bits &= bits - 1) {
            int ic = word * 64 + Long.numberOfTrailingZeros(bits);
            if (ic >= icStart && ic < icEnd) {
              scatter(ix, tapRow + negativeLanes + (ic - icStart) * lanes, tapLanes, lanes);
            }
          }
        }
      }
    }
    row.store(target.accumulator, 0, all);
  }

  /** Adds one spike's weights to all output pixels of the row that it reaches. */
  private void scatter(int ix, int weights, int tapLanes, int lanes) {
    for (int kx = 0; kx < g.kernelW(); kx++) {
      int x = ix + g.padW() - kx * g.dilationW();
      if (x >= 0 && x % g.strideW() == 0 && x / g.strideW() < target.width) {
        int at = x / g.strideW() * lanes;
        if (narrow != null) {
          add(row.narrow, at, narrow, weights + kx * tapLanes, lanes);
        } else {
          add(row.wide, at, wide, weights + kx * tapLanes, lanes);
        }
      }
    }
  }

  private static void add(short[] sums, int at, short[] weights, int from, int n) {
    for (int i = 0; i < n; i++) {
      sums[at + i] += weights[from + i];
    }
  }

  private static void add(int[] sums, int at, int[] weights, int from, int n) {
    for (int i = 0; i < n; i++) {
      sums[at + i] += weights[from + i];
    }
  }
}
