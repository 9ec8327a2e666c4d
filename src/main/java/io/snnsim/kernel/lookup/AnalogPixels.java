// SPDX-License-Identifier: Apache-2.0
package io.snnsim.kernel.lookup;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.snnsim.geometry.Window;
import io.snnsim.kernel.contract.AnalogArgs;
import io.snnsim.kernel.contract.EventKernels;
import io.snnsim.kernel.state.PopulationState;
import io.snnsim.kernel.vector.Species;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;

/**
 * The constant currents of a population whose lanes are pixels, from an image. The sums are those
 * of {@link EventKernels#analog} in the same order, so the bits are too; where a window reaches
 * over the image's edge zeros are added instead of nothing, which rounds to the same integer.
 * Confined to the simulation's thread; allocates only in the constructor.
 *
 * <p>Lanes are pixels here as well, because few channels leave most lanes of a vector empty, and
 * because eight sums at a time hide the time that an addition takes. The image is copied with a
 * border of zeros so that no window needs a test, and of a stride above 1 every phase of the
 * columns apart, so that a tap of neighbouring windows is one vector in any case:
 *
 * <pre>
 * rows    f32 [ic][padded y][phase][padded x / strideW, and a vector of slack]
 * planes  f32 [4 channels][y][x, and two vectors of slack]: sums before they are rounded
 * </pre>
 */
final class AnalogPixels implements Runnable {
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
  private static final int LANES = Species.FLOATS.length();

  /** Channels at a time. */
  private static final int CHANNELS = 4;

  private final AnalogArgs args;
  private final PopulationState target;
  private final Window g;
  private final int rowLanes;
  private final MemorySegment weights;
  private final MemorySegment rows;
  private final int phases;
  private final int rowFloats;
  private final int paddedHeight;

  /** By tap and input channel, in the order of the sums: its place in {@code rows}, in bytes. */
  private final long[] offsets;

  private final float[][] planes = new float[CHANNELS][];
  private final int[] rounded;
  private final short[] narrow;

  AnalogPixels(AnalogArgs args, Arena arena) {
    this.args = args;
    target = args.target();
    g = args.geometry();
    rowLanes = args.rowLanes();
    weights = args.weights();
    phases = g.strideW();
    int reach = (g.kernelW() - 1) * g.dilationW() / g.strideW();
    int vectors = (target.width + 2 * LANES - 1) / (2 * LANES) * 2;
    rowFloats = (vectors * LANES + reach + 15) / 16 * 16;
    paddedHeight = (target.height - 1) * g.strideH() + (g.kernelH() - 1) * g.dilationH() + 1;
    rows = arena.allocate((long) args.inChannels() * paddedHeight * phases * rowFloats * 4, 64);
    offsets = new long[g.kernelH() * g.kernelW() * args.inChannels()];
    int i = 0;
    for (int ky = 0; ky < g.kernelH(); ky++) {
      for (int kx = 0; kx < g.kernelW(); kx++) {
        for (int ic = 0; ic < args.inChannels(); ic++) {
          int x = kx * g.dilationW();
          offsets[i++] = (row(ic, ky * g.dilationH(), x % g.strideW()) + x / g.strideW()) * 4;
        }
      }
    }
    int pixels = target.height * target.width;
    for (int k = 0; k < CHANNELS; k++) {
      planes[k] = new float[pixels + 2 * LANES];
    }
    rounded = new int[pixels + LANES];
    narrow = target.wide ? null : new short[pixels];
  }

  private long row(int ic, int paddedY, int phase) {
    return (((long) ic * paddedHeight + paddedY) * phases + phase) * rowFloats;
  }

  @Override
  public void run() {
    pad();
    for (int c = 0; c < target.channels; c += CHANNELS) {
      for (int y = 0; y < target.height; y++) {
        for (int x = 0; x < target.width; x += 2 * LANES) {
          sums(c, y, x);
        }
      }
      for (int k = 0; k < CHANNELS && c + k < target.channels; k++) {
        store(c + k, planes[k]);
      }
    }
  }

  private void pad() {
    for (int ic = 0; ic < args.inChannels(); ic++) {
      for (int iy = 0; iy < args.inHeight(); iy++) {
        int y = iy + g.padH();
        if (y >= paddedHeight) {
          break;
        }
        long from = ((long) ic * args.inHeight() + iy) * args.inWidth();
        if (phases == 1) {
          long n = Math.min(args.inWidth(), rowFloats - g.padW());
          MemorySegment.copy(args.image(), from * 4, rows, (row(ic, y, 0) + g.padW()) * 4, n * 4);
        } else {
          padStrided(ic, y, from);
        }
      }
    }
  }

  private void padStrided(int ic, int y, long from) {
    for (int ix = 0; ix < args.inWidth(); ix++) {
      int x = ix + g.padW();
      if (x / phases < rowFloats) {
        float value = args.image().getAtIndex(JAVA_FLOAT, from + ix);
        rows.setAtIndex(JAVA_FLOAT, row(ic, y, x % phases) + x / phases, value);
      }
    }
  }

  /** Two vectors of pixels of four channels; those beyond the last read padding lanes' weights. */
  private void sums(int c, int y, int x) {
    MemorySegment rows = this.rows;
    MemorySegment weights = this.weights;
    long at = (row(0, y * g.strideH(), 0) + x) * 4;
    long w = c * 4L;
    MemorySegment bias = args.bias();
    FloatVector a0 = FloatVector.broadcast(Species.FLOATS, bias.getAtIndex(JAVA_FLOAT, c));
    FloatVector b0 = a0;
    FloatVector a1 = FloatVector.broadcast(Species.FLOATS, bias.getAtIndex(JAVA_FLOAT, c + 1));
    FloatVector b1 = a1;
    FloatVector a2 = FloatVector.broadcast(Species.FLOATS, bias.getAtIndex(JAVA_FLOAT, c + 2));
    FloatVector b2 = a2;
    FloatVector a3 = FloatVector.broadcast(Species.FLOATS, bias.getAtIndex(JAVA_FLOAT, c + 3));
    FloatVector b3 = a3;
    for (int i = 0; i < offsets.length; i++) {
      long from = at + offsets[i];
      FloatVector a = FloatVector.fromMemorySegment(Species.FLOATS, rows, from, LE);
      FloatVector b = FloatVector.fromMemorySegment(Species.FLOATS, rows, from + LANES * 4L, LE);
      float w0 = weights.get(JAVA_FLOAT, w);
      float w1 = weights.get(JAVA_FLOAT, w + 4);
      float w2 = weights.get(JAVA_FLOAT, w + 8);
      float w3 = weights.get(JAVA_FLOAT, w + 12);
      a0 = a.mul(w0).add(a0);
      b0 = b.mul(w0).add(b0);
      a1 = a.mul(w1).add(a1);
      b1 = b.mul(w1).add(b1);
      a2 = a.mul(w2).add(a2);
      b2 = b.mul(w2).add(b2);
      a3 = a.mul(w3).add(a3);
      b3 = b.mul(w3).add(b3);
      w += rowLanes * 4L;
    }
    // What is written beyond the row's end is overwritten by the next row, or slack.
    int to = y * target.width + x;
    // Plain stores: helpers that take vectors are not always inlined and then box them.
    a0.intoArray(planes[0], to);
    b0.intoArray(planes[0], to + LANES);
    a1.intoArray(planes[1], to);
    b1.intoArray(planes[1], to + LANES);
    a2.intoArray(planes[2], to);
    b2.intoArray(planes[2], to + LANES);
    a3.intoArray(planes[3], to);
    b3.intoArray(planes[3], to + LANES);
  }

  /** Rounds a channel's sums, adds its bias and narrows them. */
  private void store(int c, float[] plane) {
    int bias = target.get(target.bias, c);
    long at = c * target.channelStride;
    int n = target.height * target.width;
    for (int i = 0; i < n; i += LANES) {
      FloatVector sum = FloatVector.fromArray(Species.FLOATS, plane, i);
      Species.round(sum.max(args.low() + 0f).min(args.high())).add(bias).intoArray(rounded, i);
    }
    if (target.wide) {
      MemorySegment.copy(rounded, 0, target.current, JAVA_INT, at * 4, n);
    } else {
      // A loop over arrays, which C2 turns into vectors.
      for (int i = 0; i < n; i++) {
        narrow[i] = (short) rounded[i];
      }
      MemorySegment.copy(narrow, 0, target.current, JAVA_SHORT, at * 2, n);
    }
  }
}
