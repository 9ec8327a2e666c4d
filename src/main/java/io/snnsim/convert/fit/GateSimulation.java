// SPDX-License-Identifier: Apache-2.0
package io.snnsim.convert.fit;

import io.snnsim.geometry.MapShape;
import io.snnsim.geometry.Window;
import java.util.Arrays;
import java.util.function.IntConsumer;

/**
 * Runs a max-pool gate on its source's spike trains. Keeps scratch memory; confined to one thread.
 */
final class GateSimulation {
  private final MapShape from;
  private final MapShape to;
  private final Window window;
  private final int steps;
  private final float[] step;
  private final int[] counts;
  private final int[] own;
  private final int[] bytes;

  /** A simulation of up to {@code batch} images at a time. */
  GateSimulation(MapShape from, MapShape to, Window window, int batch, int steps) {
    this.from = from;
    this.to = to;
    this.window = window;
    this.steps = steps;
    step = new float[batch * from.height() * from.width()];
    counts = new int[step.length];
    own = new int[batch * to.height() * to.width()];
    bytes = new int[own.length];
  }

  /** Runs images {@code first .. first + count - 1}. */
  void run(SpikeTrains source, int first, int count, SpikeTrains out) {
    int fromPlane = from.height() * from.width();
    int toPlane = to.height() * to.width();
    for (int c = 0; c < to.channels(); c++) {
      Arrays.fill(counts, 0);
      Arrays.fill(own, 0);
      for (int t = 0; t < steps; t++) {
        source.get(t, c, first * fromPlane, count * fromPlane, step, 0);
        for (int i = 0; i < count * fromPlane; i++) {
          counts[i] += (int) step[i];
        }
        for (int i = 0; i < count * toPlane; i++) {
          int spike = Integer.signum(largest(i / toPlane * fromPlane, i % toPlane) - own[i]);
          own[i] += spike;
          bytes[i] |= (spike & 3) << SpikeTrains.bits(t);
        }
        if (out.endsByte(t)) {
          out.set(t, c, first * toPlane, count * toPlane, bytes);
          Arrays.fill(bytes, 0);
        }
      }
    }
  }

  /** Largest count in the window of a position; counts are never negative. */
  private int largest(int base, int position) {
    int[] found = {0};
    window(base, position, at -> found[0] = Math.max(found[0], counts[at]));
    return found[0];
  }

  /** Visits the places of the source's map that the window of a position sees. */
  private void window(int base, int position, IntConsumer visit) {
    int y0 = position / to.width() * window.strideH() - window.padH();
    int x0 = position % to.width() * window.strideW() - window.padW();
    for (int ky = 0; ky < window.kernelH(); ky++) {
      int y = y0 + ky * window.dilationH();
      for (int kx = 0; kx < window.kernelW(); kx++) {
        int x = x0 + kx * window.dilationW();
        if (y >= 0 && y < from.height() && x >= 0 && x < from.width()) {
          visit.accept(base + y * from.width() + x);
        }
      }
    }
  }

  /** Max pooling of activations: one channel of many images. */
  static void largest(
      float[] x, MapShape from, MapShape to, Window window, int images, float[] out) {
    GateSimulation gate = new GateSimulation(from, to, window, 0, 0);
    int plane = to.height() * to.width();
    for (int i = 0; i < images * plane; i++) {
      int base = i / plane * from.height() * from.width();
      float[] found = {Float.NEGATIVE_INFINITY};
      gate.window(base, i % plane, at -> found[0] = Math.max(found[0], x[at]));
      out[i] = found[0];
    }
  }
}
