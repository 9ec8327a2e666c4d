// SPDX-License-Identifier: Apache-2.0
package io.snnsim.compare;

import io.snnsim.ann.AnnBatch;
import io.snnsim.ann.AnnForward;
import io.snnsim.ann.AnnGraph;
import io.snnsim.ann.Images;
import io.snnsim.ann.Normalisation;
import io.snnsim.work.Execution;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Measures, on calibration images, the range of bytes for every tensor of a network: of all ranges
 * that are the observed one shrunk by a factor, that of the least square error. Stateless.
 */
final class Ranges {
  private static final int BINS = 2048;
  private static final double SMALLEST_FACTOR = 0.2;
  private static final double FACTOR_STEP = 0.01;

  private Ranges() {}

  /** One a node. */
  static List<Range> measure(AnnGraph graph, Images images, Normalisation normalisation) {
    int nodes = graph.nodes().size();
    float[] low = new float[nodes];
    float[] high = new float[nodes];
    eachRow(graph, images, normalisation, (node, row, size) -> extend(low, high, node, row, size));
    long[][] histograms = new long[nodes][BINS];
    eachRow(
        graph,
        images,
        normalisation,
        (node, row, size) -> {
          if (high[node] > low[node]) {
            double bins = BINS / ((double) high[node] - low[node]);
            long[] histogram = histograms[node];
            for (int k = 0; k < size; k++) {
              histogram[Math.min(BINS - 1, (int) ((row[k] - low[node]) * bins))]++;
            }
          }
        });
    List<Range> ranges = new ArrayList<>();
    for (int i = 0; i < nodes; i++) {
      ranges.add(best(low[i], high[i], histograms[i]));
    }
    return ranges;
  }

  /** Told of a node's values, one channel of a batch at a time. */
  @FunctionalInterface
  private interface Rows {
    void seen(int node, float[] row, int size);
  }

  private static void eachRow(
      AnnGraph graph, Images images, Normalisation normalisation, Rows rows) {
    AnnBatch.run(
        new AnnForward(graph),
        images,
        normalisation,
        Execution.on(1),
        () ->
            (first, ws) -> {
              for (int i = 0; i < graph.nodes().size(); i++) {
                int size = ws.images() * graph.shape(i).plane();
                for (float[] row : ws.activation(i)) {
                  rows.seen(i, row, size);
                }
              }
            });
  }

  /** From 0 on, which a range must hold. */
  private static void extend(float[] low, float[] high, int node, float[] row, int size) {
    for (int k = 0; k < size; k++) {
      low[node] = Math.min(low[node], row[k]);
      high[node] = Math.max(high[node], row[k]);
    }
  }

  private static Range best(double low, double high, long[] histogram) {
    Range best = Range.of(low, high);
    double least = Double.POSITIVE_INFINITY;
    double width = (high - low) / BINS;
    int[] filled = IntStream.range(0, BINS).filter(b -> histogram[b] > 0).toArray();
    for (double factor = 1; factor > SMALLEST_FACTOR; factor -= FACTOR_STEP) {
      Range range = Range.of(low * factor, high * factor);
      double error =
          Arrays.stream(filled)
              .mapToDouble(
                  b -> {
                    double x = low + (b + 0.5) * width;
                    double wrong = x - range.rounded(x);
                    return histogram[b] * wrong * wrong;
                  })
              .sum();
      if (error < least) {
        least = error;
        best = range;
      }
    }
    return best;
  }
}
