// SPDX-License-Identifier: Apache-2.0
package io.snnsim.kernel.contract;

import io.snnsim.geometry.Window;
import io.snnsim.kernel.state.PopulationState;
import io.snnsim.kernel.state.RowKernel;
import java.util.Arrays;

/**
 * Max-pool gate of few-spike neurons. Numbers come highest bit first, so a source stays in the race
 * while it has sent what the gate sent: the gate sends what any of those in the race sends, 64
 * channels in a word. Confined to the simulation's thread; allocates only in the constructor.
 */
final class MaxRace implements RowKernel {
  private final PopulationState source;
  private final PopulationState target;
  private final Window window;

  /** By tap: the channels whose source is still in the race. */
  private final long[] race;

  /** By tap: its pixel in the source, or -1 outside of it. */
  private final int[] pixels;

  MaxRace(PopulationState source, PopulationState target, Window window) {
    this.source = source;
    this.target = target;
    this.window = window;
    race = new long[window.kernelH() * window.kernelW()];
    pixels = new int[race.length];
  }

  @Override
  public void row(int b, int y) {
    int steps = target.codeSteps();
    if (target.slot() < steps - 1) {
      return;
    }
    for (int x = 0; x < target.width; x++) {
      place(x, y);
      Arrays.fill(race, -1);
      for (int t = 0; t < steps; t++) {
        source.slot(t);
        target.slot(t);
        target.fire(b, y * target.width + x, step(b), 1 << (steps - 1 - t));
      }
    }
  }

  private void place(int x, int y) {
    for (int k = 0; k < pixels.length; k++) {
      int iy = y * window.strideH() - window.padH() + k / window.kernelW() * window.dilationH();
      int ix = x * window.strideW() - window.padW() + k % window.kernelW() * window.dilationW();
      boolean inside = iy >= 0 && iy < source.height && ix >= 0 && ix < source.width;
      pixels[k] = inside ? iy * source.width + ix : -1;
    }
  }

  private long step(int b) {
    long sent = 0;
    for (int k = 0; k < race.length; k++) {
      if (pixels[k] >= 0) {
        sent |= race[k] & source.word(pixels[k], b);
      }
    }
    for (int k = 0; k < race.length; k++) {
      if (pixels[k] >= 0) {
        race[k] &= source.word(pixels[k], b) | ~sent;
      }
    }
    return sent;
  }
}
