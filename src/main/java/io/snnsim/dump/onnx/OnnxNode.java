// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump.onnx;

import io.snnsim.dump.file.Text;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * A node of a graph. Treat as immutable.
 *
 * @param inputs names of values, empty for one that is left out
 */
record OnnxNode(
    String name,
    String op,
    String domain,
    List<String> inputs,
    List<String> outputs,
    Map<String, Attribute> attributes) {
  /** Types of attributes. */
  private static final int FLOAT = 1;

  private static final int INT = 2;
  private static final int STRING = 3;
  private static final int TENSOR = 4;
  private static final int FLOATS = 6;
  private static final int INTS = 7;

  /**
   * An attribute.
   *
   * @param type AttributeProto.AttributeType
   */
  record Attribute(
      int type, float f, long i, String s, OnnxTensor t, float[] floats, long[] ints) {}

  /** True if it has input {@code i}. */
  boolean has(int i) {
    return i < inputs.size() && !inputs.get(i).isEmpty();
  }

  boolean has(String attribute) {
    return attributes.containsKey(attribute);
  }

  long integer(String attribute, long fallback) {
    Attribute a = of(attribute, INT);
    return a == null ? fallback : a.i();
  }

  /**
   * A whole number of which few values are known.
   *
   * @throws NoLayer if it is another
   */
  boolean flag(String attribute, boolean fallback) {
    long value = integer(attribute, fallback ? 1 : 0);
    if (value != 0 && value != 1) {
      throw new NoLayer("found " + attribute + " = " + value + ", expected 0 or 1", "");
    }
    return value == 1;
  }

  float number(String attribute, float fallback) {
    Attribute a = of(attribute, FLOAT);
    return a == null ? fallback : a.f();
  }

  String text(String attribute, String fallback) {
    Attribute a = of(attribute, STRING);
    return a == null ? fallback : a.s();
  }

  /** Whole numbers, or null. */
  long[] integers(String attribute) {
    Attribute a = of(attribute, INTS);
    return a == null ? null : a.ints();
  }

  /** Floats, or null. */
  float[] numbers(String attribute) {
    Attribute a = of(attribute, FLOATS);
    return a == null ? null : a.floats();
  }

  /** A tensor, or null. */
  OnnxTensor tensor(String attribute) {
    Attribute a = of(attribute, TENSOR);
    return a == null ? null : a.t();
  }

  private Attribute of(String attribute, int type) {
    Attribute a = attributes.get(attribute);
    // Files of before types were stated have 0.
    if (a != null && a.type() != type && a.type() != 0) {
      throw new NoLayer(
          "found the attribute " + attribute + " of type " + a.type() + ", expected type " + type,
          "");
    }
    return a;
  }

  /**
   * Up to {@code n} whole numbers, as kernels are given.
   *
   * @throws NoLayer if they are too many, too few or too large
   */
  int[] sizes(String attribute, int n, int fallback) {
    long[] given = integers(attribute);
    int[] result = new int[n];
    Arrays.fill(result, fallback);
    if (given == null) {
      return result;
    }
    if (given.length != n) {
      throw new NoLayer(
          "found " + attribute + " of " + given.length + " numbers, expected " + n, "");
    }
    for (int i = 0; i < n; i++) {
      if (given[i] < 0 || given[i] > 1 << 12) {
        throw new NoLayer(
            "found " + attribute + " " + given[i] + ", expected numbers of 0.." + (1 << 12), "");
      }
      result[i] = (int) given[i];
    }
    return result;
  }

  /** Its name and operator, for messages; nodes without a name go by what they give. */
  String label() {
    return called() + " (" + Text.oneLine(op.isEmpty() ? "no operator" : op) + ")";
  }

  /** Its name, or that of what it gives. */
  String called() {
    return Text.oneLine(name.isEmpty() && !outputs.isEmpty() ? outputs.getFirst() : name);
  }
}
