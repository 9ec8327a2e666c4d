// SPDX-License-Identifier: Apache-2.0
package io.snnsim.compare;

import io.snnsim.geometry.MapShape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;

/**
 * An ONNX model under construction: nodes in the order in which they run, constants, one float
 * input of one image and one float output. Confined to one thread.
 *
 * <p>Field numbers are those of the public onnx.proto.
 */
final class OnnxFile {
  /** Name of the input, [1, channels, height, width]. */
  static final String INPUT = "image";

  /** Name of the output, [1, classes]. */
  static final String OUTPUT = "logits";

  private static final int IR_VERSION = 8;
  private static final int OPERATOR_SET = 17;

  private static final int FLOAT = 1;
  private static final int UINT8 = 2;
  private static final int INT8 = 3;
  private static final int INT32 = 6;
  private static final int INT64 = 7;

  private static final int ATTRIBUTE_INT = 2;
  private static final int ATTRIBUTE_INTS = 7;

  private final Proto graph = new Proto();
  private int names;

  /** A name that no other tensor has. */
  String fresh(String like) {
    return like + "#" + names++;
  }

  /**
   * Adds a node with one output.
   *
   * @param attributes whole numbers, or arrays of them
   * @return {@code output}
   */
  String node(String op, List<String> inputs, String output, Map<String, long[]> attributes) {
    Proto node = new Proto();
    inputs.forEach(in -> node.text(1, in));
    node.text(2, output).text(3, output).text(4, op);
    attributes.forEach(
        (name, values) -> {
          Proto attribute = new Proto().text(1, name);
          // Only these are single numbers in the operators written here.
          if (values.length == 1) {
            attribute.integer(3, values[0]).integer(20, ATTRIBUTE_INT);
          } else {
            for (long v : values) {
              attribute.integer(8, v);
            }
            attribute.integer(20, ATTRIBUTE_INTS);
          }
          node.message(5, attribute);
        });
    graph.message(1, node);
    return output;
  }

  /** As the other, without attributes. */
  String node(String op, List<String> inputs, String output) {
    return node(op, inputs, output, Map.of());
  }

  /** A constant of floats; a scalar without dimensions. */
  String floats(String name, float[] values, int... shape) {
    ByteBuffer raw = little(values.length * Float.BYTES);
    for (float v : values) {
      raw.putFloat(v);
    }
    return constant(name, FLOAT, raw, shape);
  }

  /** A constant of bytes that count from -128 to 127. */
  String int8(String name, byte[] values, int... shape) {
    return constant(name, INT8, ByteBuffer.wrap(values), shape);
  }

  /** A constant byte that counts from 0 to 255. */
  String uint8(String name, int value) {
    return constant(name, UINT8, ByteBuffer.wrap(new byte[] {(byte) value}));
  }

  /** A constant list of 32-bit integers. */
  String int32(String name, int[] values) {
    ByteBuffer raw = little(values.length * Integer.BYTES);
    for (int v : values) {
      raw.putInt(v);
    }
    return constant(name, INT32, raw, values.length);
  }

  /** A constant list of 64-bit integers. */
  String int64(String name, long... values) {
    ByteBuffer raw = little(values.length * Long.BYTES);
    for (long v : values) {
      raw.putLong(v);
    }
    return constant(name, INT64, raw, values.length);
  }

  /** The bytes of the model. */
  byte[] toBytes(String name, MapShape input, int classes) {
    graph
        .text(2, name)
        .message(11, value(INPUT, 1, input.channels(), input.height(), input.width()))
        .message(12, value(OUTPUT, 1, classes));
    Proto operators = new Proto().text(1, "").integer(2, OPERATOR_SET);
    return new Proto()
        .integer(1, IR_VERSION)
        .text(2, "snnsim compare_onnxruntime")
        .message(7, graph)
        .message(8, operators)
        .toBytes();
  }

  private static ByteBuffer little(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private String constant(String name, int type, ByteBuffer raw, int... shape) {
    Proto tensor = new Proto();
    for (int d : shape) {
      tensor.integer(1, d);
    }
    graph.message(5, tensor.integer(2, type).text(8, name).bytes(9, raw.array()));
    return name;
  }

  private static Proto value(String name, int... shape) {
    Proto dimensions = new Proto();
    for (int d : shape) {
      dimensions.message(1, new Proto().integer(1, d));
    }
    Proto tensor = new Proto().integer(1, FLOAT).message(2, dimensions);
    return new Proto().text(1, name).message(2, new Proto().message(1, tensor));
  }
}
