// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump.nir;

import io.snnsim.dump.file.Text;
import io.snnsim.error.SnnsimException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Names, kinds and edges of the nodes of one NIR graph, which may lie within another. Immutable;
 * used by one thread, while the file is open.
 *
 * @param file for messages
 * @param prefix where the graph lies
 */
record NirLevel(NirValues values, String file, String prefix) {
  static final String ROOT = "node/";
  static final String GRAPH = "NIRGraph";
  static final int DEEPEST = 16;
  private static final int MOST_NODES = 100_000;

  /** Where a node lies. */
  String at(String name) {
    return prefix + "nodes/" + name + "/";
  }

  /** Names of the nodes, in the order of the file. */
  List<String> names() {
    Set<String> names = new LinkedHashSet<>();
    String nodes = prefix + "nodes/";
    for (String path : values.paths().tailSet(nodes)) {
      if (!path.startsWith(nodes)) {
        break;
      }
      names.add(path.substring(nodes.length()).split("/", 2)[0]);
    }
    if (names.isEmpty() || names.size() > MOST_NODES) {
      throw bad(prefix, "found " + names.size() + " nodes, expected 1.." + MOST_NODES);
    }
    return List.copyOf(names);
  }

  /** Pairs of names, from and to. */
  List<String[]> edges(List<String> names) {
    String at = prefix + "edges";
    if (!values.paths().contains(at)) {
      throw bad(prefix, "found no edges, expected a dataset of pairs of names");
    }
    String[] ends = values.texts(at);
    if (ends.length % 2 != 0) {
      throw bad(at, "found " + ends.length + " names, expected pairs");
    }
    Set<String> known = Set.copyOf(names);
    List<String[]> edges = new ArrayList<>();
    for (int i = 0; i < ends.length; i += 2) {
      for (String end : List.of(ends[i], ends[i + 1])) {
        if (!known.contains(end)) {
          throw bad(
              at,
              "found an edge to or from '"
                  + Text.oneLine(end)
                  + "', which is no node of the graph");
        }
      }
      edges.add(new String[] {ends[i], ends[i + 1]});
    }
    return edges;
  }

  /** What each node reads, in the order of the edges. */
  Map<String, List<String>> sources(List<String> names) {
    Map<String, List<String>> sources = new LinkedHashMap<>();
    names.forEach(n -> sources.put(n, new ArrayList<>()));
    edges(names).forEach(e -> sources.get(e[1]).add(e[0]));
    return sources;
  }

  /**
   * What kind each node is.
   *
   * @throws SnnsimException (bad data) unless one of them is where the graph is given what it reads
   */
  Map<String, String> types(List<String> names) {
    Map<String, String> types = new LinkedHashMap<>();
    names.forEach(n -> types.put(n, type(n)));
    long inputs = types.values().stream().filter(t -> t.equals("Input")).count();
    if (inputs != 1) {
      throw bad(prefix, "found " + inputs + " nodes of type Input, expected one");
    }
    return types;
  }

  private String type(String name) {
    String path = at(name) + "type";
    String[] found = values.paths().contains(path) ? values.texts(path) : new String[0];
    if (found.length != 1) {
      throw bad(at(name), "found no type, expected the name of a kind of node");
    }
    return found[0];
  }

  SnnsimException bad(String at, String what) {
    return bad(file, at, what);
  }

  /** What is wrong at a path of a file. */
  static SnnsimException bad(String file, String at, String what) {
    return SnnsimException.badData(file + "[" + Text.oneLine(at) + "]: " + what);
  }
}
