// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump.onnx;

import io.snnsim.dump.file.Text;
import io.snnsim.dump.layers.LayerGraph;
import io.snnsim.error.SnnsimException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What goes into a model and comes out of it, and the nodes in between: one image, one vector of
 * logits. Immutable.
 */
final class Ports {
  /** The first opset whose operators are known. */
  private static final long OLDEST = 7;

  /** Far more than there are; the meaning of such operators is not known. */
  private static final long NEWEST = 40;

  private final String where;
  private final long opset;
  private final OnnxModel.Port output;
  private final List<OnnxNode> needed;
  private final OnnxModel.Port input;
  private final int batch;
  private final int[] dims;

  /**
   * Looks a model over.
   *
   * @param graph gets notes
   * @throws SnnsimException (bad data) if it has not one input of a fixed size and one output
   */
  Ports(String where, OnnxModel model, LayerGraph graph) {
    this.where = where;
    opset = opset(model);
    output = output(model, graph);
    needed = needed(model, output.name());
    input = input(model, needed);
    int rank = input.dims() == null ? 0 : input.dims().size();
    if (rank < 2 || rank > 4) {
      throw bad(
          "found the input "
              + shown(input)
              + ", expected N x channels x height x width, or two or"
              + " three dimensions");
    }
    long first = input.dims().getFirst().value();
    if (first > Integer.MAX_VALUE) {
      throw bad("found the input " + shown(input) + ", expected a smaller batch");
    }
    batch = (int) Math.max(1, first);
    dims = new int[rank - 1];
    for (int d = 0; d < dims.length; d++) {
      long size = input.dims().get(d + 1).value();
      if (size < 1) {
        throw bad(
            "found the input "
                + shown(input)
                + ", expected fixed sizes but for the first; export"
                + " with only the batch in dynamic_axes, or fix the others: python -m"
                + " onnxruntime.tools.make_dynamic_shape_fixed");
      }
      dims[d] = (int) Math.min(size, Integer.MAX_VALUE);
    }
  }

  private long opset(OnnxModel model) {
    Long usual = model.opsets().get("");
    Long version = usual == null ? model.opsets().get("ai.onnx") : usual;
    if (!model.hasGraph() || version == null) {
      throw bad(
          "found no "
              + (model.hasGraph() ? "opset of ONNX itself" : "graph")
              + ", expected an ONNX model; export it again");
    }
    if (version < OLDEST) {
      throw bad(
          "found opset "
              + version
              + ", expected "
              + OLDEST
              + " or a later one; export with a later"
              + " opset_version, or use onnx.version_converter");
    }
    if (version > NEWEST) {
      throw bad(
          "found opset "
              + version
              + ", expected one that exists (26 in 2026); export with opset_version=17");
    }
    return version;
  }

  private OnnxModel.Port output(OnnxModel model, LayerGraph graph) {
    List<OnnxModel.Port> outputs = new ArrayList<>(model.outputs());
    if (outputs.size() > 1) {
      // Classifiers of scikit-learn give labels too.
      outputs.removeIf(p -> p.type() != 0 && !TensorData.isFloat(p.type()));
    }
    if (outputs.size() != 1) {
      throw bad(
          "found "
              + model.outputs().size()
              + " outputs ("
              + names(model.outputs())
              + "), expected one; keep one with onnx.utils.extract_model");
    }
    if (model.outputs().size() > 1) {
      graph.note(
          "of the outputs "
              + names(model.outputs())
              + " only "
              + outputs.getFirst().name()
              + " is imported");
    }
    return outputs.getFirst();
  }

  private OnnxModel.Port input(OnnxModel model, List<OnnxNode> nodes) {
    Set<String> read = new HashSet<>();
    nodes.forEach(n -> read.addAll(n.inputs()));
    // Old files list tensors among inputs.
    List<OnnxModel.Port> inputs =
        model.inputs().stream()
            .filter(p -> !model.initializers().containsKey(p.name()) && read.contains(p.name()))
            .toList();
    if (inputs.size() != 1) {
      throw bad(
          inputs.isEmpty()
              ? "found no input that the output depends on, expected one; export the model again"
              : "found "
                  + inputs.size()
                  + " inputs ("
                  + names(inputs)
                  + "), expected one; export a network of one image");
    }
    return inputs.getFirst();
  }

  /** Nodes that the output depends on, in the order of the file. */
  private static List<OnnxNode> needed(OnnxModel model, String output) {
    Set<String> wanted = new HashSet<>(Set.of(output));
    List<OnnxNode> result = new ArrayList<>();
    for (OnnxNode node : model.nodes().reversed()) {
      if (node.outputs().stream().anyMatch(wanted::contains)) {
        wanted.addAll(node.inputs());
        result.add(node);
      }
    }
    return result.reversed();
  }

  private static String names(List<OnnxModel.Port> ports) {
    return Text.some(ports.stream().map(OnnxModel.Port::name).toList(), 4);
  }

  private static String shown(OnnxModel.Port port) {
    String dims = port.dims() == null ? "of no stated shape" : Text.oneLine(port.dims().toString());
    return Text.oneLine(port.name()) + " " + dims;
  }

  long opset() {
    return opset;
  }

  /** Images that the graph is for, 1 if any number. */
  int batch() {
    return batch;
  }

  String input() {
    return input.name();
  }

  /** Sizes of the input, without the batch. */
  int[] dims() {
    return dims;
  }

  List<OnnxNode> needed() {
    return needed;
  }

  /** The value that the model gives. */
  Activation output(Scope scope) {
    if (scope.value(output.name()) instanceof Activation a) {
      return a;
    }
    throw bad(
        "found the output "
            + Text.oneLine(output.name())
            + ", which no node computes from the image, expected one that does");
  }

  SnnsimException bad(String what) {
    return SnnsimException.badData(where + ": " + what);
  }
}
