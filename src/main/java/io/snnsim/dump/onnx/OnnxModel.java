// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump.onnx;

import java.util.List;
import java.util.Map;

/**
 * What a file states, as far as it matters. Treat as immutable.
 *
 * @param opsets versions of operator sets by domain
 * @param initializers tensors by name
 */
record OnnxModel(
    Map<String, Long> opsets,
    String name,
    List<OnnxNode> nodes,
    Map<String, OnnxTensor> initializers,
    List<Port> inputs,
    List<Port> outputs,
    boolean hasGraph) {
  /** Element types. */
  static final int FLOAT = 1;

  /**
   * An input or output of the graph.
   *
   * @param type of elements, TensorProto.DataType, 0 if it is no tensor
   * @param dims null if the shape is not stated
   */
  record Port(String name, int type, List<Dim> dims) {}

  /**
   * A size.
   *
   * @param value the number, or -1
   * @param symbol its name if it is not fixed, else empty
   */
  record Dim(long value, String symbol) {
    @Override
    public String toString() {
      return value >= 0 ? Long.toString(value) : symbol.isEmpty() ? "?" : symbol;
    }
  }
}
