// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump.onnx;

import io.snnsim.ann.op.AnnOp;
import io.snnsim.ann.op.ZeroPadShortcut;
import io.snnsim.dump.file.Text;
import io.snnsim.dump.layers.LayerGraph;
import io.snnsim.dump.layers.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Owns what is known of a graph's values while its nodes are read in order, and the network that
 * grows from them. Used by one thread.
 */
final class Scope {
  private final LayerGraph graph;
  private final OnnxModel model;
  private final TensorData data;
  private final long opset;
  private final int batch;
  private final Folding folding = new Folding();
  private final Map<String, Known> values = new HashMap<>();
  private final Map<String, List<OnnxNode>> readers = new HashMap<>();

  /**
   * Begins before the first node.
   *
   * @param opset version of the operators without a domain
   * @param batch images that the graph is for, 1 if any number
   */
  Scope(LayerGraph graph, OnnxModel model, TensorData data, long opset, int batch) {
    this.graph = graph;
    this.model = model;
    this.data = data;
    this.opset = opset;
    this.batch = batch;
    for (OnnxNode node : model.nodes()) {
      for (String in : node.inputs()) {
        readers.computeIfAbsent(in, k -> new ArrayList<>(1)).add(node);
      }
    }
  }

  LayerGraph graph() {
    return graph;
  }

  long opset() {
    return opset;
  }

  int batch() {
    return batch;
  }

  Folding folding() {
    return folding;
  }

  void put(String name, Known value) {
    values.put(name, value);
  }

  /** What is known of a value so far, or null. */
  Known value(String name) {
    return values.get(name);
  }

  /** A tensor of the file or what a Constant node gives, before any node is read; or null. */
  Constant constantBefore(String name) {
    OnnxTensor stored = model.initializers().get(name);
    for (OnnxNode node : stored == null ? model.nodes() : List.<OnnxNode>of()) {
      if (node.outputs().contains(name) && node.op().equals("Constant")) {
        stored = node.tensor("value");
      }
    }
    return stored == null ? null : data.read(stored);
  }

  /** Nodes that read a value. */
  List<OnnxNode> readersOf(String name) {
    return readers.getOrDefault(name, List.of());
  }

  /**
   * An input of a node.
   *
   * @throws NoLayer if there is no such value
   */
  Known known(OnnxNode node, int i) {
    if (!node.has(i)) {
      throw NoLayer.ever("found no input " + (i + 1) + ", expected one", "export the model again");
    }
    String name = node.inputs().get(i);
    Known known = values.get(name);
    if (known != null) {
      return known;
    }
    OnnxTensor stored = model.initializers().get(name);
    if (stored == null) {
      throw NoLayer.ever(
          "reads "
              + Text.oneLine(name)
              + ", which no earlier node gives and no tensor is,"
              + " expected nodes in the order of computation, without a cycle",
          "export the model again");
    }
    Constant c = read(stored);
    if (readersOf(name).size() > 1) {
      values.put(name, c);
    }
    return c;
  }

  /** Values of a tensor. */
  Constant read(OnnxTensor stored) {
    Constant c = data.read(stored);
    folding.read(c.size());
    return c;
  }

  boolean isConstant(OnnxNode node, int i) {
    return known(node, i) instanceof Constant;
  }

  /** True if all inputs that are given are constant. */
  boolean isConstant(OnnxNode node) {
    for (int i = 0; i < node.inputs().size(); i++) {
      if (node.has(i) && !isConstant(node, i)) {
        return false;
      }
    }
    return true;
  }

  /**
   * An input that must be constant.
   *
   * @param what it is called
   */
  Constant constant(OnnxNode node, int i, String what) {
    if (known(node, i) instanceof Constant c) {
      return c;
    }
    throw new NoLayer(
        "found " + what + " that is computed from the image, expected constants",
        "attention and other products of values cannot be imported; train the network without");
  }

  /** An input that must be computed from the image, whole. */
  Activation activation(OnnxNode node, int i) {
    Activation a = sliced(node, i);
    if (a.stepH() == 1 && a.stepW() == 1) {
      return a;
    }
    if (a.stepH() != a.stepW()) {
      throw new NoLayer(
          "reads every row "
              + a.stepH()
              + " and every column "
              + a.stepW()
              + " of a map, expected the same of both",
          "use a convolution or pool with strides instead");
    }
    Value taken = graph.add(node.inputs().get(i), new ZeroPadShortcut(a.stepH(), 0, 0), a.value());
    Activation whole = new Activation(taken, a.axes());
    values.put(node.inputs().get(i), whole);
    return whole;
  }

  /** An input computed from the image, perhaps some of its rows and columns. */
  Activation sliced(OnnxNode node, int i) {
    if (known(node, i) instanceof Activation a) {
      return a;
    }
    throw new NoLayer("reads a constant, expected a value computed from the image", "");
  }

  /** Maps that lie as convolutions have them. */
  Activation usual(OnnxNode node, int i) {
    Activation a = activation(node, i);
    if (!a.isUsual()) {
      throw new NoLayer(
          "reads dimensions "
              + a.shape()
              + " of a map of "
              + a.value().shape()
              + " in another order than N, C, H, W, expected that order",
          "export with channels first");
    }
    return a;
  }

  /** Values that a node reads and that are computed from the image. */
  Value[] maps(OnnxNode node) {
    List<Value> maps = new ArrayList<>();
    for (String in : node.inputs()) {
      if (values.get(in) instanceof Activation a) {
        maps.add(a.value());
      }
    }
    return maps.toArray(Value[]::new);
  }

  /** The first input that is computed from the image. */
  Activation first(OnnxNode node) {
    return (Activation)
        node.inputs().stream()
            .map(values::get)
            .filter(Activation.class::isInstance)
            .findFirst()
            .orElseThrow();
  }

  /** A layer that keeps how dimensions lie. */
  Activation add(OnnxNode node, AnnOp op, Activation in) {
    return in.with(graph.add(Names.node(node), op, in.value()));
  }
}
