// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump.keras;

import io.snnsim.error.SnnsimException;
import io.snnsim.json.JsonValue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A layer as a configuration has it. Immutable.
 *
 * @param name which no other layer of its model has
 * @param kind its class in Keras, or what a refusal calls it
 * @param where file and layer, for messages
 * @param config its options
 * @param calls every use of it
 * @param nested the model that it is, or null
 */
record Layer(
    String name, String kind, String where, JsonValue config, List<Call> calls, Model nested) {
  /** Larger kernels, strides and paddings no operator takes. */
  private static final int MOST = 1 << 12;

  /** Its name and kind, as an obstacle has them. */
  String text() {
    return name + " (" + kind + ")";
  }

  /** A fault of an option. */
  SnnsimException bad(String option, String expected) {
    return bad(option + ": found " + shown(config.get(option)) + ", expected " + expected);
  }

  /** A fault. */
  SnnsimException bad(String what) {
    return SnnsimException.badData(where + ": " + what);
  }

  private static String shown(JsonValue value) {
    return value instanceof JsonValue.Missing ? "nothing" : Texts.of(value);
  }

  /** True if an option is given, and not as null. */
  boolean has(String option) {
    JsonValue v = config.get(option);
    return !(v instanceof JsonValue.Missing || v instanceof JsonValue.Null);
  }

  boolean flag(String option, boolean otherwise) {
    return switch (config.get(option)) {
      case JsonValue.Bool b -> b.value();
      case JsonValue.Missing _ -> otherwise;
      default -> throw bad(option, "true or false");
    };
  }

  double number(String option, double otherwise) {
    if (!has(option)) {
      return otherwise;
    }
    double v = config.get(option).asDouble();
    if (!Double.isFinite(v)) {
      throw bad(option, "a number");
    }
    return v;
  }

  int integer(String option, int otherwise) {
    if (!has(option)) {
      return otherwise;
    }
    return whole(option, config.get(option));
  }

  private int whole(String option, JsonValue v) {
    int n = v.asInt(-1);
    if (n < 0 || n > MOST) {
      throw bad(option, "whole numbers 0.." + MOST);
    }
    return n;
  }

  /** Height and width, given as two numbers or one for both. */
  int[] pair(String option, int otherwise) {
    JsonValue v = config.get(option);
    if (!has(option)) {
      return new int[] {otherwise, otherwise};
    }
    if (v instanceof JsonValue.Num) {
      int n = whole(option, v);
      return new int[] {n, n};
    }
    List<JsonValue> items = v.items();
    if (items.size() != 2) {
      throw bad(option, "a number or [height, width]");
    }
    return new int[] {whole(option, items.get(0)), whole(option, items.get(1))};
  }

  /** A number, given as such or as a list of one. */
  int single(String option, int otherwise) {
    JsonValue v = config.get(option);
    return !has(option)
        ? otherwise
        : whole(option, v.items().size() == 1 ? v.items().getFirst() : v);
  }

  /** Two numbers for each of the dimensions, given in any of the forms that paddings have. */
  int[][] paddings(int dimensions) {
    JsonValue v = config.get("padding");
    int[][] result = new int[dimensions][2];
    List<JsonValue> items = v.items();
    for (int d = 0; d < dimensions; d++) {
      JsonValue one = dimensions == 1 || items.isEmpty() ? v : d < items.size() ? items.get(d) : v;
      List<JsonValue> ends = one.items();
      if (one instanceof JsonValue.Arr && ends.size() != 2) {
        throw bad("padding", "a number, or two for each dimension");
      }
      result[d][0] = whole("padding", ends.isEmpty() ? one : ends.get(0));
      result[d][1] = whole("padding", ends.isEmpty() ? one : ends.get(1));
    }
    return result;
  }

  /** An option in words; of an object its class or name. */
  String word(String option, String otherwise) {
    JsonValue v = config.get(option);
    if (!has(option)) {
      return otherwise;
    }
    if (v instanceof JsonValue.Str(String text)) {
      return text;
    }
    String named = v.get("config").asText();
    String kind = v.get("class_name").asText();
    if (named.isEmpty() && kind.isEmpty()) {
      throw bad(option, "text");
    }
    String registered = v.get("registered_name").asText();
    return registered.contains(">") ? registered : named.isEmpty() ? kind : named;
  }

  /** True if zeros are added so that stride 1 keeps the size; false if none are. */
  boolean same() {
    String padding = word("padding", "valid");
    if (!padding.equals("same") && !padding.equals("valid")) {
      throw bad("padding", "'same' or 'valid'");
    }
    return padding.equals("same");
  }

  /** Numbers within lists, however deep, or one alone. */
  float[] numbers(String option) {
    return numbers(option, config.get(option));
  }

  /** The same of what is given elsewhere. */
  float[] numbers(String option, JsonValue from) {
    List<Float> found = new ArrayList<>();
    gather(option, from, found);
    float[] result = new float[found.size()];
    for (int i = 0; i < result.length; i++) {
      result[i] = found.get(i);
    }
    return result;
  }

  private void gather(String option, JsonValue v, List<Float> into) {
    if (v instanceof JsonValue.Arr(var items)) {
      items.forEach(item -> gather(option, item, into));
    } else {
      float f = (float) v.asDouble();
      if (!Float.isFinite(f)) {
        throw bad(option, "numbers");
      }
      into.add(f);
    }
  }

  /** A shape without its first number, which is that of images. */
  int[] shape(JsonValue from, String option) {
    List<JsonValue> items = from.items();
    int[] dims = new int[Math.max(0, items.size() - 1)];
    for (int d = 0; d < dims.length; d++) {
      dims[d] = items.get(d + 1).asInt(-1);
      if (dims[d] < 1) {
        throw SnnsimException.badData(
            where
                + ": "
                + option
                + ": found "
                + Texts.of(from)
                + ", expected sizes for all but the first; build the model for one size of images,"
                + " such as keras.Input((224, 224, 3)), load its weights and save it");
      }
    }
    if (dims.length == 0) {
      throw SnnsimException.badData(
          where
              + ": "
              + option
              + ": found "
              + shown(from)
              + ", expected [null, height, width, ...]");
    }
    return dims;
  }

  /** What a shape of a tensor should have been. */
  SnnsimException misfit(String tensor, int[] found, int... expected) {
    return bad(
        "found "
            + tensor
            + " of shape "
            + Arrays.toString(found)
            + ", expected "
            + Arrays.toString(expected)
            + " by the configuration; save the whole model again");
  }
}
