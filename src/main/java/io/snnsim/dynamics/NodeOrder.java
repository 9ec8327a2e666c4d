// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dynamics;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * Chooses the order of the nodes in a step, and so which edges of a circle carry what was sent one
 * step before: those that lead back in it. Stateless.
 *
 * <p>The order is depth first from the input, along each node's edges as the file has them, so that
 * an edge leads back if it returns to a node on the way to it. Then a node without memory whose
 * readers all come before it is moved before the first of them: so it is the spikes of neurons that
 * are a step late, and not what weights make of them, and a bias counts from the first step on.
 */
final class NodeOrder {
  private NodeOrder() {}

  static int[] of(NodeGraph graph, BitSet late) {
    // What a late node reads is of no matter for the order.
    List<List<Integer>> edges = new ArrayList<>();
    for (NodeGraph.Node node : graph.nodes()) {
      edges.add(node.readers().stream().filter(n -> !late.get(n)).toList());
    }
    List<Integer> roots = new ArrayList<>(List.of(graph.input()));
    late.stream().forEach(roots::add);
    int[] order = depthFirst(edges, roots);
    int[] places = new int[graph.nodes().size()];
    for (int at = 0; at < order.length; at++) {
      places[order[at]] = at;
    }
    BitSet moved = new BitSet();
    for (int at = order.length - 1; at >= 0; ) {
      int n = order[at];
      Operation operation = graph.nodes().get(n).operation();
      boolean memory =
          operation instanceof Operation.Neuron || operation instanceof Operation.Delay;
      int to = memory || moved.get(n) ? at : place(graph.nodes().get(n), edges.get(n), places, at);
      if (to == at) {
        at--;
        continue;
      }
      moved.set(n);
      System.arraycopy(order, to, order, to + 1, at - to);
      order[to] = n;
      for (int i = to; i <= at; i++) {
        places[order[i]] = i;
      }
    }
    return order;
  }

  /** Before the first reader, if the node comes after all of them and so do its sources. */
  private static int place(NodeGraph.Node node, List<Integer> readers, int[] places, int at) {
    int first = at;
    for (int r : readers) {
      if (places[r] >= at) {
        return at;
      }
      first = Math.min(first, places[r]);
    }
    for (int s : node.sources()) {
      if (places[s] < first) {
        return at;
      }
    }
    return first;
  }

  /** Nodes that the roots lead to, each before its readers but for circles. */
  static int[] depthFirst(List<List<Integer>> readers, List<Integer> roots) {
    int n = readers.size();
    int[] next = new int[n];
    BitSet seen = new BitSet(n);
    int[] stack = new int[n];
    int[] ended = new int[n];
    int count = 0;
    for (int root : roots) {
      int depth = 0;
      if (!seen.get(root)) {
        seen.set(root);
        stack[depth++] = root;
      }
      while (depth > 0) {
        int node = stack[depth - 1];
        if (next[node] == readers.get(node).size()) {
          ended[count++] = node;
          depth--;
          continue;
        }
        int reader = readers.get(node).get(next[node]++);
        if (!seen.get(reader)) {
          seen.set(reader);
          stack[depth++] = reader;
        }
      }
    }
    int[] order = new int[count];
    for (int i = 0; i < count; i++) {
      order[i] = ended[count - 1 - i];
    }
    return order;
  }
}
