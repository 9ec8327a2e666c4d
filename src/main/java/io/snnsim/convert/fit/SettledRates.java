// SPDX-License-Identifier: Apache-2.0
package io.snnsim.convert.fit;

import io.snnsim.convert.scheme.Lowering;
import io.snnsim.convert.scheme.NetworkBuilder;
import io.snnsim.convert.scheme.TermSum;
import io.snnsim.network.InputStage;
import io.snnsim.network.Population;
import java.util.Arrays;
import java.util.List;

/**
 * What the firing rates of a population come to with ever more steps: a step's input in thetas,
 * within 0 and 1. By then V(0) counts for nothing, and what arrived too early or too late has
 * evened out. Of one image in {@code every}, the first one included: fits look at these beside what
 * all images bring by the target steps. Immutable but for the arrays, which must not be changed;
 * made on the threads of workers, out of arrays of their pool.
 *
 * @param rates [channel][place of the image * plane + position]; of the image itself its values
 * @param lambda activation that a rate of 1 stands for, by channel
 * @param every one in so many images
 */
record SettledRates(float[][] rates, double[] lambda, int every) {
  /**
   * What fits want of counts after few steps and of rates differs: one image in so many by steps.
   */
  private static final int STEPS = 40;

  /** More images than one in so many draw fits away from the target. */
  private static final int FEWEST = 5;

  /** One in how many images is looked at in a fit to so many steps. */
  static int every(int steps) {
    return Math.max(FEWEST, STEPS / steps);
  }

  /** Number of images that are looked at among {@code images}. */
  private static int count(int images, int every) {
    return (images + every - 1) / every;
  }

  /**
   * What an image, one of those looked at, stands for, as values of activations, from {@code at}
   * on.
   */
  void values(int image, int plane, float[][] out, int at) {
    int first = image / every * plane;
    for (int c = 0; c < out.length; c++) {
      float unit = (float) lambda[c];
      for (int i = 0; i < plane; i++) {
        out[c][at + i] = unit * rates[c][first + i];
      }
    }
  }

  /**
   * Of the image itself.
   *
   * @param values [channel][image * plane + position], normalised
   * @param images that are fitted to, from the first on
   */
  static SettledRates ofImage(float[][] values, int plane, int images, int every) {
    int count = count(images, every);
    float[][] rates = new float[values.length][count * plane];
    for (int c = 0; c < rates.length; c++) {
      for (int k = 0; k < count; k++) {
        System.arraycopy(values[c], k * every * plane, rates[c], k * plane, plane);
      }
    }
    double[] ones = new double[values.length];
    Arrays.fill(ones, 1);
    return new SettledRates(rates, ones, every);
  }

  /**
   * Of a population as it stands in the network.
   *
   * @param sources of its terms
   */
  static SettledRates of(
      Lowering.Draft draft,
      List<ConvertedPopulation> sources,
      NetworkBuilder.Built built,
      Workers workers) {
    int plane = draft.shape().plane();
    int channels = draft.shape().channels();
    int count = sources.getFirst().settledImages();
    float[][] rates = workers.pool().take(channels, Math.multiplyExact(count, plane));
    TermSum.Weights[] weights = built.rounded();
    try (MapPool.Lease lease = workers.pool().lease()) {
      workers.run(
          Batches.count(count),
          () -> {
            TermSum sum = lease.sum();
            float[][] input = lease.take(channels, Batches.SIZE * plane);
            float[][] scratch = lease.take(channels, Batches.SIZE * plane);
            return b -> {
              int first = b * Batches.SIZE;
              int n = Batches.size(b, count);
              for (int c = 0; c < channels; c++) {
                Arrays.fill(input[c], built.population().bias()[c]);
              }
              for (int i = 0; i < weights.length; i++) {
                float[][] from = sources.get(i).settled().rates();
                InputStage.AnalogProjection a = built.analog().get(i);
                if (a == null) {
                  sum.add(weights[i], from, first, n, input, 0);
                } else {
                  ImageCurrents.add(weights[i], a, from, first, n, scratch, input);
                }
              }
              settle(built.population(), input, n * plane, rates, first * plane);
            };
          });
    }
    return new SettledRates(rates, built.level().lambda(), sources.getFirst().settled().every());
  }

  private static void settle(Population p, float[][] input, int n, float[][] rates, int at) {
    for (int c = 0; c < rates.length; c++) {
      float theta = p.theta()[c];
      for (int i = 0; i < n; i++) {
        rates[c][at + i] = Math.clamp(input[c][i] / theta, 0f, 1f);
      }
    }
  }

  /** Of a max-pool gate that reads {@code from}, whose rates these are. */
  SettledRates largest(ConvertedPopulation from, Lowering.Draft gate, MapPool pool) {
    int count = from.settledImages();
    float[][] out = pool.take(rates.length, count * gate.shape().plane());
    for (int c = 0; c < out.length; c++) {
      GateSimulation.largest(rates[c], from.shape(), gate.shape(), gate.window(), count, out[c]);
    }
    return new SettledRates(out, lambda, every);
  }
}
