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

/**
 * Chooses lambda of a population by its expected error after the target steps, on what its sources
 * really send: the candidates of a {@link ThresholdSearch}, by channel or together. Confined to one
 * thread, which lends it workers.
 */
final class ErrorLambda {
  /** Images whose trains thresholds are chosen on. */
  private static final int MOST_IMAGES = 64;

  private final Lowering.Draft draft;
  private final List<ConvertedPopulation> sources;
  private final SampledPositions positions;
  private final ConvertOptions options;
  private final SchemeOptions scheme;
  private final Workers workers;

  /**
   * A choice for one population.
   *
   * @param sources of its terms
   */
  ErrorLambda(
      Lowering.Draft draft,
      List<ConvertedPopulation> sources,
      SampledPositions positions,
      ConvertOptions options,
      Workers workers) {
    this.draft = draft;
    this.sources = sources;
    this.positions = positions;
    this.options = options;
    this.scheme = options.scheme();
    this.workers = workers;
  }

  /**
   * lambda by channel.
   *
   * @param images that may be looked at, from the first on
   * @param activation of the ANN, [channel][image * plane + position]
   * @param largest largest activation by channel
   */
  double[] choose(int images, float[][] activation, double[] largest) {
    double[] result = new double[largest.length];
    double all = Calibration.max(largest);
    double[][] errors = new double[result.length][];
    // A channel that hardly ever fires still needs a threshold above 0.
    double[] top = new double[result.length];
    for (int c = 0; c < top.length; c++) {
      top[c] = scheme.channelLambda() ? Math.max(largest[c], Calibration.LEAST_SHARE * all) : all;
    }
    try (MapPool.Lease lease = workers.pool().lease()) {
      int searched = Math.min(images, MOST_IMAGES);
      int neurons = searched * positions.perImage();
      float[][][] trains = trains(searched, lease);
      float[][] wanted = positions.picked(activation, searched, lease);
      double penalty = scheme.fit().spikePenalty();
      workers.run(
          result.length,
          () -> {
            ThresholdSearch search =
                new ThresholdSearch(scheme.signed(), options.v0(), neurons, scheme.targetSteps());
            return c -> errors[c] = search.errors(trains[c], wanted[c], top[c], penalty);
          });
    }
    if (!scheme.channelLambda()) {
      double[] total = new double[ThresholdSearch.candidates()];
      for (double[] e : errors) {
        Arrays.setAll(total, k -> total[k] + e[k]);
      }
      Arrays.fill(errors, total);
    }
    for (int c = 0; c < result.length; c++) {
      int best = 0;
      for (int k = 1; k < errors[c].length; k++) {
        best = errors[c][k] < errors[c][best] ? k : best;
      }
      result[c] = top[c] * ThresholdSearch.share(best);
    }
    return result;
  }

  /** What arrives at sampled positions, in units of activation: [channel][step][neuron]. */
  private float[][][] trains(int searched, MapPool.Lease lease) {
    int steps = scheme.targetSteps();
    int per = positions.perImage();
    int plane = draft.shape().height() * draft.shape().width();
    int channels = draft.shape().channels();
    float[][][] out = new float[channels][][];
    Arrays.setAll(out, c -> lease.take(steps, searched * per));
    List<RealTerm> real = SourceTerms.ofSpikes(draft, sources);
    List<TermSum.Weights> weights = real.stream().map(TermSum.Weights::of).toList();
    workers.run(
        Batches.count(searched),
        () -> {
          TermSum sum = lease.sum();
          float[][] steady = lease.take(channels, Batches.SIZE * plane);
          float[][] input = lease.take(channels, Batches.SIZE * plane);
          float[][][] spikes = new float[sources.size()][][];
          for (int i = 0; i < spikes.length; i++) {
            ConvertedPopulation s = sources.get(i);
            spikes[i] = lease.take(s.shape().channels(), Batches.SIZE * s.plane());
          }
          return b -> {
            int n = Batches.size(b, searched);
            steady(sum, weights, b * Batches.SIZE, n, steady);
            for (int t = 0; t < steps; t++) {
              for (int c = 0; c < channels; c++) {
                System.arraycopy(steady[c], 0, input[c], 0, n * plane);
              }
              for (int i = 0; i < spikes.length; i++) {
                ConvertedPopulation s = sources.get(i);
                if (!(s.sent() instanceof SpikeTrains trains)) {
                  continue;
                }
                for (int c = 0; c < spikes[i].length; c++) {
                  trains.get(t, c, b * Batches.SIZE * s.plane(), n * s.plane(), spikes[i][c], 0);
                }
                TermSum.Weights w = weights.get(i);
                sum.add(
                    new TermSum.Weights(w.term(), w.weights(), null), spikes[i], 0, n, input, 0);
              }
              for (int c = 0; c < channels; c++) {
                for (int k = 0; k < n; k++) {
                  int at = b * Batches.SIZE + k;
                  positions.pick(input[c], k, at, out[c][t], at * per);
                }
              }
            }
          };
        });
    return out;
  }

  /** What flows in every step: biases and what the image drives, a step's share of them. */
  private void steady(TermSum sum, List<TermSum.Weights> weights, int first, int n, float[][] out) {
    for (float[] row : out) {
      Arrays.fill(row, 0);
    }
    for (int i = 0; i < weights.size(); i++) {
      TermSum.Weights w = weights.get(i);
      boolean fromImage = sources.get(i).sent() == null;
      TermSum.Weights used = fromImage ? w : new TermSum.Weights(w.term(), null, w.bias());
      sum.add(used, sources.get(i).activation(), first, n, out, 0);
    }
    for (float[] row : out) {
      for (int k = 0; k < row.length; k++) {
        row[k] /= scheme.targetSteps();
      }
    }
  }
}
