// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump.keras;

import io.snnsim.ann.op.Conv2d;
import io.snnsim.ann.op.Linear;
import io.snnsim.ann.op.Tensor;
import io.snnsim.dump.keras.Signal.Form;
import io.snnsim.dump.layers.Value;
import io.snnsim.geometry.Window;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Reads layers that sum with weights, their biases and activations. Stateless. */
final class Convolutions {
  private static final String BIAS = "bias";

  private Convolutions() {}

  /** Names of a layer's tensors, the bias last if it has one. */
  private static List<String> names(Layer layer, String... kernels) {
    List<String> names = new ArrayList<>(List.of(kernels));
    if (layer.flag("use_bias", true)) {
      names.add(BIAS);
    }
    return names;
  }

  private static void require(Layer layer, String what, Tensor t, int... shape) {
    if (!Arrays.equals(t.shape(), shape)) {
      throw layer.misfit(what, t.shape(), shape);
    }
  }

  private static Tensor bias(Layer layer, List<Tensor> stored, int at, int length) {
    if (stored.size() <= at) {
      return null;
    }
    require(layer, BIAS, stored.get(at), length);
    return stored.get(at);
  }

  /** The window that a kernel of this size slides as, but for its padding. */
  private static Window window(Layer layer, int[] kernel) {
    int[] s = layer.pair("strides", 1);
    int[] d = layer.pair("dilation_rate", 1);
    return new Window(kernel[0], kernel[1], s[0], s[1], 0, 0, d[0], d[1]);
  }

  /** What a window reads: with the zeros around it that the layer asks for. */
  private static Value padded(Reading to, Layer layer, Signal in, Window window) {
    return layer.same() ? Same.padded(to, in.value(), window) : in.value();
  }

  /** Adds a convolution over {@code padded}, and the layer's activation. */
  private static Signal sums(Reading to, Layer layer, Signal in, Conv2d op, Value padded) {
    return Activations.within(to, layer, in.with(to.graph().add(to.name(layer), op, padded)));
  }

  /** Two-dimensional convolution. */
  static Signal conv2d(Reading to, Layer layer, Signal in) {
    if (in.form() != Form.MAP) {
      return to.wrongForm(layer, in, "it on a map");
    }
    int groups = layer.integer("groups", 1);
    int channels = in.value().shape().channels();
    if (groups < 1 || channels % groups != 0) {
      throw layer.bad("groups", "a number that divides " + channels + " channels");
    }
    int[] k = layer.pair("kernel_size", 1);
    int out = filters(layer, "filters");
    List<Tensor> w =
        to.tensors(
            layer,
            names(layer, "kernel"),
            "",
            stored -> {
              require(layer, "kernel", stored.get(0), k[0], k[1], channels / groups, out);
              return Arrays.asList(Kernels.convolution(stored.get(0)), bias(layer, stored, 1, out));
            });
    Conv2d op = new Conv2d(w.get(0), w.get(1), window(layer, k), groups);
    return sums(to, layer, in, op, padded(to, layer, in, op.window()));
  }

  /** As many as a layer may have. */
  private static int filters(Layer layer, String option) {
    double n = layer.number(option, 0);
    if (!(n >= 1) || n != (int) n) {
      throw layer.bad(option, "a number >= 1");
    }
    return (int) n;
  }

  private static int product(Layer layer, int channels, int multiplier) {
    long product = (long) channels * multiplier;
    if (product < 1 || product > Integer.MAX_VALUE) {
      throw layer.bad("depth_multiplier", "a number >= 1 that suits " + channels + " channels");
    }
    return (int) product;
  }

  /** One-dimensional convolution, as one over maps of height 1. */
  static Signal conv1d(Reading to, Layer layer, Signal in) {
    if (in.form() != Form.SEQUENCE || to.channelsFirst()) {
      return to.wrongForm(layer, in, "it on a sequence, channels last");
    }
    int groups = layer.integer("groups", 1);
    int channels = in.value().shape().channels();
    if (groups < 1 || channels % groups != 0) {
      throw layer.bad("groups", "a number that divides " + channels + " channels");
    }
    int k = layer.single("kernel_size", 1);
    int out = filters(layer, "filters");
    List<Tensor> w =
        to.tensors(
            layer,
            names(layer, "kernel"),
            "",
            stored -> {
              require(layer, "kernel", stored.get(0), k, channels / groups, out);
              return Arrays.asList(Kernels.sequence(stored.get(0)), bias(layer, stored, 1, out));
            });
    int dilation = layer.single("dilation_rate", 1);
    Window window = new Window(1, k, 1, layer.single("strides", 1), 0, 0, 1, dilation);
    Value padded =
        layer.word("padding", "valid").equals("causal")
            ? Same.before(to, in.value(), (k - 1) * dilation)
            : padded(to, layer, in, window);
    return sums(to, layer, in, new Conv2d(w.get(0), w.get(1), window, groups), padded);
  }

  /** A convolution of each channel by itself. */
  static Signal depthwise(Reading to, Layer layer, Signal in) {
    if (in.form() != Form.MAP) {
      return to.wrongForm(layer, in, "it on a map");
    }
    int channels = in.value().shape().channels();
    int[] k = layer.pair("kernel_size", 1);
    int multiplier = layer.integer("depth_multiplier", 1);
    int out = product(layer, channels, multiplier);
    List<Tensor> w =
        to.tensors(
            layer,
            names(layer, "depthwise_kernel|kernel"),
            "",
            stored -> {
              require(layer, "kernel", stored.get(0), k[0], k[1], channels, multiplier);
              return Arrays.asList(Kernels.depthwise(stored.get(0)), bias(layer, stored, 1, out));
            });
    Conv2d op = new Conv2d(w.get(0), w.get(1), window(layer, k), channels);
    return sums(to, layer, in, op, padded(to, layer, in, op.window()));
  }

  /** A depthwise convolution and one of single pixels after it, with nothing between them. */
  static Signal separable(Reading to, Layer layer, Signal in) {
    if (in.form() != Form.MAP) {
      return to.wrongForm(layer, in, "it on a map");
    }
    int channels = in.value().shape().channels();
    int[] k = layer.pair("kernel_size", 1);
    int multiplier = layer.integer("depth_multiplier", 1);
    int between = product(layer, channels, multiplier);
    int out = filters(layer, "filters");
    List<Tensor> w =
        to.tensors(
            layer,
            names(layer, "depthwise_kernel", "pointwise_kernel"),
            "",
            stored -> {
              require(layer, "depthwise kernel", stored.get(0), k[0], k[1], channels, multiplier);
              require(layer, "pointwise kernel", stored.get(1), 1, 1, between, out);
              return Arrays.asList(
                  Kernels.depthwise(stored.get(0)),
                  Kernels.convolution(stored.get(1)),
                  bias(layer, stored, 2, out));
            });
    Window window = window(layer, k);
    Value padded = padded(to, layer, in, window);
    String name = to.name(layer);
    Value deep =
        to.graph().add(name + "_depthwise", new Conv2d(w.get(0), null, window, channels), padded);
    Conv2d point = new Conv2d(w.get(1), w.get(2), Window.square(1, 1, 0), 1);
    Signal sums = in.with(to.graph().add(name, point, deep));
    return Activations.within(to, layer, sums);
  }

  /** Fully connected; on maps and sequences one for each pixel, which is a convolution. */
  static Signal dense(Reading to, Layer layer, Signal in) {
    boolean flat = in.form() == Form.FLAT;
    if (in.form() == Form.GREY || (!flat && to.channelsFirst())) {
      return to.wrongForm(layer, in, "it on features; add Flatten before it");
    }
    int size = in.value().shape().channels();
    int units = filters(layer, "units");
    List<Tensor> w =
        to.tensors(
            layer,
            names(layer, "kernel"),
            flat && in.shuffled() ? in.parts() : "",
            stored -> {
              require(layer, "kernel", stored.get(0), size, units);
              int[] order = flat && in.shuffled() ? in.order() : null;
              return Arrays.asList(
                  Kernels.dense(stored.get(0), order), bias(layer, stored, 1, units));
            });
    String name = to.name(layer);
    Signal sums;
    if (flat) {
      sums = Signal.flat(to.graph().add(name, new Linear(w.get(0), w.get(1)), in.value()));
    } else {
      Tensor kernel = Tensor.of(w.get(0).data(), units, size, 1, 1);
      Conv2d op = new Conv2d(kernel, w.get(1), Window.square(1, 1, 0), 1);
      sums = in.with(to.graph().add(name, op, in.value()));
    }
    return Activations.within(to, layer, sums);
  }
}
