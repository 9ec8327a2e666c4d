// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump;

import com.fasterxml.jackson.databind.JsonNode;
import io.snnsim.ann.AnnGraph;
import io.snnsim.ann.AnnNode;
import io.snnsim.ann.op.AnnOp;
import io.snnsim.ann.op.Input;
import io.snnsim.ann.op.OpKind;
import io.snnsim.ann.op.OpReader;
import io.snnsim.ann.op.Tensor;
import io.snnsim.dump.file.Text;
import io.snnsim.error.SnnsimException;
import io.snnsim.geometry.MapShape;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Makes one graph of a JSON description and named tensors, and remembers which of them were used.
 * Used once, by one thread.
 */
final class GraphReader {
  private final String where;
  private final String source;
  private final Map<String, Tensor> tensors;
  private final Set<String> used = new HashSet<>();
  private final Set<String> all = new HashSet<>();
  private final Set<String> known = new LinkedHashSet<>();
  private String at;

  GraphReader(String where, String source, Map<String, Tensor> tensors) {
    this.where = where;
    this.source = source;
    this.tensors = tensors;
    this.at = where;
  }

  AnnGraph graph(JsonNode root) {
    if (!root.isObject()) {
      throw bad("found " + kind(root) + ", expected an object with schemaVersion, input and nodes");
    }
    fields(root, List.of("schemaVersion", "name", "input", "nodes"));
    if (integer(root, "schemaVersion", -1) != 1) {
      throw bad("found schemaVersion " + shown(root, "schemaVersion") + ", expected 1");
    }
    MapShape in = input(root);
    JsonNode list = root.path("nodes");
    if (!list.isArray() || list.isEmpty()) {
      throw bad("nodes: found " + shown(root, "nodes") + ", expected an array of nodes");
    }
    String name = root.has("name") ? text(root, "name") : "network";
    list.forEach(n -> all.add(n.path("name").asText("")));
    List<AnnNode> nodes = new ArrayList<>();
    nodes.add(AnnNode.of("input", new Input(in)));
    known.add("input");
    for (int i = 0; i < list.size(); i++) {
      at = where + ", node " + (i + 1);
      nodes.add(node(list.get(i), nodes.getLast().name()));
    }
    at = where;
    AnnGraph graph;
    try {
      graph = new AnnGraph(name, nodes);
    } catch (SnnsimException e) {
      throw new SnnsimException(e.category(), where + ": " + e.getMessage(), e);
    }
    // Last, since a tensor is often left over because a node names or reads the wrong one.
    List<String> extra = tensors.keySet().stream().filter(k -> !used.contains(k)).toList();
    if (!extra.isEmpty()) {
      throw bad(
          "found "
              + extra.size()
              + " tensors of "
              + source
              + " that no node uses ("
              + Text.some(extra, 3)
              + "), expected none; name them in a node or leave them out of the dump");
    }
    return graph;
  }

  private MapShape input(JsonNode root) {
    JsonNode in = root.path("input");
    if (!in.isArray() || in.size() != 3) {
      throw bad("input: found " + shown(root, "input") + ", expected [channels, height, width]");
    }
    for (JsonNode d : in) {
      if (!d.isInt() || d.asInt() < 1) {
        throw bad("input: found " + shown(root, "input") + ", expected three sizes >= 1");
      }
    }
    return new MapShape(in.get(0).asInt(), in.get(1).asInt(), in.get(2).asInt());
  }

  private AnnNode node(JsonNode n, String previous) {
    if (!n.isObject()) {
      throw bad("found " + kind(n) + ", expected an object with name and op");
    }
    String name = text(n, "name");
    at = where + ", node " + Text.oneLine(name);
    String op = text(n, "op");
    OpKind kind = AnnOp.kinds().stream().filter(k -> k.name().equals(op)).findFirst().orElse(null);
    if (kind == null) {
      String names = String.join(", ", AnnOp.kinds().stream().map(OpKind::name).toList());
      throw bad(
          "found op '"
              + Text.oneLine(op)
              + "', expected "
              + names
              + "; what is not among them has no spiking form here: retrain with ReLU in place of"
              + " other activations, leave a softmax or sigmoid at the end out");
    }
    List<String> inputs = n.has("inputs") ? inputs(n) : List.of(previous);
    List<String> allowed = new ArrayList<>(List.of("name", "op", "inputs"));
    allowed.addAll(kind.fields());
    fields(n, allowed);
    AnnOp parsed = kind.reader().apply(new Fields(n, name));
    if (!known.add(name)) {
      throw bad("found the name twice, expected names once each, and none 'input'");
    }
    return new AnnNode(name, parsed, inputs);
  }

  private List<String> inputs(JsonNode n) {
    JsonNode list = n.path("inputs");
    List<String> inputs = new ArrayList<>();
    if (!list.isArray()) {
      throw bad("inputs: found " + shown(n, "inputs") + ", expected an array of node names");
    }
    for (JsonNode i : list) {
      if (!i.isTextual()) {
        throw bad("inputs: found " + shown(n, "inputs") + ", expected an array of node names");
      }
      String input = i.asText();
      if (!known.contains(input)) {
        throw bad(
            all.contains(input)
                ? "reads "
                    + Text.oneLine(input)
                    + ", which is itself or comes later, expected earlier nodes only; list nodes"
                    + " in the order of computation, without a cycle"
                : "reads '"
                    + Text.oneLine(input)
                    + "', which is no node, expected one of "
                    + Text.some(known, 8));
      }
      inputs.add(input);
    }
    return inputs;
  }

  private int integer(JsonNode n, String field, int fallback) {
    if (!n.has(field)) {
      return fallback;
    }
    if (!n.path(field).isInt()) {
      throw bad(field + ": found " + shown(n, field) + ", expected an integer");
    }
    return n.path(field).asInt();
  }

  private String text(JsonNode n, String field) {
    JsonNode v = n.path(field);
    if (!v.isTextual() || v.asText().isEmpty()) {
      throw bad(field + ": found " + shown(n, field) + ", expected text");
    }
    return v.asText();
  }

  private Tensor tensor(JsonNode n, String field, String fallback, boolean required) {
    boolean none = n.path(field).isNull();
    String name = n.has(field) && !none ? text(n, field) : fallback;
    Tensor t = none ? null : tensors.get(name);
    if (t == null) {
      if (required || n.hasNonNull(field)) {
        throw bad(
            field
                + ": found no tensor "
                + Text.oneLine(name)
                + " in "
                + source
                + (none ? " (null is given), " : ", ")
                + "expected one; name it here or add it to the dump");
      }
      return null;
    }
    used.add(name);
    return t;
  }

  private void fields(JsonNode n, List<String> allowed) {
    n.fieldNames()
        .forEachRemaining(
            f -> {
              if (!allowed.contains(f)) {
                throw bad(
                    "found the field '"
                        + Text.oneLine(f)
                        + "', expected only "
                        + String.join(", ", allowed));
              }
            });
  }

  private static String kind(JsonNode n) {
    return n.isMissingNode() ? "nothing" : n.getNodeType().name().toLowerCase(Locale.ROOT);
  }

  private static String shown(JsonNode n, String field) {
    return n.has(field) ? Text.oneLine(n.path(field).toString()) : "nothing";
  }

  private SnnsimException bad(String what) {
    return SnnsimException.badData(at + ": " + what);
  }

  /** What a node says of its operator. */
  private final class Fields implements OpReader {
    private final JsonNode node;
    private final String name;

    Fields(JsonNode node, String name) {
      this.node = node;
      this.name = name;
    }

    @Override
    public boolean has(String field) {
      return node.has(field);
    }

    @Override
    public int integer(String field, int fallback) {
      return GraphReader.this.integer(node, field, fallback);
    }

    @Override
    public float number(String field, double fallback) {
      if (!node.has(field)) {
        return (float) fallback;
      }
      if (!node.path(field).isNumber()) {
        throw bad(field + ": found " + shown(node, field) + ", expected a number");
      }
      return (float) node.path(field).asDouble();
    }

    @Override
    public int[] pair(String field, int fallback) {
      JsonNode v = node.path(field);
      if (v.isMissingNode()) {
        return new int[] {fallback, fallback};
      }
      if (v.isInt()) {
        return new int[] {v.asInt(), v.asInt()};
      }
      if (v.isArray() && v.size() == 2 && v.get(0).isInt() && v.get(1).isInt()) {
        return new int[] {v.get(0).asInt(), v.get(1).asInt()};
      }
      throw bad(
          field + ": found " + shown(node, field) + ", expected an integer or [height, width]");
    }

    @Override
    public int[] paddings(String field) {
      JsonNode v = node.path(field);
      if (v.isArray() && v.size() == 4) {
        int[] all = new int[4];
        for (int i = 0; i < 4; i++) {
          if (!v.get(i).isInt()) {
            throw paddings(field, v);
          }
          all[i] = v.get(i).asInt();
        }
        return all;
      }
      if (v.isMissingNode() || v.isInt() || v.size() == 2) {
        int[] both = pair(field, 0);
        return new int[] {both[0], both[0], both[1], both[1]};
      }
      throw paddings(field, v);
    }

    private SnnsimException paddings(String field, JsonNode v) {
      return bad(
          field
              + ": found "
              + Text.oneLine(v.toString())
              + ", expected an integer, [height, width] or [top, bottom, left, right]");
    }

    @Override
    public Tensor tensorOrNone(String field, String usual) {
      if (node.path(field).isNull()) {
        return null;
      }
      try {
        return tensor(field, usual, true);
      } catch (SnnsimException e) {
        throw new SnnsimException(
            e.category(),
            e.getMessage() + ", or say \"" + field + "\": null if there is none (affine=False)",
            e);
      }
    }

    @Override
    public Tensor tensor(String field, String usual, boolean required) {
      return GraphReader.this.tensor(node, field, name + "." + usual, required);
    }

    @Override
    public SnnsimException bad(String what) {
      return GraphReader.this.bad(what);
    }
  }
}
