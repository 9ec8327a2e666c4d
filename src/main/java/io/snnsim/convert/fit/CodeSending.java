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
 * Numbers of few-spike neurons: K steps of sums are the sum of the numbers that the sources sent
 * times the weights, and what is sent is that in thresholds, rounded down, within 0 to 2^K - 1.
 * Saturation never changes it, so none is simulated. In float32, exact up to 2^24.
 *
 * @param image its values
 * @param count images
 * @param most 2^K - 1
 */
record CodeSending(ConvertedPopulation image, int count, int most, Workers workers)
    implements Sending {
  @Override
  public Sent population(
      Lowering.Draft draft,
      List<ConvertedPopulation> sources,
      NetworkBuilder.Built built,
      float[][] integrated) {
    SentNumbers out = new SentNumbers(draft.shape(), count, workers.pool());
    int plane = draft.shape().plane();
    Population p = built.population();
    try (MapPool.Lease lease = workers.pool().lease()) {
      workers.run(
          Batches.count(count),
          () -> {
            Sums sums = new Sums(draft, sources, built, image, lease);
            return b -> {
              int first = b * Batches.SIZE;
              int n = Batches.size(b, count);
              sums.compute(first, n);
              for (int c = 0; c < sums.input.length; c++) {
                send(p, c, sums.input[c], n * plane, out.of(c), first * plane);
                if (integrated != null) {
                  integrate(p, c, sums.input[c], n * plane, integrated[c], first * plane);
                }
              }
            };
          });
    }
    return out;
  }

  private void send(Population p, int c, float[] input, int n, short[] out, int at) {
    int v0 = p.v0()[c];
    // What is sent stays below this, so a product replaces the division: with half a unit added it
    // is at least 1 / (2 theta) from a whole number, far more than doubles lose.
    int top = (most + 1) * p.theta()[c] - 1;
    double each = 1.0 / p.theta()[c];
    for (int i = 0; i < n; i++) {
      int v = Math.max(0, Math.min(top, (int) input[i] + v0));
      out[at + i] = (short) (int) ((v + 0.5) * each);
    }
  }

  private static void integrate(Population p, int c, float[] input, int n, float[] out, int at) {
    for (int i = 0; i < n; i++) {
      out[at + i] = (float) ((double) input[i] / p.theta()[c]);
    }
  }

  /** The largest number in a window is that of the largest activation that sources could send. */
  @Override
  public Sent gate(Lowering.Draft draft, ConvertedPopulation source) {
    SentNumbers out = new SentNumbers(draft.shape(), count, workers.pool());
    workers.run(
        draft.shape().channels(),
        () -> {
          float[] from = new float[count * source.plane()];
          float[] to = new float[count * draft.shape().plane()];
          return c -> {
            source.sent().counts(c, 0, from.length, 1, from, 0);
            GateSimulation.largest(from, source.shape(), draft.shape(), draft.window(), count, to);
            for (int i = 0; i < to.length; i++) {
              out.of(c)[i] = (short) to[i];
            }
          };
        });
    return out;
  }

  /**
   * Input of a population but for V(0), in grid units. Keeps scratch memory; confined to one
   * thread.
   */
  private static final class Sums {
    private final NetworkBuilder.Built built;
    private final List<ConvertedPopulation> sources;
    private final ConvertedPopulation image;
    private final TermSum sum;
    private final TermSum.Weights[] weights;
    private final float[][] input;
    private final float[][] current;
    private final float[][][] numbers;
    private final int plane;

    Sums(
        Lowering.Draft draft,
        List<ConvertedPopulation> sources,
        NetworkBuilder.Built built,
        ConvertedPopulation image,
        MapPool.Lease lease) {
      sum = lease.sum();
      this.built = built;
      this.sources = sources;
      this.image = image;
      weights = built.rounded();
      plane = draft.shape().plane();
      input = lease.take(draft.shape().channels(), Batches.SIZE * plane);
      boolean driven = built.analog().stream().anyMatch(a -> a != null);
      current = driven ? lease.take(input.length, Batches.SIZE * plane) : null;
      numbers = new float[sources.size()][][];
      for (int i = 0; i < numbers.length; i++) {
        ConvertedPopulation s = sources.get(i);
        numbers[i] =
            s.sent() == null ? null : lease.take(s.shape().channels(), Batches.SIZE * s.plane());
      }
    }

    void compute(int first, int n) {
      for (int c = 0; c < input.length; c++) {
        Arrays.fill(input[c], built.population().bias()[c]);
      }
      for (int i = 0; i < numbers.length; i++) {
        InputStage.AnalogProjection a = built.analog().get(i);
        if (a == null) {
          ConvertedPopulation s = sources.get(i);
          for (int c = 0; c < numbers[i].length; c++) {
            s.sent().counts(c, first * s.plane(), n * s.plane(), 1, numbers[i][c], 0);
          }
          sum.add(weights[i], numbers[i], 0, n, input, 0);
        } else {
          ImageCurrents.add(weights[i], a, image.activation(), first, n, current, input);
        }
      }
    }
  }
}
