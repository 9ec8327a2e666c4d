// SPDX-License-Identifier: Apache-2.0
package io.snnsim.compare;

import io.snnsim.ann.AnnGraph;
import io.snnsim.ann.AnnNode;
import io.snnsim.ann.op.Linear;
import io.snnsim.ann.op.Tensor;
import io.snnsim.ann.op.Weighted;
import io.snnsim.geometry.MapShape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes a folded ANN, rewritten by {@link AsConvolutions}, as ONNX in float32, its input
 * normalised already. Stateless.
 */
final class FloatNetwork {
  private FloatNetwork() {}

  static byte[] write(AnnGraph graph) {
    OnnxFile file = new OnnxFile();
    OnnxOperators operators = new OnnxOperators(file);
    Map<String, String> tensors = new HashMap<>();
    tensors.put(graph.nodes().getFirst().name(), OnnxFile.INPUT);
    int last = graph.nodes().size() - 1;
    String output = null;
    for (int i = 1; i <= last; i++) {
      AnnNode node = graph.nodes().get(i);
      MapShape from = graph.shape(graph.indexOf(node.inputs().getFirst()));
      List<String> inputs = new ArrayList<>();
      node.inputs().forEach(in -> inputs.add(tensors.get(in)));
      if (node.op() instanceof Linear) {
        inputs.set(0, operators.row(inputs.getFirst(), from));
      }
      if (node.op() instanceof Weighted w) {
        Tensor weight = w.weight();
        inputs.add(file.floats(file.fresh(node.name()), weight.data(), weight.shape()));
        if (w.bias() != null) {
          inputs.add(file.floats(file.fresh(node.name()), w.bias().data(), w.bias().size()));
        }
      }
      output = i == last ? operators.lastOutput(node.op()) : file.fresh(node.name());
      tensors.put(node.name(), operators.add(node.op(), from, inputs, output));
    }
    operators.end(output, graph.outputShape().size());
    return file.toBytes(graph.name(), graph.inputShape(), graph.outputShape().size());
  }
}
