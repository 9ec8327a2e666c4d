// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump.keras;

import io.snnsim.ann.op.BatchNorm;
import io.snnsim.ann.op.Tensor;
import io.snnsim.dump.keras.Signal.Form;
import io.snnsim.json.JsonValue;
import java.util.ArrayList;
import java.util.List;

/** Reads layers that multiply channels by constants and add some. Stateless. */
final class Scaling {
  /** Features or channels that constants are kept for; a small file may name any number of them. */
  private static final int MOST_CHANNELS = 1 << 20;

  /** What Normalization divides by at least. */
  private static final double LEAST_DEVIATION = 1e-7;

  private Scaling() {}

  /** Batch norm as it is in inference. */
  static Signal batchNorm(Reading to, Layer layer, Signal in) {
    JsonValue given = layer.config().get("axis");
    List<JsonValue> axes = given instanceof JsonValue.Arr(var items) ? items : List.of(given);
    int axis = layer.has("axis") && axes.size() == 1 ? axes.getFirst().asInt(0) : -1;
    if (!to.isChannels(axis, in.form())) {
      return to.misfit(
          layer,
          "found batch norm along axis " + Texts.of(given) + ", expected that of channels",
          "train it with axis=-1",
          in);
    }
    List<String> names = new ArrayList<>();
    boolean scale = layer.flag("scale", true);
    boolean center = layer.flag("center", true);
    if (scale) {
      names.add("gamma");
    }
    if (center) {
      names.add("beta");
    }
    names.addAll(List.of("moving_mean", "moving_variance"));
    List<Tensor> w =
        to.tensors(
            layer, names, in.shuffled() ? in.parts() : "", stored -> features(layer, in, stored));
    BatchNorm op =
        new BatchNorm(
            scale ? w.getFirst() : null,
            center ? w.get(scale ? 1 : 0) : null,
            w.get(w.size() - 2),
            w.getLast(),
            (float) layer.number("epsilon", 1e-3));
    return to.add(layer, op, in);
  }

  private static List<Tensor> features(Layer layer, Signal in, List<Tensor> stored) {
    int n = in.value().shape().channels();
    int[] order = null;
    List<Tensor> result = new ArrayList<>();
    for (Tensor t : stored) {
      if (t.rank() != 1 || t.size() != n) {
        throw layer.misfit("a tensor", t.shape(), n);
      }
      if (order == null && in.shuffled()) {
        order = in.order();
      }
      result.add(Tensor.of(Kernels.features(t.data(), order), n));
    }
    return result;
  }

  /** A factor and an addend, of all values or of each channel. */
  static Signal rescaling(Reading to, Layer layer, Signal in) {
    float[] scale = layer.numbers("scale");
    float[] offset = layer.has("offset") ? layer.numbers("offset") : new float[1];
    return affine(to, layer, in, scale, offset);
  }

  /** Less the mean, divided by the deviation, of the file or of its configuration. */
  static Signal normalization(Reading to, Layer layer, Signal in) {
    if (layer.flag("invert", false)) {
      return to.obstacle(layer, "found invert, expected it false", "leave it out", in);
    }
    float[] mean;
    float[] variance;
    if (layer.has("mean")) {
      mean = layer.numbers("mean");
      variance = layer.numbers("variance");
    } else {
      // Between them lies, in Keras 2, how many values were seen; in all after them.
      List<Tensor> w = to.tensors(layer, List.of("mean", "variance"), "", stored -> stored);
      mean = w.get(0).data();
      variance = w.get(1).data();
    }
    if (mean.length != variance.length || mean.length == 0) {
      throw layer.bad("found " + mean.length + " means and " + variance.length + " variances");
    }
    float[] factor = new float[mean.length];
    float[] addend = new float[mean.length];
    for (int c = 0; c < mean.length; c++) {
      double f = 1 / Math.max(Math.sqrt(Math.max(0, variance[c])), LEAST_DEVIATION);
      factor[c] = (float) f;
      addend[c] = (float) (-mean[c] * f);
    }
    JsonValue given = layer.config().get("axis");
    List<JsonValue> axes = given instanceof JsonValue.Arr(var items) ? items : List.of(given);
    boolean channels =
        axes.size() == 1
            && to.isChannels(layer.has("axis") ? axes.getFirst().asInt(0) : 0, in.form());
    if (mean.length > 1 && !channels) {
      return to.misfit(
          layer,
          "found a mean for each place along axis " + Texts.of(given) + ", expected one a channel",
          "use axis=-1 on images with channels",
          in);
    }
    return affine(to, layer, in, factor, addend);
  }

  /** Each channel times a factor and an addend more, given one of all or one of each. */
  static Signal affine(Reading to, Layer layer, Signal in, float[] factor, float[] addend) {
    int n = in.value().shape().channels();
    if (n > MOST_CHANNELS) {
      throw layer.bad("found it on " + n + " channels, expected at most " + MOST_CHANNELS);
    }
    for (float[] each : new float[][] {factor, addend}) {
      boolean fits = each.length == 1 || (each.length == n && isLast(to, in));
      if (!fits) {
        return to.misfit(
            layer,
            "found " + each.length + " constants, expected one, or one for each of the channels",
            "put it before channels are moved",
            in);
      }
    }
    if (in.shuffled() && (factor.length > 1 || addend.length > 1)) {
      int[] order = in.order();
      float[] f = factor.length == 1 ? factor : Kernels.features(factor, order);
      float[] a = addend.length == 1 ? addend : Kernels.features(addend, order);
      return in.with(to.graph().affine(to.name(layer), f, a, in.value()));
    }
    return in.with(to.graph().affine(to.name(layer), factor, addend, in.value()));
  }

  /** True if a list of constants is one a channel. */
  private static boolean isLast(Reading to, Signal in) {
    return in.form() != Form.GREY && !(in.form() == Form.MAP && to.channelsFirst());
  }
}
