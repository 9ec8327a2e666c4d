// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump.onnx;

/** What layers are called. Stateless. */
final class Names {
  private static final String WEIGHT = ".weight";

  private Names() {}

  /**
   * What a module's weights are called, since people know their modules; else as other nodes.
   *
   * @param input which input has weights
   */
  static String layer(OnnxNode node, int input) {
    String tensor = node.has(input) ? node.inputs().get(input) : "";
    if (tensor.endsWith(WEIGHT) && tensor.length() > WEIGHT.length()) {
      return tensor.substring(0, tensor.length() - WEIGHT.length());
    }
    String name = node(node);
    // PyTorch's exporter puts the operator behind the module, which says as much.
    String operator = "." + node.op();
    boolean module = node.called().startsWith("/") && name.endsWith(operator);
    return module ? name.substring(0, name.length() - operator.length()) : name;
  }

  /**
   * A node's name; of PyTorch's paths of modules, each of which may repeat the one before
   * (/layer1/layer1.0/conv1/Conv), a module's name as in a state dict.
   */
  static String node(OnnxNode node) {
    String called = node.called();
    if (!called.startsWith("/") || called.length() < 2) {
      return called;
    }
    StringBuilder name = new StringBuilder();
    String before = null;
    for (String part : called.substring(1).split("/")) {
      if (before != null && part.startsWith(before + ".")) {
        name.setLength(name.length() - before.length());
      } else if (!name.isEmpty()) {
        name.append('.');
      }
      name.append(part);
      before = part;
    }
    return name.isEmpty() ? called : name.toString();
  }
}
