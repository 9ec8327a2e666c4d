// SPDX-License-Identifier: Apache-2.0
package io.snnsim.export;

import io.jhdf.HdfFile;
import io.jhdf.WritableHdfFile;
import io.jhdf.api.WritableGroup;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Owns a NIR file while it is written: nodes with their fields, and edges. Used by one thread; all
 * fields stay in memory until it is closed.
 */
final class NirFile implements AutoCloseable {
  /** The version of NIR whose fields these are. */
  private static final String VERSION = "1.0.4";

  private final WritableHdfFile file;
  private final WritableGroup graph;
  private final WritableGroup nodes;
  private final Set<String> names = new HashSet<>();
  private final List<String[]> edges = new ArrayList<>();

  NirFile(Path path, Map<String, Object> metadata) {
    file = HdfFile.write(path);
    file.putDataset("version", VERSION);
    graph = file.putGroup("node");
    graph.putDataset("type", "NIRGraph");
    put(graph, "metadata", metadata);
    nodes = graph.putGroup("nodes");
  }

  /**
   * Adds a node.
   *
   * @param wanted its name; another one like it if that is taken or cannot be a name there
   * @param fields numbers, texts and arrays of them, by their names in NIR
   * @param metadata what NIR has no fields for
   * @return its name
   */
  String node(
      String wanted, String type, Map<String, Object> fields, Map<String, Object> metadata) {
    String plain = wanted.replace('/', '.');
    String name = plain;
    for (int i = 2; !names.add(name); i++) {
      name = plain + "." + i;
    }
    WritableGroup node = nodes.putGroup(name);
    node.putDataset("type", type);
    fields.forEach(node::putDataset);
    put(node, "metadata", metadata);
    return name;
  }

  private static void put(WritableGroup to, String name, Map<String, Object> values) {
    if (!values.isEmpty()) {
      values.forEach(to.putGroup(name)::putDataset);
    }
  }

  /** Joins two nodes. */
  void edge(String from, String to) {
    edges.add(new String[] {from, to});
  }

  int nodes() {
    return names.size();
  }

  int edges() {
    return edges.size();
  }

  @Override
  public void close() {
    graph.putDataset("edges", edges.toArray(String[][]::new));
    file.close();
  }
}
