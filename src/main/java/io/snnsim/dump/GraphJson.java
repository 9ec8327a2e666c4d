// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.snnsim.ann.AnnGraph;
import io.snnsim.ann.AnnNode;
import io.snnsim.ann.AnnOp;
import io.snnsim.ann.Tensor;
import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import io.snnsim.geometry.MapShape;
import io.snnsim.geometry.Window;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Reads and writes the JSON graph description of docs/schema/graph.md, whose parameters are named
 * tensors elsewhere. Stateless and thread-safe.
 */
public final class GraphJson {
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  /** Far more than any graph has, and little enough to keep in memory. */
  private static final long MOST_BYTES = 64 << 20;

  private static final List<String> OPS =
      List.of(
          "conv2d",
          "linear",
          "batchnorm",
          "relu",
          "avgpool",
          "maxpool",
          "globalavgpool",
          "flatten",
          "add",
          "identity",
          "zeropad-shortcut");

  private GraphJson() {}

  /**
   * Reads a graph file over the tensors of a dump.
   *
   * @throws SnnsimException (input missing) if the file is not there; (bad data) if it is no graph,
   *     or graph and tensors do not fit each other: tensors that no node uses are refused too
   */
  public static AnnGraph read(Path file, WeightDump dump) {
    NpzFile.requireFile(file);
    try {
      if (Files.size(file) > MOST_BYTES) {
        throw SnnsimException.badData(
            file + ": found " + Files.size(file) + " bytes, expected a graph of less than 64 MiB");
      }
      return read(Files.readString(file), file.toString(), dump.file().toString(), dump.tensors());
    } catch (CharacterCodingException e) {
      throw new SnnsimException(
          Category.BAD_DATA,
          file + ": " + ForeignFile.found(file) + ", expected a JSON graph in UTF-8",
          e);
    } catch (IOException e) {
      throw new SnnsimException(Category.IO, file + ": cannot be read: " + e.getMessage(), e);
    }
  }

  /**
   * Reads a graph description.
   *
   * @param where file of the graph, for messages
   * @param source file of the tensors, for messages
   */
  static AnnGraph read(String json, String where, String source, Map<String, Tensor> tensors) {
    JsonNode root;
    try {
      root = JSON.readTree(json);
    } catch (JsonProcessingException e) {
      throw new SnnsimException(
          Category.BAD_DATA,
          where
              + ": not JSON: "
              + Text.oneLine(e.getOriginalMessage())
              + (e.getLocation() == null ? "" : " (line " + e.getLocation().getLineNr() + ")")
              + ", expected the graph of docs/schema/graph.md",
          e);
    }
    return new Reader(where, source, tensors).graph(root);
  }

  private static final class Reader {
    private final String where;
    private final String source;
    private final Map<String, Tensor> tensors;
    private final Set<String> used = new HashSet<>();
    private final Set<String> all = new HashSet<>();
    private final Set<String> known = new LinkedHashSet<>();
    private String at;

    Reader(String where, String source, Map<String, Tensor> tensors) {
      this.where = where;
      this.source = source;
      this.tensors = tensors;
      this.at = where;
    }

    AnnGraph graph(JsonNode root) {
      if (!root.isObject()) {
        throw bad(
            "found " + kind(root) + ", expected an object with schemaVersion, input and nodes");
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
      nodes.add(AnnNode.of("input", new AnnOp.Input(in)));
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
      if (!OPS.contains(op)) {
        throw bad("found op '" + Text.oneLine(op) + "', expected " + String.join(", ", OPS));
      }
      List<String> inputs = n.has("inputs") ? inputs(n) : List.of(previous);
      AnnOp parsed = op(n, op, name);
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

    private AnnOp op(JsonNode n, String op, String name) {
      return switch (op) {
        case "conv2d" -> {
          fields(n, "stride", "padding", "dilation", "groups", "weight", "bias");
          Tensor w = tensor(n, "weight", name + ".weight", true);
          if (w.rank() != 4) {
            throw bad(
                "weight has shape "
                    + Arrays.toString(w.shape())
                    + ", expected [out channels, in channels / groups, height, width]");
          }
          yield new AnnOp.Conv2d(
              w,
              tensor(n, "bias", name + ".bias", false),
              window(n, w.shape()[2], w.shape()[3]),
              integer(n, "groups", 1));
        }
        case "linear" -> {
          fields(n, "weight", "bias");
          yield new AnnOp.Linear(
              tensor(n, "weight", name + ".weight", true),
              tensor(n, "bias", name + ".bias", false));
        }
        case "batchnorm" -> {
          fields(n, "eps", "weight", "bias", "mean", "var");
          yield new AnnOp.BatchNorm(
              tensor(n, "weight", name + ".weight", true),
              tensor(n, "bias", name + ".bias", true),
              tensor(n, "mean", name + ".running_mean", true),
              tensor(n, "var", name + ".running_var", true),
              number(n, "eps", 1e-5));
        }
        case "avgpool" -> new AnnOp.AvgPool(pool(n));
        case "maxpool" -> new AnnOp.MaxPool(pool(n));
        case "zeropad-shortcut" -> {
          fields(n, "stride", "channelsBefore", "channelsAfter");
          yield new AnnOp.ZeroPadShortcut(
              integer(n, "stride", 1),
              integer(n, "channelsBefore", 0),
              integer(n, "channelsAfter", 0));
        }
        default -> {
          fields(n);
          yield switch (op) {
            case "relu" -> new AnnOp.Relu();
            case "globalavgpool" -> new AnnOp.GlobalAvgPool();
            case "flatten" -> new AnnOp.Flatten();
            case "add" -> new AnnOp.Add();
            case "identity" -> new AnnOp.Identity();
            default -> throw new IllegalStateException(op);
          };
        }
      };
    }

    private Window pool(JsonNode n) {
      fields(n, "kernel", "stride", "padding", "dilation");
      if (!n.has("kernel")) {
        throw bad("found no kernel, expected a number or [height, width]");
      }
      int[] k = pair(n, "kernel", 0);
      int[] s = n.has("stride") ? pair(n, "stride", 1) : k;
      int[] p = pair(n, "padding", 0);
      int[] d = pair(n, "dilation", 1);
      return new Window(k[0], k[1], s[0], s[1], p[0], p[1], d[0], d[1]);
    }

    private Window window(JsonNode n, int kh, int kw) {
      int[] s = pair(n, "stride", 1);
      int[] p = pair(n, "padding", 0);
      int[] d = pair(n, "dilation", 1);
      return new Window(kh, kw, s[0], s[1], p[0], p[1], d[0], d[1]);
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

    private float number(JsonNode n, String field, double fallback) {
      if (!n.has(field)) {
        return (float) fallback;
      }
      if (!n.path(field).isNumber()) {
        throw bad(field + ": found " + shown(n, field) + ", expected a number");
      }
      return (float) n.path(field).asDouble();
    }

    private String text(JsonNode n, String field) {
      JsonNode v = n.path(field);
      if (!v.isTextual() || v.asText().isEmpty()) {
        throw bad(field + ": found " + shown(n, field) + ", expected text");
      }
      return v.asText();
    }

    private int[] pair(JsonNode n, String field, int fallback) {
      JsonNode v = n.path(field);
      if (v.isMissingNode()) {
        return new int[] {fallback, fallback};
      }
      if (v.isInt()) {
        return new int[] {v.asInt(), v.asInt()};
      }
      if (v.isArray() && v.size() == 2 && v.get(0).isInt() && v.get(1).isInt()) {
        return new int[] {v.get(0).asInt(), v.get(1).asInt()};
      }
      throw bad(field + ": found " + shown(n, field) + ", expected an integer or [height, width]");
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

    private void fields(JsonNode n, String... allowed) {
      List<String> list = new ArrayList<>(List.of("name", "op", "inputs"));
      list.addAll(List.of(allowed));
      fields(n, list);
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
  }

  /** Describes a graph; its tensors are named as {@link AnnGraph#parameters()} names them. */
  public static String write(AnnGraph graph) {
    ObjectNode root = JSON.createObjectNode();
    root.put("schemaVersion", 1);
    root.put("name", graph.name());
    MapShape in = graph.inputShape();
    root.putArray("input").add(in.channels()).add(in.height()).add(in.width());
    ArrayNode nodes = root.putArray("nodes");
    for (AnnNode node : graph.nodes().subList(1, graph.nodes().size())) {
      ObjectNode n = nodes.addObject();
      n.put("name", node.name());
      n.put("op", op(node.op()));
      ArrayNode inputs = n.putArray("inputs");
      String first = graph.nodes().getFirst().name();
      node.inputs().forEach(i -> inputs.add(i.equals(first) ? "input" : i));
      switch (node.op()) {
        case AnnOp.Conv2d c -> {
          window(n, c.window(), false);
          n.put("groups", c.groups());
        }
        case AnnOp.AvgPool p -> window(n, p.window(), true);
        case AnnOp.MaxPool p -> window(n, p.window(), true);
        case AnnOp.BatchNorm b -> n.put("eps", b.eps());
        case AnnOp.ZeroPadShortcut z ->
            n.put("stride", z.stride())
                .put("channelsBefore", z.channelsBefore())
                .put("channelsAfter", z.channelsAfter());
        default -> {}
      }
    }
    return root.toPrettyString();
  }

  private static void window(ObjectNode n, Window w, boolean kernel) {
    if (kernel) {
      n.putArray("kernel").add(w.kernelH()).add(w.kernelW());
    }
    n.putArray("stride").add(w.strideH()).add(w.strideW());
    n.putArray("padding").add(w.padH()).add(w.padW());
    n.putArray("dilation").add(w.dilationH()).add(w.dilationW());
  }

  private static String op(AnnOp op) {
    return switch (op) {
      case AnnOp.Input o -> "input";
      case AnnOp.Conv2d o -> "conv2d";
      case AnnOp.BatchNorm o -> "batchnorm";
      case AnnOp.Linear o -> "linear";
      case AnnOp.Relu o -> "relu";
      case AnnOp.AvgPool o -> "avgpool";
      case AnnOp.GlobalAvgPool o -> "globalavgpool";
      case AnnOp.MaxPool o -> "maxpool";
      case AnnOp.Flatten o -> "flatten";
      case AnnOp.Add o -> "add";
      case AnnOp.ZeroPadShortcut o -> "zeropad-shortcut";
      case AnnOp.Identity o -> "identity";
    };
  }
}
