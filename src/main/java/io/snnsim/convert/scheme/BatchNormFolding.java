// SPDX-License-Identifier: Apache-2.0
package io.snnsim.convert.scheme;

import io.snnsim.ann.AnnGraph;
import io.snnsim.ann.AnnNode;
import io.snnsim.ann.op.AnnOp;
import io.snnsim.ann.op.BatchNorm;
import io.snnsim.ann.op.Identity;
import io.snnsim.ann.op.MaxPool;
import io.snnsim.ann.op.Relu;
import io.snnsim.ann.op.Tensor;
import io.snnsim.ann.op.Weighted;
import io.snnsim.error.SnnsimException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Rewrites an imported network into what conversion works on: batch norm folded into the layer
 * before it, Identity removed, max pooling moved behind a ReLU that follows it; before that
 * concatenations are split, enlarged maps taken phase by phase and batch norms brought to where
 * they can be folded. Stateless.
 *
 * <p>W' = W * gamma / sqrt(var + eps), b' = (b - mean) * gamma / sqrt(var + eps) + beta, in double.
 */
public final class BatchNormFolding {
  /** The rewritten network and one line for each thing done. */
  public record Folded(AnnGraph graph, List<String> notes) {}

  private BatchNormFolding() {}

  /**
   * Folds a network.
   *
   * @throws SnnsimException (bad data) naming a pool that a batch norm before it cannot pass, or
   *     sums of sums that have too many addends
   */
  public static Folded fold(AnnGraph imported) {
    Addends.check(imported);
    List<String> notes = new ArrayList<>();
    AnnGraph graph =
        AffineMoving.move(
            PhaseSplitting.split(ConcatSplitting.split(imported, notes), notes), notes);
    Map<String, String> renamed = new HashMap<>();
    Map<String, AnnNode> byName = new HashMap<>();
    List<String> order = new ArrayList<>();
    for (AnnNode node : graph.nodes()) {
      List<String> inputs = node.inputs().stream().map(in -> renamed.getOrDefault(in, in)).toList();
      if (node.op() instanceof Identity) {
        renamed.put(node.name(), inputs.getFirst());
      } else if (node.op() instanceof BatchNorm bn) {
        AnnNode before = byName.get(inputs.getFirst());
        AnnNode folded = folded(before, node, bn);
        byName.put(before.name(), folded);
        renamed.put(node.name(), before.name());
        notes.add("batch norm " + node.name() + " folded into " + before.name());
      } else {
        byName.put(node.name(), new AnnNode(node.name(), node.op(), inputs));
        order.add(node.name());
      }
    }
    List<AnnNode> nodes = new ArrayList<>();
    for (String name : order) {
      nodes.add(byName.get(name));
    }
    return new Folded(new AnnGraph(graph.name(), swapMaxPools(nodes, notes)), notes);
  }

  /** The node before a batch norm with the batch norm in its weights. */
  private static AnnNode folded(AnnNode before, AnnNode node, BatchNorm bn) {
    if (before.op() instanceof Weighted w) {
      AnnOp op = w.with(Affine.of(bn).rows(w.weight()), shift(w.bias(), bn));
      return new AnnNode(before.name(), op, before.inputs());
    }
    throw new IllegalStateException("batch norm " + node.name() + " was not moved");
  }

  private static Tensor shift(Tensor bias, BatchNorm bn) {
    float[] out = new float[bn.gamma().size()];
    for (int c = 0; c < out.length; c++) {
      double b = bias == null ? 0 : bias.data()[c];
      out[c] = (float) ((b - bn.mean().data()[c]) * bn.factor(c) + bn.beta().data()[c]);
    }
    return Tensor.of(out, out.length);
  }

  /** max(relu(x)) = relu(max(x)): puts the ReLU first, so that the pool sees spikes. */
  private static List<AnnNode> swapMaxPools(List<AnnNode> nodes, List<String> notes) {
    List<AnnNode> result = new ArrayList<>(nodes);
    // From the end, so that the ReLU moves before a whole chain of pools.
    for (int i = result.size() - 1; i >= 0; i--) {
      AnnNode pool = result.get(i);
      if (!(pool.op() instanceof MaxPool)) {
        continue;
      }
      int relu = -1;
      int readers = 0;
      for (int j = 0; j < result.size(); j++) {
        if (result.get(j).inputs().contains(pool.name())) {
          readers++;
          relu = result.get(j).op() instanceof Relu ? j : relu;
        }
      }
      if (readers != 1 || relu < 0) {
        continue;
      }
      AnnNode after = result.get(relu);
      // The later name must stay the pooled value, since others read it.
      result.set(i, new AnnNode(pool.name(), after.op(), pool.inputs()));
      result.set(relu, new AnnNode(after.name(), pool.op(), after.inputs()));
      notes.add("max pool " + pool.name() + " and ReLU " + after.name() + " exchanged");
    }
    return result;
  }
}
