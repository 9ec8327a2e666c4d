// SPDX-License-Identifier: Apache-2.0
package io.snnsim.compare;

import io.snnsim.ann.AnnBatch;
import io.snnsim.ann.AnnForward;
import io.snnsim.ann.AnnGraph;
import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import io.snnsim.geometry.MapShape;
import io.snnsim.work.Execution;
import java.util.List;

/**
 * Brings a network into ONNX Runtime, in float32 and in 8 bits, and checks it. One thread.
 *
 * @param graph folded, as a model carries it
 * @param rewritten the same by {@link AsConvolutions}
 */
record Candidates(AnnGraph graph, AnnGraph rewritten) {
  /** Largest difference of an output from snnsim's ANN, as a share of the largest output. */
  private static final double TOLERANCE = 1e-3;

  /** Of a signed byte. */
  private static final int LARGEST_WEIGHT = 127;

  /**
   * Processors without 8-bit dot products add up two products at a time in 16 bits, which saturate:
   * 2 * 255 * 64 is the most that they hold.
   */
  private static final int LARGEST_UNSATURATED = 64;

  Candidates(AnnGraph graph) {
    this(graph, AsConvolutions.of(graph));
  }

  /**
   * How near ONNX Runtime in float32 comes to snnsim's ANN.
   *
   * @param same answers
   * @param difference the largest of an output
   */
  record Agreement(int images, int same, double difference) {}

  /**
   * The 8-bit network, and how it was chosen.
   *
   * @param largestWeight integers that weights are rounded to
   * @param error of its outputs: root mean square on calibration images
   * @param otherLargest the other choice
   * @param otherError of the other choice
   */
  record Int8(
      OnnxContender contender,
      int largestWeight,
      double error,
      int otherLargest,
      double otherError) {}

  OnnxContender float32() {
    return contender("ONNX Runtime float32", FloatNetwork.write(rewritten));
  }

  /**
   * Of the two ways to round weights, the one whose outputs are nearer to float32's.
   *
   * @param calibration images for the ranges of activations
   * @param judged images that the choice is made on, calibration images too
   */
  Int8 int8(TestImages calibration, TestImages judged, OnnxContender float32) {
    List<Range> ranges = Ranges.measure(rewritten, calibration.set(), calibration.normalisation());
    OnnxContender full = int8(ranges, LARGEST_WEIGHT);
    OnnxContender reduced = int8(ranges, LARGEST_UNSATURATED);
    double fullError = error(full, float32, judged);
    double reducedError = error(reduced, float32, judged);
    if (reducedError < fullError) {
      full.close();
      return new Int8(reduced, LARGEST_UNSATURATED, reducedError, LARGEST_WEIGHT, fullError);
    }
    reduced.close();
    return new Int8(full, LARGEST_WEIGHT, fullError, LARGEST_UNSATURATED, reducedError);
  }

  private OnnxContender int8(List<Range> ranges, int largestWeight) {
    return contender("ONNX Runtime int8", Int8Network.write(rewritten, ranges, largestWeight));
  }

  private OnnxContender contender(String name, byte[] model) {
    MapShape shape = graph.inputShape();
    return new OnnxContender(name, model, shape, graph.outputShape().size());
  }

  private static double error(OnnxContender of, OnnxContender from, TestImages images) {
    double sum = 0;
    int outputs = 0;
    for (int i = 0; i < images.count(); i++) {
      float[] image = images.image(i, true);
      float[] expected = from.run(image);
      float[] found = of.run(image);
      for (int c = 0; c < found.length; c++) {
        double wrong = (double) found[c] - expected[c];
        sum += wrong * wrong;
      }
      outputs += found.length;
    }
    return Math.sqrt(sum / outputs);
  }

  /**
   * Compares outputs with those of snnsim's own forward pass.
   *
   * @throws SnnsimException (bug) if the exported network is another one
   */
  Agreement agreement(OnnxContender float32, TestImages images) {
    int classes = graph.outputShape().size();
    int[] same = new int[1];
    double[] largest = new double[2];
    AnnBatch.run(
        new AnnForward(graph),
        images.set(),
        images.normalisation(),
        Execution.on(1),
        () ->
            (first, ws) -> {
              float[][] own = ws.activation(graph.nodes().size() - 1);
              for (int i = 0; i < ws.images(); i++) {
                float[] theirs = float32.run(images.image(first + i, true));
                float[] ours = new float[classes];
                for (int c = 0; c < classes; c++) {
                  ours[c] = own[c][i];
                  largest[0] = Math.max(largest[0], Math.abs((double) ours[c] - theirs[c]));
                  largest[1] = Math.max(largest[1], Math.abs(ours[c]));
                }
                same[0] += OnnxContender.largest(ours) == OnnxContender.largest(theirs) ? 1 : 0;
              }
            });
    if (!(largest[0] <= TOLERANCE * largest[1])) {
      throw new SnnsimException(
          Category.BUG,
          "the float32 network in ONNX Runtime differs from snnsim's ANN by "
              + largest[0]
              + " at an output, expected at most "
              + TOLERANCE * largest[1]
              + "; the export is wrong, please report it");
    }
    return new Agreement(images.count(), same[0], largest[0]);
  }
}
