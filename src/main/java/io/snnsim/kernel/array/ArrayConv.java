// SPDX-License-Identifier: Apache-2.0
package io.snnsim.kernel.array;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
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
 *
 * <p>The quick compiler knows no vectors, but a long holds four lanes of 16 bits: they are added
 * without their sign bits, so that no carry leaves a lane, and the sign bits by exclusive or.
 * Padding lanes have no weights and are left out.
 */
final class ArrayConv implements RowKernel {
  /** Lanes of 16 bits in a long. */
  private static final int FOUR = 4;

  private static final long SIGNS = 0x8000_8000_8000_8000L;

  private final ConvArgs args;
  private final PopulationState source;
  private final PopulationState target;
  private final Window g;

  /** The sums of a row, four lanes each; null if they are wide. */
  private final long[] fourSums;

  private final long[] fours;
  private final int[] wideSums;
  private final int[] wide;

  ArrayConv(ConvArgs a) {
    args = a;
    source = a.source();
    target = a.target();
    g = a.geometry();
    int lanes = target.width * PopulationState.BLOCK;
    int n = Math.toIntExact(a.weights().byteSize() / a.weightBytes());
    wideSums = target.wide ? new int[lanes] : null;
    fourSums = target.wide ? null : new long[lanes / FOUR];
    wide = target.wide ? new int[n] : null;
    fours = target.wide ? null : new long[n / FOUR];
    if (target.wide) {
      MemorySegment.copy(a.weights(), JAVA_INT, 0, wide, 0, n);
      return;
    }
    short[] narrow = new short[n];
    if (a.weightBytes() == 2) {
      MemorySegment.copy(a.weights(), JAVA_SHORT, 0, narrow, 0, n);
    } else {
      byte[] bytes = a.weights().toArray(JAVA_BYTE);
      for (int i = 0; i < n; i++) {
        narrow[i] = bytes[i];
      }
    }
    MemorySegment.copy(
        MemorySegment.ofArray(narrow), JAVA_LONG_UNALIGNED, 0, fours, 0, fours.length);
  }

  @Override
  public void row(int b, int y) {
    int lanes = target.lanes(b);
    int all = target.width * lanes;
    if (target.wide) {
      MemorySegment.copy(target.accumulator, JAVA_INT, 0, wideSums, 0, all);
    } else {
      MemorySegment.copy(target.accumulator, JAVA_LONG_UNALIGNED, 0, fourSums, 0, all / FOUR);
    }
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
              scatter(ix, tapRow + (ic - icStart) * lanes, tapLanes, b);
            }
          }
          for (long bits = source.negative(p, word); bits != 0; bits &= bits - 1) {
            int ic = word * 64 + Long.numberOfTrailingZeros(bits);
            if (ic >= icStart && ic < icEnd) {
              scatter(ix, tapRow + negativeLanes + (ic - icStart) * lanes, tapLanes, b);
            }
          }
        }
      }
    }
    if (target.wide) {
      MemorySegment.copy(wideSums, 0, target.accumulator, JAVA_INT, 0, all);
    } else {
      MemorySegment.copy(fourSums, 0, target.accumulator, JAVA_LONG_UNALIGNED, 0, all / FOUR);
    }
  }

  /** Adds one spike's weights to all output pixels of the row that it reaches. */
  private void scatter(int ix, int weights, int tapLanes, int b) {
    int lanes = target.lanes(b);
    int channels = Math.min(lanes, target.channels - b * PopulationState.BLOCK);
    for (int kx = 0; kx < g.kernelW(); kx++) {
      int x = ix + g.padW() - kx * g.dilationW();
      if (x >= 0 && x % g.strideW() == 0 && x / g.strideW() < target.width) {
        int at = x / g.strideW() * lanes;
        int from = weights + kx * tapLanes;
        if (target.wide) {
          add(wideSums, at, wide, from, channels);
        } else {
          add(fourSums, at / FOUR, fours, from / FOUR, (channels + FOUR - 1) / FOUR);
        }
      }
    }
  }

  private static void add(long[] sums, int at, long[] weights, int from, int n) {
    for (int i = 0; i < n; i++) {
      long s = sums[at + i];
      long w = weights[from + i];
      sums[at + i] = ((s & ~SIGNS) + (w & ~SIGNS)) ^ ((s ^ w) & SIGNS);
    }
  }

  private static void add(int[] sums, int at, int[] weights, int from, int n) {
    for (int i = 0; i < n; i++) {
      sums[at + i] += weights[from + i];
    }
  }
}
