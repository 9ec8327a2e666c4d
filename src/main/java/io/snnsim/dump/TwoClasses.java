// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump;

import io.snnsim.ann.AnnGraph;
import io.snnsim.ann.AnnNode;
import io.snnsim.ann.op.Flatten;
import io.snnsim.ann.op.Identity;
import io.snnsim.ann.op.Tensor;
import io.snnsim.ann.op.Weighted;
import java.util.ArrayList;
import java.util.List;

/**
 * Gives networks of one output two: such a network tells two classes apart by the sign of a logit,
 * for which a sigmoid or a threshold stood behind it, and readouts choose the largest of several.
 * Stateless.
 */
final class TwoClasses {
  private TwoClasses() {}

  /** The same network, or with an output 0 before the one that it has, and a note. */
  static Imported of(Imported imported) {
    AnnGraph graph = imported.graph();
    if (graph.outputShape().size() != 1) {
      return imported;
    }
    List<AnnNode> nodes = new ArrayList<>(graph.nodes());
    int last = nodes.size() - 1;
    while (nodes.get(last).op() instanceof Identity || nodes.get(last).op() instanceof Flatten) {
      last = graph.indexOf(nodes.get(last).inputs().getFirst());
    }
    AnnNode node = nodes.get(last);
    if (!(node.op() instanceof Weighted w) || w.groups() > 1) {
      return imported;
    }
    Tensor bias = w.bias() == null ? null : withZeros(w.bias());
    nodes.set(last, new AnnNode(node.name(), w.with(withZeros(w.weight()), bias), node.inputs()));
    List<String> notes = new ArrayList<>(imported.notes());
    notes.add(
        "one output, taken as the logit of class 1 against class 0, whose own is 0: labels are 0"
            + " and 1");
    return new Imported(
        new AnnGraph(graph.name(), nodes),
        imported.arch(),
        imported.guessed(),
        List.copyOf(notes),
        imported.beside());
  }

  /** One row of zeros, then the row that there is. */
  private static Tensor withZeros(Tensor t) {
    float[] data = new float[2 * t.size()];
    System.arraycopy(t.data(), 0, data, t.size(), t.size());
    int[] shape = t.shape().clone();
    shape[0] = 2;
    return new Tensor(shape, data);
  }
}
