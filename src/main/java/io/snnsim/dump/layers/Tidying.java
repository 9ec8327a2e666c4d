// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump.layers;

import io.snnsim.ann.AnnNode;
import io.snnsim.ann.op.BatchNorm;
import io.snnsim.ann.op.Identity;
import io.snnsim.ann.op.Tensor;
import io.snnsim.ann.op.Weighted;
import io.snnsim.ann.op.ZeroPadShortcut;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Takes out of a network what files have and a network does not need: Identity, layers that the
 * output does not depend on, halves of shortcuts, sums with a constant that are the bias of the
 * layer before. Stateless.
 */
final class Tidying {
  private Tidying() {}

  /** The nodes in order, of which the last is the output. */
  static List<AnnNode> tidy(List<AnnNode> nodes, String output) {
    Map<String, String> renamed = new HashMap<>();
    Map<String, AnnNode> kept = new HashMap<>();
    List<AnnNode> direct = new ArrayList<>();
    for (AnnNode node : nodes) {
      List<String> inputs = node.inputs().stream().map(in -> renamed.getOrDefault(in, in)).toList();
      if (node.op() instanceof Identity) {
        renamed.put(node.name(), inputs.getFirst());
      } else {
        direct.add(new AnnNode(node.name(), node.op(), inputs));
      }
    }
    String last = renamed.getOrDefault(output, output);
    List<AnnNode> needed = needed(direct, last);
    Map<String, Integer> readers = new HashMap<>();
    needed.forEach(n -> n.inputs().forEach(in -> readers.merge(in, 1, Integer::sum)));
    List<String> order = new ArrayList<>();
    renamed.clear();
    for (AnnNode node : needed) {
      List<String> inputs = node.inputs().stream().map(in -> renamed.getOrDefault(in, in)).toList();
      AnnNode before = inputs.isEmpty() ? null : kept.get(inputs.getFirst());
      boolean alone = before != null && readers.get(node.inputs().getFirst()) == 1;
      if (alone && together(before, node) instanceof AnnNode one) {
        kept.put(before.name(), one);
        renamed.put(node.name(), before.name());
      } else {
        kept.put(node.name(), new AnnNode(node.name(), node.op(), inputs));
        order.add(node.name());
      }
    }
    return order.stream().map(kept::get).toList();
  }

  /** Those that the output depends on, the output last; the image always. */
  private static List<AnnNode> needed(List<AnnNode> nodes, String output) {
    Set<String> wanted = new HashSet<>(List.of(output, nodes.getFirst().name()));
    List<AnnNode> result = new ArrayList<>();
    for (AnnNode node : nodes.reversed()) {
      if (wanted.contains(node.name())) {
        wanted.addAll(node.inputs());
        result.add(node);
      }
    }
    return result.reversed();
  }

  /** Two layers as one, or null. */
  private static AnnNode together(AnnNode before, AnnNode node) {
    if (before.op() instanceof ZeroPadShortcut a && node.op() instanceof ZeroPadShortcut b) {
      return new AnnNode(
          before.name(),
          new ZeroPadShortcut(
              // Too much of anything is refused when the graph is made.
              Math.clamp((long) a.stride() * b.stride(), 1, Integer.MAX_VALUE),
              Math.clamp((long) a.channelsBefore() + b.channelsBefore(), 0, Integer.MAX_VALUE),
              Math.clamp((long) a.channelsAfter() + b.channelsAfter(), 0, Integer.MAX_VALUE)),
          before.inputs());
    }
    return biased(before, node);
  }

  /** A layer without bias and the constant that is added to it as one, or null. */
  private static AnnNode biased(AnnNode before, AnnNode node) {
    if (before.op() instanceof Weighted w
        && w.bias() == null
        && node.op() instanceof BatchNorm bn
        && bn.eps() == 0
        && all(bn.gamma(), 1)
        && all(bn.mean(), 0)
        && all(bn.var(), 1)) {
      return new AnnNode(before.name(), w.with(w.weight(), bn.beta()), before.inputs());
    }
    return null;
  }

  private static boolean all(Tensor t, float value) {
    for (float v : t.data()) {
      if (v != value) {
        return false;
      }
    }
    return true;
  }
}
