// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump.nir;

import io.snnsim.ann.op.Tensor;
import io.snnsim.dump.file.Text;
import io.snnsim.dynamics.Dims;
import io.snnsim.dynamics.Operation;
import io.snnsim.dynamics.Parameter;
import io.snnsim.geometry.Window;

/**
 * One node of a NIR graph as what it computes. Fields of its metadata that this program writes are
 * heeded: where V begins and between which values it stays, and what is rounded. Used once, by one
 * thread.
 */
record NirOperation(NirFields fields) {
  private static final String METADATA = "metadata/";

  /** What a node of a kind computes. */
  Operation of(String type) {
    return switch (type) {
      case "Input", "Output" -> new Operation.Relay(type);
      case "Linear", "Affine" -> product(type.equals("Affine"));
      case "Conv2d" -> convolution(false);
      case "Conv1d" -> convolution(true);
      case "SumPool2d", "AvgPool2d" ->
          new Operation.Pool(usable(fields.pool()), type.equals("AvgPool2d"));
      case "Flatten" -> new Operation.Flat();
      case "Scale" -> new Operation.Scale(parameter("scale"));
      case "Threshold" -> new Operation.Threshold(parameter("threshold"));
      case "Delay" -> new Operation.Delay(least("delay", 0, false));
      case "I", "IF", "LI", "LIF", "CubaLI", "CubaLIF" -> neuron(type);
      default ->
          throw fields.bad(
              "type",
              "found the kind of node '"
                  + Text.oneLine(type, 40)
                  + "', expected Linear, Affine, Conv1d, Conv2d, SumPool2d, AvgPool2d, Flatten,"
                  + " Scale, Threshold, Delay, I, IF, LI, LIF, CubaLI, CubaLIF or NIRGraph");
    };
  }

  private Operation product(boolean affine) {
    Tensor w = fields.weight(2, "[out, in]");
    if (affine && !fields.has("bias")) {
      throw fields.bad("bias", "found nothing, expected numbers");
    }
    int[] s = w.shape();
    return new Operation.Product(w.data(), s[1], affine ? fields.bias(s[0]) : null, rounding());
  }

  private Operation convolution(boolean signal) {
    Tensor w =
        fields.weight(signal ? 3 : 4, signal ? "[out, in, length]" : "[out, in, height, width]");
    int[] s = w.shape();
    int height = signal ? 1 : s[2];
    Window window = usable(fields.window(height, s[s.length - 1], signal));
    int groups = fields.groups();
    if (groups < 1) {
      throw fields.bad("groups", "found 0, expected 1 or more");
    }
    return new Operation.Convolution(
        signal, w.data(), fields.bias(s[0]), window, groups, rounding());
  }

  private Window usable(Window w) {
    if (Math.min(w.strideH(), w.strideW()) < 1 || Math.min(w.dilationH(), w.dilationW()) < 1) {
      throw fields.bad("stride", "found the window " + w.text() + ", expected steps of 1 or more");
    }
    return w;
  }

  private Operation.Rounding rounding() {
    String field = METADATA + "rounded";
    if (!fields.has(field) || fields.numbers(field).data()[0] == 0) {
      return null;
    }
    return new Operation.Rounding(
        bound("low", Float.NEGATIVE_INFINITY), bound("high", Float.POSITIVE_INFINITY));
  }

  private float bound(String name, float otherwise) {
    return fields.has(METADATA + name) ? fields.numbers(METADATA + name).data()[0] : otherwise;
  }

  private Operation neuron(String type) {
    boolean current = type.startsWith("Cuba");
    boolean leaky = type.contains("L");
    Operation.Leak leak =
        leaky
            ? new Operation.Leak(least(current ? "tau_mem" : "tau", 0, true), parameter("v_leak"))
            : null;
    Operation.Synapse synapse =
        current
            ? new Operation.Synapse(
                least("tau_syn", 0, true), given("w_in", Parameter.of("w_in", 1)))
            : null;
    Operation.Firing firing =
        type.endsWith("F")
            ? new Operation.Firing(parameter("v_threshold"), given("v_reset", null))
            : null;
    Parameter least = given(METADATA + "v_min", null);
    Parameter most = given(METADATA + "v_max", null);
    requireOrder(least, most);
    return new Operation.Neuron(
        given("r", Parameter.of("r", 1)),
        leak,
        synapse,
        firing,
        new Operation.Bounds(given(METADATA + "v0", null), least, most));
  }

  private void requireOrder(Parameter least, Parameter most) {
    if (least == null || most == null) {
      return;
    }
    float[] low = least.values();
    float[] high = most.values();
    for (int i = 0; i < Math.max(low.length, high.length); i++) {
      float l = low[Math.min(i, low.length - 1)];
      float h = high[Math.min(i, high.length - 1)];
      if (l > h) {
        throw fields.bad(least.field(), "found " + l + " above a v_max of " + h);
      }
    }
  }

  private Parameter given(String field, Parameter otherwise) {
    return fields.has(field) ? parameter(field) : otherwise;
  }

  private Parameter parameter(String field) {
    Tensor t = fields.numbers(field);
    return new Parameter(field, Dims.of(t.shape()), t.data());
  }

  /** Refuses values below a bound, or at it. */
  private Parameter least(String field, float bound, boolean above) {
    Parameter p = parameter(field);
    for (float v : p.values()) {
      if (v < bound || above && v == bound) {
        throw fields.bad(
            field, "found " + v + ", expected seconds, " + (above ? "more than 0" : "0 or more"));
      }
    }
    return p;
  }
}
