// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump.nir;

import io.snnsim.ann.op.Add;
import io.snnsim.dump.layers.LayerGraph;
import io.snnsim.dump.layers.Value;
import io.snnsim.error.SnnsimException;
import io.snnsim.geometry.MapShape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads a graph of NIR (Pedersen et al., "Neuromorphic intermediate representation", 2024) as the
 * network of rates that its integrate-and-fire neurons settle at: min(max(0, r x / v_threshold), 1)
 * a step of length 1. Graphs within graphs are taken as if they stood there. Used once, by one
 * thread.
 */
public final class NirGraph {
  private final NirValues values;
  private final String file;
  private final LayerGraph layers;
  private boolean spikes;

  private NirGraph(NirValues values, String file) {
    this.values = values;
    this.file = file;
    layers = new LayerGraph(file);
  }

  /** True if a file with these datasets holds a NIR graph. */
  public static boolean isThere(Set<String> paths) {
    return paths.contains(NirLevel.ROOT + "edges") && paths.contains(NirLevel.ROOT + "type");
  }

  /**
   * Reads a graph.
   *
   * @param file for messages
   * @throws SnnsimException (bad data) naming node and field
   */
  public static LayerGraph read(NirValues values, String file) {
    NirGraph reading = new NirGraph(values, file);
    Value out = reading.graph(NirLevel.ROOT, "", null, 0);
    if (reading.spikes) {
      reading.layers.note(
          "integrate-and-fire neurons are taken as the rates that they settle at, a spike a step at"
              + " most and reset by subtraction; conversion chooses thresholds anew");
    }
    reading.layers.output(out);
    return reading.layers;
  }

  /**
   * Adds the nodes of a graph.
   *
   * @param outer what the graph reads; null of the whole, whose input is the image
   * @return its output
   */
  private Value graph(String prefix, String title, Value outer, int depth) {
    if (depth > NirLevel.DEEPEST) {
      throw bad(prefix, "found graphs nested deeper than " + NirLevel.DEEPEST);
    }
    NirLevel level = new NirLevel(values, file, prefix);
    List<String> names = level.names();
    Map<String, List<String>> sources = level.sources(names);
    Map<String, String> types = level.types(names);
    Map<String, Value> made = new LinkedHashMap<>();
    Value output = null;
    for (String name : order(level, names, sources)) {
      String at = level.at(name);
      String type = types.get(name);
      if (type.equals("Input")) {
        made.put(name, outer != null ? outer : layers.input(shape(at)));
        continue;
      }
      List<Value> in = new ArrayList<>();
      for (String source : sources.get(name)) {
        in.add(made.get(source));
      }
      if (in.isEmpty()) {
        throw bad(at, "found a node that reads nothing, expected an edge to it");
      }
      String called = title + name;
      Value x =
          in.size() == 1
              ? in.getFirst()
              : layers.add(called + ".sum", new Add(), in.toArray(Value[]::new));
      if (type.equals("Output")) {
        if (output != null) {
          throw bad(at, "found a second output, expected one");
        }
        output = x;
      } else if (type.equals(NirLevel.GRAPH)) {
        made.put(name, graph(at, called + ".", x, depth + 1));
      } else {
        NirNode node = new NirNode(layers, new NirFields(values, file, at), called);
        made.put(name, node.add(type, x));
        spikes |= type.equals("IF");
      }
    }
    if (output == null) {
      throw bad(prefix, "found no output, expected a node of type Output");
    }
    return output;
  }

  /** The nodes, each after what it reads. */
  private List<String> order(
      NirLevel level, List<String> names, Map<String, List<String>> sources) {
    Map<String, List<String>> readers = new LinkedHashMap<>();
    Map<String, Integer> waiting = new LinkedHashMap<>();
    List<String> ready = new ArrayList<>();
    names.forEach(n -> readers.put(n, new ArrayList<>()));
    sources.forEach(
        (name, from) -> {
          waiting.put(name, from.size());
          from.forEach(s -> readers.get(s).add(name));
          if (from.isEmpty()) {
            ready.add(name);
          }
        });
    for (int i = 0; i < ready.size(); i++) {
      for (String reader : readers.get(ready.get(i))) {
        if (waiting.merge(reader, -1, Integer::sum) == 0) {
          ready.add(reader);
        }
      }
    }
    if (ready.size() < names.size()) {
      String loop = names.stream().filter(n -> waiting.get(n) > 0).findFirst().orElseThrow();
      throw bad(
          level.prefix() + "nodes/" + loop,
          "found a node that reads what it makes, expected none: recurrent networks are not"
              + " converted; "
              + NirNode.AS_IT_IS);
    }
    return ready;
  }

  private MapShape shape(String at) {
    String path = at + "shape";
    long[] s = values.paths().contains(path) ? values.integers(path) : new long[0];
    for (long d : s) {
      if (d < 1 || d > 1 << 28) {
        throw bad(path, "found the size " + d + ", expected 1 or more");
      }
    }
    return switch (s.length) {
      case 1 -> new MapShape((int) s[0], 1, 1);
      case 2 -> new MapShape((int) s[0], 1, (int) s[1]);
      case 3 -> new MapShape((int) s[0], (int) s[1], (int) s[2]);
      default ->
          throw bad(
              path,
              "found "
                  + s.length
                  + " sizes, expected [values], [channels, length] or [channels,"
                  + " height, width]");
    };
  }

  private SnnsimException bad(String at, String what) {
    return NirLevel.bad(file, at, what);
  }
}
