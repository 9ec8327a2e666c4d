// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump.keras;

import io.snnsim.ann.op.Relu;
import io.snnsim.json.JsonValue;

/** Reads what follows a sum: activations within layers and as layers of their own. Stateless. */
final class Activations {
  private static final String REPLACE = "train the network with ReLU in its place";

  private Activations() {}

  /** The activation that a layer applies to its sums. */
  static Signal within(Reading to, Layer layer, Signal in) {
    return named(to, layer, to.name(layer) + "_activation", in);
  }

  /** A layer that is nothing but an activation. */
  static Signal alone(Reading to, Layer layer, Signal in) {
    return named(to, layer, to.name(layer), in);
  }

  private static Signal named(Reading to, Layer layer, String node, Signal in) {
    JsonValue given = layer.config().get("activation");
    if (given.get("class_name").asText().equals("ReLU")) {
      return relu(to, layer, node, given.get("config"), in);
    }
    String function = layer.word("activation", "linear");
    return switch (function) {
      case "linear" -> in;
      case "relu" -> clipped(to, node, Float.POSITIVE_INFINITY, in);
      case "relu6" -> clipped(to, node, 6, in);
      case "softmax", "sigmoid", "log_softmax" ->
          in.with(to.graph().end(node, function, in.value()));
      default ->
          to.obstacle(layer, "found activation '" + function + "', expected relu", REPLACE, in);
    };
  }

  /** A ReLU layer. */
  static Signal relu(Reading to, Layer layer, Signal in) {
    return relu(to, layer, to.name(layer), layer.config(), in);
  }

  private static Signal relu(Reading to, Layer layer, String node, JsonValue config, Signal in) {
    for (String option : new String[] {"negative_slope", "threshold"}) {
      if (number(layer, config, option, 0) != 0) {
        String given = Texts.of(config.get(option));
        return to.obstacle(layer, "found " + option + " " + given + ", expected 0", REPLACE, in);
      }
    }
    return clipped(to, node, number(layer, config, "max_value", Float.POSITIVE_INFINITY), in);
  }

  private static float number(Layer layer, JsonValue config, String option, float otherwise) {
    return switch (config.get(option)) {
      case JsonValue.Num n -> (float) n.value();
      case JsonValue.Missing _, JsonValue.Null _ -> otherwise;
      default -> throw layer.bad(option + ": found no number, expected one");
    };
  }

  private static Signal clipped(Reading to, String node, float most, Signal in) {
    return in.with(to.graph().add(node, new Relu(most), in.value()));
  }
}
