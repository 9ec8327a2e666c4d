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
import io.snnsim.geometry.MapShape;
import io.snnsim.geometry.Window;

/** One node of a NIR graph and its parameters. Used once, by one thread. */
record NirNode(LayerGraph layers, NirFields fields, String name) {
  /** What to do with a network whose neurons have no rates. */
  static final String AS_IT_IS = "run it as it is with 'snnsim simulate'";

  /** Adds what the node stands for; what cannot be imported is an obstacle. */
  Value add(String type, Value x) {
    return switch (type) {
      case "Linear", "Affine" -> linear(x, type.equals("Affine"));
      case "Conv2d" -> convolution(x, false);
      case "Conv1d" -> convolution(x, true);
      case "AvgPool2d" -> pool(x, false);
      case "SumPool2d" -> pool(x, true);
      case "Flatten" -> layers.add(name, new Flatten(), x);
      case "Scale" -> perChannel(type, fields.tensor("scale").data(), x);
      case "IF" -> integrator(x);
      case "LIF", "CubaLIF", "LI", "CubaLI", "I" ->
          layers.obstacle(
              title(type),
              type.equals("I")
                  ? "found an integrator that never spikes, expected IF"
                  : "found a neuron that leaks, expected IF: its rate is not that of a ReLU",
              AS_IT_IS + ", or replace it by IF and tune the network again",
              x);
      case "Delay", "Threshold" ->
          layers.obstacle(title(type), "found a kind of node that has no rate", AS_IT_IS, x);
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
    Tensor w = fields.weight(2, "[out, in]");
    return layers.add(name, new Linear(w, affine ? bias(w.shape()[0]) : null), x);
  }

  private Value convolution(Value x, boolean signal) {
    Tensor w =
        fields.weight(signal ? 3 : 4, signal ? "[out, in, length]" : "[out, in, height, width]");
    if (signal) {
      w = Conv2d.plane(w);
    }
    int[] k = w.shape();
    Window window = fields.window(k[2], k[3], signal);
    return layers.add(name, new Conv2d(w, bias(k[0]), window, fields.groups()), x);
  }

  private Value pool(Value x, boolean sum) {
    Window window = fields.pool();
    Value mean = layers.add(sum ? name + ".mean" : name, new AvgPool(window), x);
    return sum ? layers.affine(name, new float[] {window.taps()}, null, mean) : mean;
  }

  /** Rate 1 is a spike in each step: more does not come through. */
  private Value integrator(Value x) {
    float[] r = fields.has("r") ? fields.tensor("r").data() : new float[] {1};
    float[] threshold = fields.tensor("v_threshold").data();
    if (fields.has("v_reset")) {
      for (float v : fields.tensor("v_reset").data()) {
        if (v != 0) {
          return layers.obstacle(
              title("IF"),
              "found a reset to " + v + ", expected to 0 or by subtraction",
              AS_IT_IS + ", or shift v_threshold and the bias before it by as much",
              x);
        }
      }
    }
    int n = Math.max(r.length, threshold.length);
    if (r.length != n && r.length != 1 || threshold.length != n && threshold.length != 1) {
      throw fields.bad(
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
        throw fields.bad("v_threshold", "found " + t + ", expected thresholds above 0");
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
    float[] b = fields.bias(channels);
    return b == null ? null : Tensor.of(b, b.length);
  }
}
