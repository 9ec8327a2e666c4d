// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump.nir;

import io.snnsim.ann.op.Tensor;
import io.snnsim.dynamics.Dims;
import io.snnsim.dynamics.Misfit;
import io.snnsim.dynamics.NodeGraph;
import io.snnsim.dynamics.Operation;
import io.snnsim.error.SnnsimException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads a graph of NIR as it is, to be simulated. Nodes of graphs within it are named after them,
 * with a dot between; the ends of such a graph stay as nodes that send what they read. Used once,
 * by one thread.
 */
public final class NirDynamics {
  /** Finding their order takes time by the square. */
  private static final int MOST_NODES = 1 << 14;

  private static final int LONGEST_NAME = 200;

  private final NirValues values;
  private final String file;
  private final List<String> names = new ArrayList<>();
  private final List<String> places = new ArrayList<>();
  private final List<Operation> operations = new ArrayList<>();
  private final List<List<Integer>> sources = new ArrayList<>();
  private final List<List<Integer>> readers = new ArrayList<>();
  private final Set<String> taken = new HashSet<>();

  private NirDynamics(NirValues values, String file) {
    this.values = values;
    this.file = file;
  }

  /**
   * A graph.
   *
   * @param refusal says where in the file a node is
   */
  public record Found(NodeGraph graph, NodeGraph.Refusal refusal) {}

  /** Numbers of the nodes where a graph begins and ends. */
  private record Ends(int input, List<Integer> outputs) {}

  /**
   * Reads a graph.
   *
   * @param file for messages
   * @throws SnnsimException (bad data) naming node and field
   */
  public static Found read(NirValues values, String file) {
    return new NirDynamics(values, file).whole();
  }

  private Found whole() {
    Ends ends = level(NirLevel.ROOT, "", 0);
    if (!sources.get(ends.input).isEmpty()) {
      throw bad(places.get(ends.input), "found an edge to the input, expected edges from it");
    }
    List<NodeGraph.Node> nodes = new ArrayList<>();
    for (int n = 0; n < names.size(); n++) {
      nodes.add(
          new NodeGraph.Node(
              names.get(n),
              operations.get(n),
              List.copyOf(sources.get(n)),
              List.copyOf(readers.get(n))));
    }
    List<String> at = List.copyOf(places);
    NodeGraph.Refusal refusal =
        (node, why) -> NirLevel.bad(file, at.get(node) + why.field(), why.getMessage());
    Dims given = shape(places.get(ends.input), refusal, ends.input);
    return new Found(NodeGraph.of(nodes, ends.input, given, ends.outputs, dt(), refusal), refusal);
  }

  private Ends level(String prefix, String title, int depth) {
    if (depth > NirLevel.DEEPEST) {
      throw bad(prefix, "found graphs nested deeper than " + NirLevel.DEEPEST);
    }
    NirLevel level = new NirLevel(values, file, prefix);
    List<String> here = level.names();
    List<String[]> edges = level.edges(here);
    Map<String, String> types = level.types(here);
    int input = 0;
    List<Integer> outputs = new ArrayList<>();
    Map<String, Ends> ends = new LinkedHashMap<>();
    for (String name : here) {
      String type = types.get(name);
      if (type.equals(NirLevel.GRAPH)) {
        Ends inner = level(level.at(name), title + name + ".", depth + 1);
        if (inner.outputs.size() != 1) {
          throw bad(
              level.at(name),
              "found "
                  + inner.outputs.size()
                  + " nodes of type Output in an inner graph, expected"
                  + " one");
        }
        ends.put(name, inner);
        continue;
      }
      int node = add(title + name, level.at(name), type);
      ends.put(name, new Ends(node, List.of(node)));
      if (type.equals("Input")) {
        input = node;
      } else if (type.equals("Output")) {
        outputs.add(node);
      }
    }
    if (outputs.isEmpty()) {
      throw bad(prefix, "found no output, expected a node of type Output");
    }
    for (String[] edge : edges) {
      int from = ends.get(edge[0]).outputs.getFirst();
      int to = ends.get(edge[1]).input;
      sources.get(to).add(from);
      readers.get(from).add(to);
    }
    return new Ends(input, outputs);
  }

  private int add(String name, String at, String type) {
    if (name.length() > LONGEST_NAME || name.chars().anyMatch(Character::isISOControl)) {
      throw bad(
          at,
          "found a name of "
              + name.length()
              + " characters, expected "
              + LONGEST_NAME
              + " printable ones at most");
    }
    if (!taken.add(name)) {
      throw bad(at, "found a second node called " + name + ", expected names once each");
    }
    if (names.size() == MOST_NODES) {
      throw bad(at, "found more than " + MOST_NODES + " nodes, expected fewer");
    }
    names.add(name);
    places.add(at);
    operations.add(operation(at, type));
    sources.add(new ArrayList<>());
    readers.add(new ArrayList<>());
    return names.size() - 1;
  }

  private Operation operation(String at, String type) {
    NirFields fields = new NirFields(values, file, at);
    try {
      return new NirOperation(fields).of(type);
    } catch (Misfit e) {
      throw fields.bad(e.field(), e.getMessage());
    }
  }

  private Dims shape(String at, NodeGraph.Refusal refusal, int node) {
    String path = at + "shape";
    long[] s = values.paths().contains(path) ? values.integers(path) : new long[0];
    if (s.length < 1 || s.length > 3) {
      throw bad(
          path,
          "found "
              + s.length
              + " sizes, expected [values], [channels, length] or [channels, height, width]");
    }
    try {
      return Dims.of(Arrays.stream(s).mapToInt(d -> Math.clamp(d, 0, Dims.MOST + 1)).toArray());
    } catch (Misfit e) {
      throw refusal.of(node, new Misfit("shape", e.getMessage()));
    }
  }

  /** Seconds a step, 0 if the file does not say. */
  private double dt() {
    NirFields graph = new NirFields(values, file, NirLevel.ROOT);
    if (!graph.has("metadata/dt")) {
      return 0;
    }
    Tensor dt = graph.numbers("metadata/dt");
    float first = dt.data()[0];
    if (dt.size() != 1 || !(first > 0)) {
      throw graph.bad("metadata/dt", "found " + first + ", expected seconds, one number above 0");
    }
    // The decimal number that was meant, which a float has not to the last bit of a double.
    return Double.parseDouble(Float.toString(first));
  }

  private SnnsimException bad(String at, String what) {
    return NirLevel.bad(file, at, what);
  }
}
