// SPDX-License-Identifier: Apache-2.0
package io.snnsim.convert.fit;

import io.snnsim.convert.ConvertOptions;
import io.snnsim.convert.SchemeOptions;
import io.snnsim.convert.scheme.Calibration;
import io.snnsim.convert.scheme.Lowering;
import io.snnsim.convert.scheme.RealTerm;
import io.snnsim.convert.scheme.TermSum;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * Chooses lambda and V(0) of a population of few-spike neurons by the square error of what it
 * sends, on what its sources really send. With z the input that arrives, a the ANN's activation, q
 * = lambda / (2^K - 1) and v0 = V(0) / theta, the error of a candidate is
 *
 * <pre>sum over neurons of (q min(max(floor(z / q + v0), 0), 2^K - 1) - a)^2</pre>
 *
 * <p>V(0) = theta / 2 rounds to the nearest number, which is best if z = a. But z carries the
 * errors of all layers before, and where most activations are near 0 a small z is more often too
 * large than too small: then rounding down more is nearer. At last V(0) moves by what the mean of
 * the numbers lacks of the mean activation: errors of single neurons are noise to the layers that
 * follow, but an error of the mean goes the same way at every position and adds up.
 *
 * <p>Confined to one thread, which lends it workers.
 */
final class CodeLambda {
  /** Images that lambda is chosen on. */
  private static final int MOST_IMAGES = 128;

  /** Candidates as shares of the largest activation: 0.06 .. 1.04, each 4 % further. */
  private static final int CANDIDATES = 74;

  /** Candidates for V(0) as shares of that of the options. */
  private static final double[] SHARES = {1, 0.8, 0.6, 0.4};

  /**
   * What was chosen, by channel.
   *
   * @param v0 V(0) in units of theta
   */
  record Chosen(double[] lambda, double[] v0) {}

  private final Lowering.Draft draft;
  private final List<ConvertedPopulation> sources;
  private final SampledPositions positions;
  private final SchemeOptions scheme;
  private final double v0;
  private final Workers workers;

  /**
   * A choice for one population.
   *
   * @param sources of its terms
   */
  CodeLambda(
      Lowering.Draft draft,
      List<ConvertedPopulation> sources,
      SampledPositions positions,
      ConvertOptions options,
      Workers workers) {
    this.draft = draft;
    this.sources = sources;
    this.positions = positions;
    this.scheme = options.scheme();
    v0 = options.v0();
    this.workers = workers;
  }

  private static double share(int k) {
    return 0.06 * Math.pow(1.04, k);
  }

  /**
   * Chooses.
   *
   * @param images that may be looked at, from the first on
   * @param activation of the ANN, [channel][image * plane + position]
   * @param largest largest activation by channel
   */
  Chosen choose(int images, float[][] activation, double[] largest) {
    try (MapPool.Lease lease = workers.pool().lease()) {
      int looked = Math.min(images, MOST_IMAGES);
      float[][] arriving = arriving(looked, lease);
      return choose(arriving, positions.picked(activation, looked, lease), largest);
    }
  }

  private Chosen choose(float[][] arriving, float[][] wanted, double[] largest) {
    double all = Calibration.max(largest);
    double[] top = new double[largest.length];
    // A channel that hardly ever fires still needs a threshold above 0.
    Arrays.setAll(
        top,
        c -> scheme.channelLambda() ? Math.max(largest[c], Calibration.LEAST_SHARE * all) : all);
    double[][] errors = new double[largest.length][CANDIDATES * SHARES.length];
    for (double[] e : errors) {
      Arrays.fill(e, Double.POSITIVE_INFINITY);
    }
    // Every other candidate, then the neighbours of the best.
    int[] every = IntStream.range(0, errors[0].length).filter(k -> k % 2 == 0).toArray();
    int[] best = best(errors, c -> every, arriving, wanted, top);
    int[] found = best;
    best = best(errors, c -> neighbours(found[c]), arriving, wanted, top);
    Chosen result = new Chosen(new double[largest.length], new double[largest.length]);
    for (int c = 0; c < largest.length; c++) {
      // Of a channel that is never active any candidate is right: the largest wakes it least.
      boolean active = largest[c] > 0;
      result.lambda()[c] = top[c] * share(active ? best[c] % CANDIDATES : CANDIDATES - 1);
      result.v0()[c] = v0 * SHARES[active ? best[c] / CANDIDATES : 0];
      if (active) {
        result.v0()[c] +=
            missing(arriving[c], wanted[c], quantum(result.lambda()[c], result.v0()[c]));
      }
      result.v0()[c] += draft.copy().ahead();
    }
    return result;
  }

  private Quantum quantum(double lambda, double v0) {
    return new Quantum(lambda / scheme.fullCount(), v0, scheme.fullCount(), draft.copy().of());
  }

  private static int[] neighbours(int k) {
    return IntStream.of(k - 1, k + 1)
        .filter(n -> n >= 0 && n / CANDIDATES == k / CANDIDATES && n < CANDIDATES * SHARES.length)
        .toArray();
  }

  /** Computes the errors of some more candidates; which is the best of each channel so far. */
  private int[] best(
      double[][] errors,
      IntFunction<int[]> candidates,
      float[][] arriving,
      float[][] wanted,
      double[] top) {
    workers.run(
        errors.length,
        () ->
            c -> {
              for (int k : candidates.apply(c)) {
                double lambda = top[c] * share(k % CANDIDATES);
                errors[c][k] =
                    error(arriving[c], wanted[c], quantum(lambda, v0 * SHARES[k / CANDIDATES]));
              }
            });
    double[] total = new double[errors[0].length];
    for (double[] e : errors) {
      Arrays.setAll(total, k -> total[k] + e[k]);
    }
    int[] best = new int[errors.length];
    for (int c = 0; c < best.length; c++) {
      double[] e = scheme.channelLambda() ? errors[c] : total;
      for (int k = 1; k < e.length; k++) {
        best[c] = e[k] < e[best[c]] ? k : best[c];
      }
    }
    return best;
  }

  /**
   * How a channel sends.
   *
   * @param q what one of its numbers stands for
   * @param v0 V(0) in units of theta, the mean of all copies
   * @param most 2^K - 1
   * @param copies neurons that send the same, each rounding elsewhere
   */
  record Quantum(double q, double v0, int most, int copies) {}

  private static double error(float[] arriving, float[] wanted, Quantum quantum) {
    float q = (float) (quantum.q() / quantum.copies());
    double sum = 0;
    if (quantum.copies() == 1) {
      float each = 1 / q;
      float up = (float) quantum.v0();
      for (int i = 0; i < arriving.length; i++) {
        int n = (int) Math.max(0, Math.min(quantum.most(), arriving[i] * each + up));
        float e = q * n - wanted[i];
        sum += e * e;
      }
      return sum;
    }
    for (int i = 0; i < arriving.length; i++) {
      float e = q * sent(arriving[i], quantum) - wanted[i];
      sum += e * e;
    }
    return sum;
  }

  /** The sum of the numbers that all copies send. */
  private static int sent(float arriving, Quantum quantum) {
    int sum = 0;
    for (int i = 0; i < quantum.copies(); i++) {
      double up = quantum.v0() + new Lowering.Copy(i, quantum.copies()).ahead();
      sum += (int) Math.max(0, Math.min(quantum.most(), arriving / quantum.q() + up));
    }
    return sum;
  }

  /** What the mean of the numbers sent lacks of the mean activation, in quanta. */
  static double missing(float[] arriving, float[] wanted, Quantum quantum) {
    double q = quantum.q();
    double sum = 0;
    for (int i = 0; i < arriving.length; i++) {
      sum += wanted[i] - q / quantum.copies() * sent(arriving[i], quantum);
    }
    return sum / arriving.length / q;
  }

  /** What arrives at sampled positions, in units of activation: [channel][neuron]. */
  private float[][] arriving(int images, MapPool.Lease lease) {
    int per = positions.perImage();
    int channels = draft.shape().channels();
    float[][] out = lease.take(channels, images * per);
    List<RealTerm> real = SourceTerms.ofActivations(draft, sources);
    List<TermSum.Weights> weights = real.stream().map(TermSum.Weights::of).toList();
    workers.run(
        Batches.count(images),
        () -> {
          TermSum sum = lease.sum();
          float[][] input = lease.take(channels, Batches.SIZE * draft.shape().plane());
          float[][][] values = new float[sources.size()][][];
          for (int i = 0; i < values.length; i++) {
            ConvertedPopulation s = sources.get(i);
            values[i] = lease.take(s.shape().channels(), Batches.SIZE * s.plane());
          }
          return b -> {
            int first = b * Batches.SIZE;
            int n = Batches.size(b, images);
            for (float[] row : input) {
              Arrays.fill(row, 0);
            }
            for (int i = 0; i < values.length; i++) {
              for (int k = 0; k < n; k++) {
                sources.get(i).values(first + k, values[i], k * sources.get(i).plane());
              }
              sum.add(weights.get(i), values[i], 0, n, input, 0);
            }
            for (int c = 0; c < channels; c++) {
              for (int k = 0; k < n; k++) {
                positions.pick(input[c], k, first + k, out[c], (first + k) * per);
              }
            }
          };
        });
    return out;
  }
}
