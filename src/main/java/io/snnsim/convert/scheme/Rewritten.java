// SPDX-License-Identifier: Apache-2.0
package io.snnsim.convert.scheme;

import io.snnsim.ann.AnnGraph;
import io.snnsim.ann.AnnNode;
import io.snnsim.ann.op.AnnOp;
import io.snnsim.ann.op.Conv2d;
import io.snnsim.ann.op.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A network under way from one form to another. Used once, by one thread. */
final class Rewritten {
  private final String name;
  private final Set<String> taken = new HashSet<>();
  private final Map<String, AnnNode> nodes = new LinkedHashMap<>();

  /**
   * Begins a network.
   *
   * @param from whose names new nodes do not take
   */
  Rewritten(AnnGraph from) {
    name = from.name();
    from.nodes().forEach(n -> taken.add(n.name()));
  }

  /** Adds a node that reads earlier ones; its name. */
  String put(String node, AnnOp op, String... inputs) {
    if (nodes.putIfAbsent(node, AnnNode.of(node, op, inputs)) != null) {
      throw new IllegalStateException("node " + node + " twice");
    }
    return node;
  }

  /** A name of its own for a node that stands for a part of {@code node}. */
  String unused(String node) {
    for (int k = 1; ; k++) {
      String candidate = node + ".part" + k;
      if (taken.add(candidate)) {
        return candidate;
      }
    }
  }

  AnnNode node(String node) {
    return nodes.get(node);
  }

  /** The network up to {@code output}, without what nothing reads. */
  AnnGraph finish(String output) {
    Set<String> read = new HashSet<>(Set.of(output));
    List<AnnNode> all = new ArrayList<>(nodes.values());
    List<AnnNode> kept = new ArrayList<>();
    for (int i = all.size() - 1; i >= 0; i--) {
      if (i == 0 || read.contains(all.get(i).name())) {
        read.addAll(all.get(i).inputs());
        kept.add(all.get(i));
      }
    }
    Collections.reverse(kept);
    return new AnnGraph(name, kept);
  }

  /** The same convolution with a weight, maybe 0, between every two channels. */
  static Conv2d ungrouped(Conv2d c) {
    if (c.groups() == 1) {
      return c;
    }
    int[] s = c.weight().shape();
    int taps = s[2] * s[3];
    int in = s[1] * c.groups();
    int outputs = s[0] / c.groups();
    float[] data = new float[Math.multiplyExact(Math.multiplyExact(s[0], in), taps)];
    for (int oc = 0; oc < s[0]; oc++) {
      int first = oc / outputs * s[1];
      System.arraycopy(
          c.weight().data(), oc * s[1] * taps, data, (oc * in + first) * taps, s[1] * taps);
    }
    return new Conv2d(Tensor.of(data, s[0], in, s[2], s[3]), c.bias(), c.window(), 1);
  }
}
