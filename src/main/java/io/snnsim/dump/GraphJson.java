package io.snnsim.dump;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.snnsim.ann.AnnGraph;
import io.snnsim.ann.AnnNode;
import io.snnsim.ann.AnnOp;
import io.snnsim.ann.MapShape;
import io.snnsim.ann.Tensor;
import io.snnsim.ann.Window;
import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads and writes the JSON graph description of docs/graph-json.md, whose parameters are named
 * tensors elsewhere. Stateless and thread-safe.
 */
public final class GraphJson {
  private static final ObjectMapper JSON = new ObjectMapper();

  private GraphJson() {}

  /** Reads a graph file over the tensors of a dump; tensors that no node uses are refused. */
  public static AnnGraph read(Path file, Map<String, Tensor> tensors) {
    NpzFile.requireFile(file);
    try {
      return read(Files.readString(file), file.toString(), tensors);
    } catch (IOException e) {
      throw new SnnsimException(
          Category.BAD_DATA, file + ": cannot be read as text: " + e.getMessage(), e);
    }
  }

  /** Reads a graph description. */
  public static AnnGraph read(String json, String where, Map<String, Tensor> tensors) {
    try {
      return new Reader(where, tensors).graph(JSON.readTree(json));
    } catch (JsonProcessingException e) {
      throw new SnnsimException(
          Category.BAD_DATA,
          where
              + ": not JSON: "
              + e.getOriginalMessage()
              + " (line "
              + (e.getLocation() == null ? "?" : e.getLocation().getLineNr())
              + ")",
          e);
    }
  }

  private static final class Reader {
    private final String where;
    private final Map<String, Tensor> tensors;
    private final Set<String> used = new HashSet<>();
    private String at;

    Reader(String where, Map<String, Tensor> tensors) {
      this.where = where;
      this.tensors = tensors;
      this.at = where;
    }

    AnnGraph graph(JsonNode root) {
      if (!root.isObject() || !root.path("nodes").isArray() || !root.path("input").isArray()) {
        throw bad("expected an object with schemaVersion, input and nodes");
      }
      if (root.path("schemaVersion").asInt(-1) != 1) {
        throw bad("found schemaVersion " + root.path("schemaVersion") + ", expected 1");
      }
      JsonNode in = root.path("input");
      if (in.size() != 3) {
        throw bad("input: found " + in + ", expected [channels, height, width]");
      }
      List<AnnNode> nodes = new ArrayList<>();
      nodes.add(
          AnnNode.of(
              "input",
              new AnnOp.Input(
                  new MapShape(in.get(0).asInt(), in.get(1).asInt(), in.get(2).asInt()))));
      for (JsonNode n : root.path("nodes")) {
        nodes.add(node(n, nodes.getLast().name()));
      }
      at = where;
      List<String> extra = tensors.keySet().stream().filter(k -> !used.contains(k)).toList();
      if (!extra.isEmpty()) {
        throw bad(
            extra.size()
                + " tensors that no node uses: "
                + String.join(", ", extra.subList(0, Math.min(3, extra.size())))
                + (extra.size() > 3 ? ", ..." : ""));
      }
      return new AnnGraph(root.path("name").asText("network"), nodes);
    }

    private AnnNode node(JsonNode n, String previous) {
      String name = n.path("name").asText("");
      at = where + ", node " + (name.isEmpty() ? n : name);
      if (name.isEmpty()) {
        throw bad("expected a name");
      }
      String op = n.path("op").asText("");
      List<String> inputs = new ArrayList<>();
      if (n.has("inputs")) {
        n.path("inputs").forEach(i -> inputs.add(i.asText()));
      } else {
        inputs.add(previous);
      }
      AnnOp parsed =
          switch (op) {
            case "conv2d" -> {
              fields(n, "stride", "padding", "dilation", "groups", "weight", "bias");
              Tensor w = tensor(n, "weight", name + ".weight", true);
              if (w.rank() != 4) {
                throw bad("weight has " + w.rank() + " dimensions, expected [oc, ic, kh, kw]");
              }
              yield new AnnOp.Conv2d(
                  w,
                  tensor(n, "bias", name + ".bias", false),
                  window(n, w.shape()[2], w.shape()[3], 1),
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
                  (float) n.path("eps").asDouble(1e-5));
            }
            case "relu" -> {
              fields(n);
              yield new AnnOp.Relu();
            }
            case "avgpool" -> new AnnOp.AvgPool(pool(n));
            case "maxpool" -> new AnnOp.MaxPool(pool(n));
            case "globalavgpool" -> {
              fields(n);
              yield new AnnOp.GlobalAvgPool();
            }
            case "flatten" -> {
              fields(n);
              yield new AnnOp.Flatten();
            }
            case "add" -> {
              fields(n);
              yield new AnnOp.Add();
            }
            case "identity" -> {
              fields(n);
              yield new AnnOp.Identity();
            }
            case "zeropad-shortcut" -> {
              fields(n, "stride", "channelsBefore", "channelsAfter");
              yield new AnnOp.ZeroPadShortcut(
                  integer(n, "stride", 1),
                  integer(n, "channelsBefore", 0),
                  integer(n, "channelsAfter", 0));
            }
            default ->
                throw bad(
                    "op '"
                        + op
                        + "', expected one of conv2d, linear, batchnorm, relu, avgpool, maxpool,"
                        + " globalavgpool, flatten, add, identity, zeropad-shortcut");
          };
      return new AnnNode(name, parsed, inputs);
    }

    private Window pool(JsonNode n) {
      fields(n, "kernel", "stride", "padding", "dilation");
      int[] k = pair(n, "kernel", -1);
      if (k[0] < 1) {
        throw bad("expected a kernel");
      }
      int[] s = n.has("stride") ? pair(n, "stride", 1) : k;
      int[] p = pair(n, "padding", 0);
      int[] d = pair(n, "dilation", 1);
      return new Window(k[0], k[1], s[0], s[1], p[0], p[1], d[0], d[1]);
    }

    private Window window(JsonNode n, int kh, int kw, int defaultStride) {
      int[] s = pair(n, "stride", defaultStride);
      int[] p = pair(n, "padding", 0);
      int[] d = pair(n, "dilation", 1);
      return new Window(kh, kw, s[0], s[1], p[0], p[1], d[0], d[1]);
    }

    private int integer(JsonNode n, String field, int fallback) {
      JsonNode v = n.path(field);
      if (v.isMissingNode()) {
        return fallback;
      }
      if (!v.isInt()) {
        throw bad(field + ": found " + v + ", expected an integer");
      }
      return v.asInt();
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
      throw bad(field + ": found " + v + ", expected an integer or [height, width]");
    }

    private Tensor tensor(JsonNode n, String field, String fallback, boolean required) {
      String name = n.path(field).asText(fallback);
      Tensor t = n.path(field).isNull() ? null : tensors.get(name);
      if (t == null) {
        if (required || n.hasNonNull(field)) {
          throw bad("tensor " + name + " is missing from the dump");
        }
        return null;
      }
      used.add(name);
      return t;
    }

    private void fields(JsonNode n, String... allowed) {
      List<String> known = new ArrayList<>(List.of("name", "op", "inputs"));
      known.addAll(List.of(allowed));
      n.fieldNames()
          .forEachRemaining(
              f -> {
                if (!known.contains(f)) {
                  throw bad("field '" + f + "' is unknown, expected " + String.join(", ", known));
                }
              });
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
