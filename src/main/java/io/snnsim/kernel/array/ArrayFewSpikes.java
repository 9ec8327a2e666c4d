// SPDX-License-Identifier: Apache-2.0
package io.snnsim.kernel.array;

import io.snnsim.kernel.state.PopulationState;
import io.snnsim.kernel.state.RowKernel;

/**
 * Few-spike neurons in plain loops over a row on the heap. Confined to the simulation's thread;
 * allocates only in the constructor.
 */
final class ArrayFewSpikes implements RowKernel {
  private final PopulationState target;
  private final int steps;
  private final LaneRow input;
  private final LaneRow potential;
  private final LaneRow current;
  private final long low;
  private final long high;
  private final int[] theta;
  private final int[] bias;

  ArrayFewSpikes(PopulationState t) {
    target = t;
    steps = t.codeSteps();
    input = new LaneRow(t);
    potential = new LaneRow(t);
    current = new LaneRow(t);
    low = t.wide ? Integer.MIN_VALUE : Short.MIN_VALUE;
    high = t.wide ? Integer.MAX_VALUE : Short.MAX_VALUE;
    theta = new int[t.allLanes()];
    bias = new int[theta.length];
    for (int i = 0; i < theta.length; i++) {
      theta[i] = t.get(t.theta, i);
      bias[i] = t.get(t.bias, i);
    }
  }

  @Override
  public void row(int b, int y) {
    PopulationState t = target;
    int lanes = t.lanes(b);
    int all = t.width * lanes;
    long row = t.rowStart(b, y);
    input.load(t.accumulator, 0, all);
    if (t.slot() > 0) {
      potential.load(t.v, row, all);
    }
    boolean last = t.slot() == steps - 1;
    if (last && t.current != null) {
      current.load(t.current, row, all);
    }
    for (int i = 0; i < all; i++) {
      long twice = t.slot() == 0 ? 0 : 2L * potential.get(i);
      long sum = Math.clamp(twice + input.get(i), low, high);
      if (last) {
        int constant = t.current == null ? bias[b * 64 + i % lanes] : current.get(i);
        sum = Math.clamp(sum + constant, low, high);
      }
      potential.set(i, (int) sum);
    }
    for (int k = 0; last && k < steps; k++) {
      t.slot(k);
      for (int x = 0; x < t.width; x++) {
        t.fire(b, y * t.width + x, send(x * lanes, b, lanes, k), 1 << (steps - 1 - k));
      }
    }
    potential.store(t.v, row, all);
  }

  private long send(int at, int b, int lanes, int step) {
    // Padding lanes have the largest theta, which is worth more than 32 bits hold.
    int channels = Math.min(lanes, target.channels - b * 64);
    long word = 0;
    for (int l = 0; l < channels; l++) {
      int worth = theta[b * 64 + l] << (steps - 1 - step);
      if (potential.get(at + l) >= worth) {
        potential.set(at + l, potential.get(at + l) - worth);
        word |= 1L << l;
      }
    }
    return word;
  }
}
