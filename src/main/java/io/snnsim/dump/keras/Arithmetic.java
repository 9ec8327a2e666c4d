// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump.keras;

import io.snnsim.json.JsonValue;
import java.util.List;

/**
 * Reads sums and products with constants, which functional models say by Python's operators: often
 * how images are scaled, {@code x / 127.5 - 1}. Stateless.
 */
final class Arithmetic {
  private Arithmetic() {}

  /** The operation that a layer is, or an empty text if it is none of these. */
  static String operation(Layer layer) {
    String kind = layer.kind();
    return switch (kind.equals("TFOpLambda") ? layer.config().get("function").asText() : kind) {
      case "Add", "math.add", "__operators__.add" -> "+";
      case "Subtract", "math.subtract" -> "-";
      case "Multiply", "math.multiply" -> "*";
      case "TrueDivide", "Divide", "math.truediv", "math.divide" -> "/";
      default -> "";
    };
  }

  /** A tensor and a constant. */
  static Signal read(Reading to, Layer layer, Call call, Signal in) {
    List<JsonValue> arguments = call.arguments();
    boolean two = arguments.size() == 2;
    boolean first = two && Ref.in(arguments.get(1)).isEmpty();
    boolean second = two && Ref.in(arguments.get(0)).isEmpty();
    String operation = operation(layer);
    if (first == second || (second && operation.equals("/"))) {
      return to.obstacle(
          layer,
          "found " + operation + " of something else than a tensor and a constant, expected those",
          LayerKinds.advice(layer.kind()),
          in);
    }
    float[] c = layer.numbers("constant", constant(arguments.get(first ? 1 : 0)));
    float[] one = {1};
    return switch (operation) {
      case "+" -> Scaling.affine(to, layer, in, one, c);
      case "-" ->
          Scaling.affine(to, layer, in, first ? one : new float[] {-1}, first ? minus(c) : c);
      case "*" -> Scaling.affine(to, layer, in, c, new float[1]);
      default -> Scaling.affine(to, layer, in, inverse(layer, c), new float[1]);
    };
  }

  /** The numbers of an array or tensor that is written out. */
  private static JsonValue constant(JsonValue given) {
    return given instanceof JsonValue.Obj ? given.get("config").get("value") : given;
  }

  private static float[] minus(float[] x) {
    float[] result = new float[x.length];
    for (int i = 0; i < x.length; i++) {
      result[i] = -x[i];
    }
    return result;
  }

  private static float[] inverse(Layer layer, float[] x) {
    float[] result = new float[x.length];
    for (int i = 0; i < x.length; i++) {
      result[i] = (float) (1.0 / x[i]);
      if (!Float.isFinite(result[i])) {
        throw layer.bad("found a division by " + x[i] + ", expected another number");
      }
    }
    return result;
  }
}
