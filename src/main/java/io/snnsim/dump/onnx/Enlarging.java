// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump.onnx;

import io.snnsim.ann.op.OpRules;
import io.snnsim.ann.op.Upsample;
import io.snnsim.dump.file.Text;
import io.snnsim.dump.layers.Zeros;
import java.util.Arrays;
import java.util.List;

/** A node that makes maps larger, by the nearest value and a whole number of times. Immutable. */
record Enlarging(Scope scope, OnnxNode node, Activation in) {
  /** Where in the map before an output's place is, and which whole place is taken for it. */
  private record Places(String coordinates, String rounding, int size, int outputs) {
    /** The one that output {@code o} takes. */
    int of(int o) {
      double factor = (double) outputs / size;
      double at =
          switch (coordinates) {
            case "half_pixel", "half_pixel_symmetric" -> (o + 0.5) / factor - 0.5;
            case "pytorch_half_pixel" -> outputs > 1 ? (o + 0.5) / factor - 0.5 : 0;
            case "tf_half_pixel_for_nn" -> (o + 0.5) / factor;
            case "align_corners" -> outputs > 1 ? o * (size - 1.0) / (outputs - 1.0) : 0;
            case "asymmetric" -> o / factor;
            default ->
                throw NoLayer.ever(
                    "found coordinate_transformation_mode "
                        + Text.oneLine(coordinates)
                        + ", expected asymmetric or half_pixel",
                    "export with one of these");
          };
      double whole =
          switch (rounding) {
            case "round_prefer_floor" -> Math.ceil(at - 0.5);
            case "round_prefer_ceil" -> Math.floor(at + 0.5);
            case "floor" -> Math.floor(at);
            case "ceil" -> Math.ceil(at);
            default ->
                throw NoLayer.ever(
                    "found nearest_mode " + Text.oneLine(rounding) + ", expected floor",
                    "export with nearest_mode = floor");
          };
      return Math.clamp((long) whole, 0, size - 1);
    }
  }

  /** A Resize; before opset 11 what an Upsample is. */
  Known resize() {
    return scope.opset() < 11
        ? enlarged(node.has(1) ? factors(1) : null, "asymmetric", "floor")
        : enlarged(
            node.has(3) ? sizes() : factors(2),
            node.text("coordinate_transformation_mode", "half_pixel"),
            node.text("nearest_mode", "round_prefer_floor"));
  }

  /** An Upsample, whose factors are an attribute before opset 9. */
  Known upsample() {
    float[] given = node.numbers("scales");
    double[] factors = node.has(1) ? factors(1) : null;
    if (factors == null && given != null) {
      factors = new double[given.length];
      for (int i = 0; i < given.length; i++) {
        factors[i] = given[i];
      }
    }
    return enlarged(factors, "asymmetric", "floor");
  }

  private double[] factors(int i) {
    if (!node.has(i)) {
      return null;
    }
    Constant c = scope.constant(node, i, "factors");
    double[] factors = new double[c.size()];
    for (int k = 0; k < factors.length; k++) {
      factors[k] = c.at(k);
    }
    return ofAll(factors);
  }

  /** Sizes after it as factors. */
  private double[] sizes() {
    if (!node.text("keep_aspect_ratio_policy", "stretch").equals("stretch")) {
      throw NoLayer.ever(
          "found sizes that keep the aspect ratio, expected sizes as they are", "give factors");
    }
    long[] sizes = scope.constant(node, 3, "sizes").list("sizes");
    long[] axes = node.integers("axes");
    double[] factors = new double[sizes.length];
    for (int k = 0; k < sizes.length; k++) {
      int d = axes == null || k >= axes.length ? k : Axes.of(axes[k], in.rank());
      long before = d == 0 ? scope.batch() : d < in.rank() ? in.dims()[d - 1] : 1;
      factors[k] = (double) sizes[k] / before;
    }
    return ofAll(factors);
  }

  /** Factors of every dimension, 1 of those that no axis names. */
  private double[] ofAll(double[] factors) {
    long[] axes = node.integers("axes");
    if (axes == null) {
      return factors;
    }
    double[] all = new double[in.rank()];
    Arrays.fill(all, 1);
    if (axes.length != factors.length) {
      throw new NoLayer(
          "found " + axes.length + " axes and " + factors.length + " factors, expected as many",
          "");
    }
    for (int k = 0; k < axes.length; k++) {
      all[Axes.of(axes[k], in.rank())] = factors[k];
    }
    return all;
  }

  private Known enlarged(double[] factors, String coordinates, String rounding) {
    String mode = node.text("mode", "nearest");
    if (!mode.equals("nearest")) {
      throw NoLayer.ever(
          "found mode " + Text.oneLine(mode) + ", expected nearest",
          "train the network with upsampling by the nearest value");
    }
    if (factors == null || factors.length != in.rank()) {
      throw new NoLayer(
          "found "
              + (factors == null ? "no factors" : factors.length + " factors")
              + " for "
              + in.rank()
              + " dimensions, expected one for each",
          "");
    }
    if (!in.value().zeros().equals(Zeros.NONE)) {
      throw new NoLayer("found zero padding before it, expected none", "leave it out");
    }
    int[] times = {1, 1, 1};
    for (int d = 0; d < factors.length; d++) {
      int factor = whole(factors[d]);
      if (factor > 1) {
        times[dimension(d, factors[d])] = factor;
      }
    }
    Upsample op = new Upsample(times[Activation.ROWS], times[Activation.COLUMNS]);
    if (op.factorH() == 1 && op.factorW() == 1) {
      return in;
    }
    requireNearest(in.size(Activation.ROWS), op.factorH(), coordinates, rounding);
    requireNearest(in.size(Activation.COLUMNS), op.factorW(), coordinates, rounding);
    Activation larger = scope.add(node, op, in);
    // Sizes of 1 may have grown, and then have an axis.
    return in.isUsual() ? Activation.usual(larger.value(), in.rank()) : larger;
  }

  private static int whole(double factor) {
    int n = (int) factor;
    if (n != factor || n < 1 || n > 1 << 12) {
      throw NoLayer.ever(
          "found a map made " + factor + " times as large, expected a whole number 1.." + (1 << 12),
          "use a whole factor, or a pool to make it smaller, and retrain");
    }
    return n;
  }

  /** The map's dimension that one of the graph's is. */
  private int dimension(int d, double factor) {
    int dimension = 0;
    if (d > 0) {
      List<Integer> of = in.axes().get(d - 1);
      boolean named = of.size() == 1 || (of.isEmpty() && in.isUsual());
      dimension = !named ? 0 : of.size() == 1 ? of.getFirst() : Activation.USUAL[in.rank()][d - 1];
    }
    if (dimension == Activation.CHANNELS) {
      throw new NoLayer(
          "found dimension "
              + d
              + " of "
              + in.shape()
              + " made "
              + factor
              + " times as large, expected rows and columns only",
          "");
    }
    return dimension;
  }

  private static void requireNearest(int size, int factor, String coordinates, String rounding) {
    if (factor > 1 && (long) size * factor <= OpRules.MOST_VALUES) {
      Places places = new Places(coordinates, rounding, size, size * factor);
      for (int o = 0; o < size * factor; o++) {
        if (places.of(o) != o / factor) {
          throw NoLayer.ever(
              "found that output "
                  + o
                  + " takes value "
                  + places.of(o)
                  + " ("
                  + coordinates
                  + ", "
                  + rounding
                  + "), expected value "
                  + o / factor
                  + ", each "
                  + factor
                  + " times",
              "export with coordinate_transformation_mode = asymmetric and nearest_mode = floor");
        }
      }
    }
  }
}
