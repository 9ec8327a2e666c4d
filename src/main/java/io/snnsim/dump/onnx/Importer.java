// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump.onnx;

import io.snnsim.dump.file.Text;
import io.snnsim.dump.layers.LayerGraph;
import io.snnsim.dump.layers.Value;
import io.snnsim.error.SnnsimException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Makes layers of a model's nodes, one after the other. Used once, by one thread. */
final class Importer {
  private final LayerGraph graph;
  private final Scope scope;
  private final Ports ports;
  private final ConstantLayers constants;
  private final WindowLayers windows;
  private final DenseLayers dense;
  private final PointLayers points;
  private final ShapeLayers shapes;

  Importer(String where, OnnxModel model, TensorData data) {
    graph = new LayerGraph(where);
    ports = new Ports(where, model, graph);
    scope = new Scope(graph, model, data, ports.opset(), ports.batch());
    constants = new ConstantLayers(scope);
    windows = new WindowLayers(scope);
    dense = new DenseLayers(scope);
    points = new PointLayers(scope, dense);
    shapes = new ShapeLayers(scope);
  }

  /**
   * The network that the nodes stand for, with what of them cannot be imported.
   *
   * @throws SnnsimException (bad data, input missing) if the file itself is not sound
   */
  LayerGraph layers() {
    Activation image = image();
    scope.put(ports.input(), image);
    List<OnnxNode> needed = ports.needed();
    List<OnnxNode> quantised = needed.stream().filter(n -> Refused.isQuantised(n.op())).toList();
    if (!quantised.isEmpty()) {
      OnnxNode first = quantised.getFirst();
      graph.output(
          graph.obstacle(
              first.label(),
              "found a quantised network ("
                  + quantised.size()
                  + " such nodes), expected one of"
                  + " float32",
              "export it before it is quantised",
              image.value()));
      return graph;
    }
    Set<String> given = new HashSet<>(Set.of(ports.input()));
    for (OnnxNode node : needed) {
      for (String out : node.outputs()) {
        if (!out.isEmpty() && !given.add(out)) {
          throw ports.bad(
              "found the value "
                  + Text.oneLine(out)
                  + " twice, expected it once"
                  + "; export the model again");
        }
      }
      scope.put(node.outputs().getFirst(), layer(node, image));
    }
    graph.output(output(ports.output(scope)));
    return graph;
  }

  private Value output(Activation last) {
    boolean whole = last.stepH() == 1 && last.stepW() == 1;
    // Rows of pixels may be in any order, classes may not.
    boolean ordered = last.rank() > 2 || last.places() == null;
    return whole && ordered
        ? last.value()
        : graph.misfit(
            "output",
            "found "
                + (whole ? "values flattened with channels last" : "a part of a map")
                + ", expected one value for each class",
            "end with a linear layer or a pool",
            last.value());
  }

  private Activation image() {
    try {
      return new ImagePlan(scope, ports.input(), ports.dims()).add(graph);
    } catch (NoLayer e) {
      throw ports.bad("input " + Text.oneLine(ports.input()) + ": " + e.getMessage());
    }
  }

  private Known layer(OnnxNode node, Activation image) {
    try {
      return layer(node);
    } catch (NoLayer e) {
      return obstacle(node, image, e);
    } catch (ArithmeticException e) {
      return obstacle(
          node, image, new NoLayer("found sizes that are too large, expected smaller", ""));
    }
  }

  private Known obstacle(OnnxNode node, Activation image, NoLayer e) {
    Value[] read = scope.maps(node);
    Value[] inputs = read.length == 0 ? new Value[] {image.value()} : read;
    Value value =
        e.certain()
            ? graph.obstacle(node.label(), e.getMessage(), e.advice(), inputs)
            : graph.misfit(node.label(), e.getMessage(), e.advice(), inputs);
    return read.length == 0 ? Activation.usual(value, 4) : scope.first(node).with(value);
  }

  private Known layer(OnnxNode node) {
    if (node.op().equals("ZipMap")) {
      return scope.activation(node, 0); // Classes and their values as a table.
    }
    if (node.op().equals("Scaler")) {
      return points.scaler(node);
    }
    if (!Refused.isUsual(node.domain())) {
      throw Refused.operator(node);
    }
    if (scope.isConstant(node)) {
      Constant folded = constants.of(node);
      if (folded == null) {
        throw Refused.operator(node);
      }
      return folded;
    }
    return switch (node.op()) {
      case "Conv" -> windows.conv(node);
      case "Gemm" -> dense.gemm(node);
      case "MatMul" -> dense.matMul(node);
      case "BatchNormalization" -> dense.batchNorm(node);
      case "Relu" -> points.relu(node);
      case "Clip" -> points.clip(node);
      case "LeakyRelu", "PRelu" -> points.leaky(node);
      case "Max" -> points.bounded(node, true);
      case "Min" -> points.bounded(node, false);
      case "Add", "Sum" -> points.sum(node);
      case "Sub" -> points.difference(node);
      case "Mul" -> points.product(node);
      case "Div" -> points.quotient(node);
      case "Neg" -> points.negative(node);
      case "MaxPool" -> windows.maxPool(node);
      case "AveragePool" -> windows.averagePool(node);
      case "GlobalAveragePool" -> windows.globalPool(node, true);
      case "GlobalMaxPool" -> windows.globalPool(node, false);
      case "Pad" -> windows.pad(node);
      case "Resize" -> new Enlarging(scope, node, scope.activation(node, 0)).resize();
      case "Upsample" -> new Enlarging(scope, node, scope.activation(node, 0)).upsample();
      case "ReduceMean" -> shapes.reduce(node, true);
      case "ReduceMax" -> shapes.reduce(node, false);
      case "Concat" -> shapes.concat(node);
      case "Flatten" -> shapes.flatten(node);
      case "Reshape" -> shapes.reshape(node);
      case "Squeeze" -> shapes.squeeze(node);
      case "Unsqueeze" -> shapes.unsqueeze(node);
      case "Transpose" -> shapes.transpose(node);
      case "Slice" -> shapes.slice(node);
      case "Shape" -> shapes.shape(node);
      case "Identity" -> scope.activation(node, 0);
      case "Dropout" -> dropout(node);
      case "Cast" -> cast(node);
      case "Softmax", "LogSoftmax", "Sigmoid" -> end(node);
      case "ArgMax" -> end(node);
      default -> throw Refused.operator(node);
    };
  }

  private Known dropout(OnnxNode node) {
    if (node.has(2) && scope.constant(node, 2, "a mode").single("a mode") != 0) {
      throw NoLayer.ever(
          "found a dropout that is still training, expected one of inference",
          "call eval() on the network before the export");
    }
    return scope.activation(node, 0);
  }

  private Known cast(OnnxNode node) {
    int to = (int) node.integer("to", 0);
    if (!TensorData.isFloat(to)) {
      throw new NoLayer(
          "found values cast to " + TensorData.typeName(to) + ", expected floats",
          "leave it off before the export");
    }
    return scope.activation(node, 0);
  }

  /** What is left off at the end, where classes are the same without it. */
  private Known end(OnnxNode node) {
    Activation in = scope.activation(node, 0);
    if (node.op().equals("Sigmoid")) {
      String input = node.inputs().getFirst();
      List<OnnxNode> products = new ArrayList<>(scope.readersOf(node.outputs().getFirst()));
      products.removeIf(n -> !n.op().equals("Mul"));
      if (!products.isEmpty()) {
        throw Refused.gate(products.stream().allMatch(n -> n.inputs().contains(input)));
      }
    }
    return in.with(graph.end(Names.node(node), node.op(), in.value()));
  }
}
