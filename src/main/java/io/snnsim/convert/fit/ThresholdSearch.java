// SPDX-License-Identifier: Apache-2.0
package io.snnsim.convert.fit;

import java.util.Arrays;

/**
 * Tries thresholds of one channel on its real input trains, in integers. Keeps scratch memory;
 * confined to one thread.
 *
 * <p>With q the threshold in units of activation, T steps, N the spike count after them and a the
 * ANN's activation, the error of a candidate is
 *
 * <pre>sum over neurons of (q N - a)^2  +  spikePenalty var(a) * (sum of |s|) / T</pre>
 */
final class ThresholdSearch {
  /** Candidates for q T as shares of the largest activation: 0.2 .. 1.01, each 10 % further. */
  private static final int CANDIDATES = 18;

  /** Units of the largest activation, so that many steps of it fit 32 bits. */
  private static final int UNITS = 1 << 18;

  private static final int MOST_INPUT = 1 << 30;

  private final boolean signed;
  private final double v0;
  private final int neurons;
  private final int[][] input;
  private final int[] v;
  private final int[] n;
  private final int[] spikes;

  /**
   * A search over {@code neurons} neurons.
   *
   * @param v0 V(0) as a share of the threshold
   */
  ThresholdSearch(boolean signed, double v0, int neurons, int steps) {
    this.signed = signed;
    this.v0 = v0;
    this.neurons = neurons;
    input = new int[steps][neurons];
    v = new int[neurons];
    n = new int[neurons];
    spikes = new int[neurons];
  }

  static int candidates() {
    return CANDIDATES;
  }

  /** Candidate {@code k} as a share of the largest activation. */
  static double share(int k) {
    return 0.2 * Math.pow(1.1, k);
  }

  /**
   * Errors of all candidates.
   *
   * @param trains [step][neuron], each step's input in units of activation
   * @param activation of the ANN, by neuron
   * @param largest largest activation, which the candidates are shares of; above 0
   */
  double[] errors(float[][] trains, float[] activation, double largest, double spikePenalty) {
    float scale = (float) (UNITS / largest);
    float most = (float) MOST_INPUT / trains.length;
    for (int t = 0; t < trains.length; t++) {
      float[] from = trains[t];
      int[] to = input[t];
      for (int i = 0; i < neurons; i++) {
        to[i] = (int) Math.max(-most, Math.min(most, from[i] * scale));
      }
    }
    double variance = variance(activation);
    double[] errors = new double[CANDIDATES];
    for (int k = 0; k < CANDIDATES; k++) {
      int threshold = (int) Math.max(1, Math.rint(UNITS * share(k) / trains.length));
      simulate(threshold);
      double q = threshold * largest / UNITS;
      double squares = 0;
      long fired = 0;
      for (int i = 0; i < neurons; i++) {
        double e = q * n[i] - activation[i];
        squares += e * e;
        fired += spikes[i];
      }
      errors[k] = squares + spikePenalty * variance * fired / trains.length;
    }
    return errors;
  }

  private double variance(float[] activation) {
    double sum = 0;
    double squares = 0;
    for (int i = 0; i < neurons; i++) {
      sum += activation[i];
      squares += (double) activation[i] * activation[i];
    }
    return Math.max(0, squares / neurons - sum / neurons * sum / neurons);
  }

  private void simulate(int threshold) {
    Arrays.fill(v, (int) Math.rint(v0 * threshold));
    Arrays.fill(n, 0);
    Arrays.fill(spikes, 0);
    for (int[] in : input) {
      if (signed) {
        signedStep(in, threshold);
      } else {
        plainStep(in, threshold);
      }
    }
  }

  // Comparisons as shifts of the sign, which C2 turns into vector code (0.2 ns a neuron).
  private void signedStep(int[] in, int threshold) {
    for (int i = 0; i < in.length; i++) {
      int x = v[i] + in[i];
      int count = n[i];
      int s = ((threshold - 1 - x) >>> 31) - ((x >>> 31) & (-count >>> 31));
      v[i] = x - threshold * s;
      n[i] = count + s;
      spikes[i] = spikes[i] + (s & 1);
    }
  }

  private void plainStep(int[] in, int threshold) {
    for (int i = 0; i < in.length; i++) {
      int x = v[i] + in[i];
      int s = (threshold - 1 - x) >>> 31;
      v[i] = x - threshold * s;
      n[i] = n[i] + s;
      spikes[i] = spikes[i] + s;
    }
  }
}
