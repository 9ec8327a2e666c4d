// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump.nir;

import io.snnsim.ann.op.AvgPool;
import io.snnsim.ann.op.Conv2d;
import io.snnsim.ann.op.Flatten;
import io.snnsim.ann.op.Linear;
import io.snnsim.ann.op.Relu;
import io.snnsim.ann.op.Tensor;
import io.snnsim.dump.file.Text;
import io.snnsim.dump.layers.LayerGraph;
import io.snnsim.dump.layers.Value;
import io.snnsim.error.SnnsimException;
import io.snnsim.geometry.MapShape;
import io.snnsim.geometry.Window;
import java.util.Arrays;
import java.util.List;

/** One node of a NIR graph and its parameters. Used once, by one thread. */
record NirNode(LayerGraph layers, NirValues values, String file, String at, String name) {
  private static final int MOST = 1 << 12;

  /** Adds what the node stands for; what cannot be imported is an obstacle. */
  Value add(String type, Value x) {
    return switch (type) {
      case "Linear", "Affine" -> linear(x, type.equals("Affine"));
      case "Conv2d" -> convolution(x, false);
      case "Conv1d" -> convolution(x, true);
      case "AvgPool2d" -> pool(x, false);
      case "SumPool2d" -> pool(x, true);
      case "Flatten" -> layers.add(name, new Flatten(), x);
      case "Scale" -> perChannel(type, tensor("scale").data(), x);
      case "IF" -> integrator(x);
      case "LIF", "CubaLIF", "LI", "CubaLI", "I" ->
          layers.obstacle(
              title(type),
              type.equals("I")
                  ? "found an integrator that never spikes, expected IF"
                  : "found a neuron that leaks, expected IF: its rate is not that of a ReLU",
              "replace it by IF and tune the network again",
              x);
      default ->
          layers.obstacle(
              title(type),
              "found a kind of node that is not converted, expected Linear, Affine, Conv1d, Conv2d,"
                  + " AvgPool2d, SumPool2d, Flatten, Scale, IF or NIRGraph",
              "",
              x);
    };
  }

  private String title(String type) {
    return name + " (" + Text.oneLine(type) + ")";
  }

  private Value linear(Value x, boolean affine) {
    Tensor w = tensor("weight");
    if (w.rank() != 2) {
      throw bad("weight", "found shape " + Arrays.toString(w.shape()) + ", expected [out, in]");
    }
    return layers.add(name, new Linear(w, affine ? bias(w.shape()[0]) : null), x);
  }

  private Value convolution(Value x, boolean signal) {
    Tensor w = tensor("weight");
    if (w.rank() != (signal ? 3 : 4)) {
      throw bad(
          "weight",
          "found shape "
              + Arrays.toString(w.shape())
              + (signal ? ", expected [out, in, length]" : ", expected [out, in, height, width]"));
    }
    if (signal) {
      w = Conv2d.plane(w);
    }
    int[] k = w.shape();
    int[] stride = pair("stride", signal, 1);
    int[] dilation = pair("dilation", signal, 1);
    if (signal) {
      stride[0] = 1;
      dilation[0] = 1;
    }
    Window window = window(new int[] {k[2], k[3]}, stride, dilation, signal);
    int groups = has("groups") ? pair("groups", false, 1)[1] : 1;
    return layers.add(name, new Conv2d(w, bias(k[0]), window, groups), x);
  }

  /** The window with the padding that is stated, or that keeps the map's size. */
  private Window window(int[] kernel, int[] stride, int[] dilation, boolean signal) {
    String path = at + "padding";
    if (!has("padding") || !values.isText(path)) {
      int[] p = pair("padding", signal, 0);
      int rows = signal ? 0 : p[0];
      return new Window(
          kernel[0], kernel[1], stride[0], stride[1], rows, p[1], dilation[0], dilation[1]);
    }
    String[] word = values.texts(path);
    if (word.length != 1 || !List.of("same", "valid").contains(word[0])) {
      throw bad("padding", "found text, expected integers, same or valid");
    }
    boolean same = word[0].equals("same");
    int rows = same ? dilation[0] * (kernel[0] - 1) : 0;
    int columns = same ? dilation[1] * (kernel[1] - 1) : 0;
    return new Window(
        kernel[0],
        kernel[1],
        stride[0],
        stride[1],
        rows / 2,
        columns / 2,
        dilation[0],
        dilation[1],
        rows - rows / 2,
        columns - columns / 2);
  }

  private Value pool(Value x, boolean sum) {
    int[] k = pair("kernel_size", false, 0);
    int[] s = has("stride") ? pair("stride", false, 1) : k;
    int[] p = pair("padding", false, 0);
    if (k[0] < 1 || k[1] < 1) {
      throw bad("kernel_size", "found no size, expected one or two integers");
    }
    Window window = new Window(k[0], k[1], s[0], s[1], p[0], p[1], 1, 1);
    Value mean = layers.add(sum ? name + ".mean" : name, new AvgPool(window), x);
    return sum ? layers.affine(name, new float[] {window.taps()}, null, mean) : mean;
  }

  /** Rate 1 is a spike in each step: more does not come through. */
  private Value integrator(Value x) {
    float[] r = has("r") ? tensor("r").data() : new float[] {1};
    float[] threshold = tensor("v_threshold").data();
    if (has("v_reset")) {
      for (float v : tensor("v_reset").data()) {
        if (v != 0) {
          return layers.obstacle(
              title("IF"),
              "found a reset to " + v + ", expected to 0 or by subtraction",
              "shift v_threshold and the bias before it by as much",
              x);
        }
      }
    }
    int n = Math.max(r.length, threshold.length);
    if (r.length != n && r.length != 1 || threshold.length != n && threshold.length != 1) {
      throw bad(
          "r",
          "found "
              + r.length
              + " values, and "
              + threshold.length
              + " of v_threshold, expected as"
              + " many");
    }
    float[] factor = new float[n];
    boolean one = true;
    for (int i = 0; i < n; i++) {
      float t = threshold[threshold.length == 1 ? 0 : i];
      factor[i] = r[r.length == 1 ? 0 : i] / t;
      if (!(t > 0) || !Float.isFinite(factor[i])) {
        throw bad("v_threshold", "found " + t + ", expected thresholds above 0");
      }
      one &= factor[i] == 1;
    }
    Value scaled = one ? x : perChannel("IF", factor, x);
    return layers.add(name, new Relu(1), scaled);
  }

  /** Multiplies; a channel's neurons must be alike, since they share a threshold. */
  private Value perChannel(String type, float[] factor, Value x) {
    MapShape s = x.shape();
    float[] channel = factor;
    if (factor.length == s.size() && s.plane() > 1) {
      channel = new float[s.channels()];
      for (int i = 0; i < factor.length; i++) {
        int c = i / s.plane();
        channel[c] = i % s.plane() == 0 ? factor[i] : channel[c];
        if (factor[i] != channel[c]) {
          return layers.obstacle(
              title(type),
              "found other values within channel " + c + ", expected one for all of a channel",
              "",
              x);
        }
      }
    }
    if (channel.length != 1 && channel.length != s.channels()) {
      return layers.misfit(
          title(type),
          "found " + factor.length + " values for a map of " + s + ", expected one a channel",
          "",
          x);
    }
    return layers.affine(type.equals("IF") ? name + ".scale" : name, channel, null, x);
  }

  private Tensor bias(int channels) {
    if (!has("bias")) {
      return null;
    }
    Tensor b = tensor("bias");
    if (b.size() == 1 && channels > 1) {
      float[] all = new float[channels];
      Arrays.fill(all, b.data()[0]);
      return Tensor.of(all, channels);
    }
    return Tensor.of(b.data(), b.size());
  }

  private boolean has(String field) {
    return values.paths().contains(at + field);
  }

  private Tensor tensor(String field) {
    if (!has(field)) {
      throw bad(field, "found nothing, expected numbers");
    }
    return values.read(at + field);
  }

  /** One or two integers as (height, width). */
  private int[] pair(String field, boolean last, int fallback) {
    if (!has(field)) {
      return new int[] {fallback, fallback};
    }
    long[] v = values.integers(at + field);
    boolean ok = v.length == 1 || v.length == 2 && !last;
    for (long n : v) {
      ok &= n >= 0 && n <= MOST;
    }
    if (!ok) {
      throw bad(
          field,
          "found "
              + Arrays.toString(Arrays.copyOf(v, Math.min(v.length, 8)))
              + ", expected one or two integers of 0.."
              + MOST);
    }
    return new int[] {(int) v[0], (int) v[v.length - 1]};
  }

  private SnnsimException bad(String field, String what) {
    return SnnsimException.badData(file + "[" + Text.oneLine(at + field) + "]: " + what);
  }
}
