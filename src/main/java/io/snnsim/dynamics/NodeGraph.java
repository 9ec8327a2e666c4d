// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dynamics;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * Nodes and the edges between them, in circles too, with the shape of what each sends. Immutable.
 *
 * @param nodes in the order of the file
 * @param shapes of what each sends
 * @param input number of the node that is given the input
 * @param outputs numbers of the nodes that are its ends
 * @param dt seconds a step as the file says, 0 if it does not
 */
public record NodeGraph(
    List<Node> nodes, List<Dims> shapes, int input, List<Integer> outputs, double dt) {
  /**
   * One node.
   *
   * @param name once in a graph
   * @param sources numbers of the nodes that it reads, whose values are added in this order
   * @param readers numbers of the nodes that read it, in the order of the edges
   */
  public record Node(
      String name, Operation operation, List<Integer> sources, List<Integer> readers) {}

  /** A node that does not fit what it reads. */
  public interface Refusal {
    /** What to throw. */
    RuntimeException of(int node, Misfit why);
  }

  /**
   * Finds all shapes.
   *
   * @param given what the input is
   * @param refusal says where a node is that does not fit
   */
  public static NodeGraph of(
      List<Node> nodes, int input, Dims given, List<Integer> outputs, double dt, Refusal refusal) {
    int[] order = NodeOrder.depthFirst(nodes.stream().map(Node::readers).toList(), List.of(input));
    Dims[] shapes = new Dims[nodes.size()];
    shapes[input] = given;
    for (int n : order) {
      for (int s : nodes.get(n).sources()) {
        if (shapes[n] == null && shapes[s] != null) {
          shapes[n] = shape(nodes, n, shapes[s], refusal);
        }
      }
    }
    for (int n = 0; n < shapes.length; n++) {
      Node node = nodes.get(n);
      if (shapes[n] == null) {
        throw refusal.of(
            n, new Misfit("", "found a node that the input does not lead to, expected an edge"));
      }
      Dims first = node.sources().isEmpty() ? given : shapes[node.sources().getFirst()];
      for (int s : node.sources()) {
        if (shapes[s] == null) {
          continue; // Its own turn comes, and refuses it.
        }
        if (!shapes[s].alike(first)) {
          throw refusal.of(
              n,
              new Misfit(
                  "",
                  "found sources of the shapes "
                      + first
                      + " and "
                      + shapes[s]
                      + ", expected the same, which are added"));
        }
        shape(nodes, n, shapes[s], refusal);
      }
    }
    return new NodeGraph(List.copyOf(nodes), List.of(shapes), input, List.copyOf(outputs), dt);
  }

  private static Dims shape(List<Node> nodes, int n, Dims in, Refusal refusal) {
    try {
      return nodes.get(n).operation().shape(in);
    } catch (Misfit e) {
      throw refusal.of(n, e);
    }
  }

  /** Shape of what a node reads. */
  public Dims reads(int node) {
    List<Integer> sources = nodes.get(node).sources();
    return sources.isEmpty() ? shapes.get(node) : shapes.get(sources.getFirst());
  }

  /**
   * The order in which the nodes of a step are computed.
   *
   * @param late nodes that send what they read in steps before
   */
  int[] order(BitSet late) {
    return NodeOrder.of(this, late);
  }

  /** The nodes, ends of graphs left out, whose values are the outputs. */
  public List<Integer> results() {
    List<Integer> found = new ArrayList<>();
    List<Integer> open = new ArrayList<>(outputs);
    BitSet seen = new BitSet();
    for (int i = 0; i < open.size(); i++) {
      int n = open.get(i);
      if (!seen.get(n)) {
        seen.set(n);
        boolean end = nodes.get(n).operation() instanceof Operation.Relay;
        if (end && n != input) {
          open.addAll(nodes.get(n).sources());
        } else {
          found.add(n);
        }
      }
    }
    return found;
  }
}
