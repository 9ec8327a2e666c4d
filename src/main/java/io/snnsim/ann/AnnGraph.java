// SPDX-License-Identifier: Apache-2.0
package io.snnsim.ann;

import io.snnsim.ann.op.Input;
import io.snnsim.ann.op.OpRules;
import io.snnsim.ann.op.Tensor;
import io.snnsim.error.SnnsimException;
import io.snnsim.geometry.MapShape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * An imported feed-forward network: nodes in topological order with one input and one output, all
 * shapes inferred and checked. Immutable, safe to share between threads.
 *
 * <p>The last node is the output (the logits).
 */
public final class AnnGraph {
  private final String name;
  private final List<AnnNode> nodes;
  private final Map<String, Integer> index = new HashMap<>();
  private final MapShape[] shapes;

  /**
   * Checks and keeps the nodes.
   *
   * @throws SnnsimException (bad data) naming the node whose inputs or shapes do not fit
   */
  public AnnGraph(String name, List<AnnNode> nodes) {
    this.name = name;
    this.nodes = List.copyOf(nodes);
    this.shapes = new MapShape[nodes.size()];
    if (nodes.isEmpty() || !(nodes.getFirst().op() instanceof Input)) {
      throw SnnsimException.badData("graph " + name + ": the first node must be the Input");
    }
    Set<String> used = new HashSet<>();
    for (int i = 0; i < nodes.size(); i++) {
      AnnNode node = nodes.get(i);
      if (i > 0 && node.op() instanceof Input) {
        throw fault(node, "a second Input; expected exactly one");
      }
      List<MapShape> in = new ArrayList<>();
      for (String input : node.inputs()) {
        Integer k = index.get(input);
        if (k == null) {
          throw fault(node, "input '" + input + "' is no earlier node");
        }
        used.add(input);
        in.add(shapes[k]);
      }
      if (index.put(node.name(), i) != null) {
        throw fault(node, "the name is used twice");
      }
      shapes[i] = shape(node, in);
    }
    for (AnnNode node : nodes.subList(0, nodes.size() - 1)) {
      if (!used.contains(node.name())) {
        throw fault(
            node, "its output is used by no node, and only the last node may be the output");
      }
    }
  }

  /** Name of the network. */
  public String name() {
    return name;
  }

  /** Nodes in topological order; the first is the input, the last the output. */
  public List<AnnNode> nodes() {
    return nodes;
  }

  /** Position of the named node. */
  public int indexOf(String node) {
    Integer i = index.get(node);
    if (i == null) {
      throw new IllegalArgumentException("no node named " + node);
    }
    return i;
  }

  /** The named node. */
  public AnnNode node(String node) {
    return nodes.get(indexOf(node));
  }

  /** Output shape of node {@code i}. */
  public MapShape shape(int i) {
    return shapes[i];
  }

  /** Shape of the image. */
  public MapShape inputShape() {
    return shapes[0];
  }

  /** Shape of the output, classes x 1 x 1 for a classifier. */
  public MapShape outputShape() {
    return shapes[shapes.length - 1];
  }

  /** For every node the positions of the nodes that read it. */
  public List<List<Integer>> consumers() {
    List<List<Integer>> result = new ArrayList<>();
    for (int i = 0; i < nodes.size(); i++) {
      result.add(new ArrayList<>());
    }
    for (int i = 0; i < nodes.size(); i++) {
      for (String in : nodes.get(i).inputs()) {
        result.get(indexOf(in)).add(i);
      }
    }
    return result;
  }

  /** Multiply-adds of an image, of operators that have weights; padding counts as input. */
  public long macs() {
    long n = 0;
    for (int i = 0; i < nodes.size(); i++) {
      n += nodes.get(i).op().macs(shapes[i]);
    }
    return n;
  }

  /** Every parameter by its canonical name, {@code node.weight}, {@code node.bias} and so on. */
  public Map<String, Tensor> parameters() {
    Map<String, Tensor> result = new LinkedHashMap<>();
    for (AnnNode node : nodes) {
      node.op().parameters().forEach((last, t) -> result.put(node.name() + "." + last, t));
    }
    return result;
  }

  private MapShape shape(AnnNode node, List<MapShape> in) {
    try {
      MapShape shape = node.op().shape(in);
      OpRules.requireSize(shape);
      return shape;
    } catch (SnnsimException e) {
      throw fault(node, e.getMessage());
    }
  }

  private SnnsimException fault(AnnNode node, String what) {
    return SnnsimException.badData("graph " + name + ", node " + node.name() + ": " + what);
  }
}
