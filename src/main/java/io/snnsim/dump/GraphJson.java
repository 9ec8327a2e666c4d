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
import io.snnsim.ann.op.OpWriter;
import io.snnsim.ann.op.Tensor;
import io.snnsim.dump.file.Text;
import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import io.snnsim.geometry.MapShape;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
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

  private GraphJson() {}

  /**
   * All texts of a graph file: among them the names of its nodes and tensors. Empty if it is none,
   * which reading it says better.
   */
  static Set<String> texts(Path file) {
    Set<String> texts = new HashSet<>();
    try {
      if (Files.isRegularFile(file) && Files.size(file) <= MOST_BYTES) {
        collect(JSON.readTree(Files.readString(file)), texts);
      }
    } catch (IOException e) {
      texts.clear();
    }
    return texts;
  }

  private static void collect(JsonNode node, Set<String> texts) {
    if (node.isTextual()) {
      texts.add(node.asText());
    }
    node.forEach(n -> collect(n, texts));
  }

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
   * @throws SnnsimException (bad data) as {@link #read(Path, WeightDump)}
   */
  public static AnnGraph read(
      String json, String where, String source, Map<String, Tensor> tensors) {
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
    return new GraphReader(where, source, tensors).graph(root);
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
      n.put("op", node.op().label());
      ArrayNode inputs = n.putArray("inputs");
      String first = graph.nodes().getFirst().name();
      node.inputs().forEach(i -> inputs.add(i.equals(first) ? "input" : i));
      node.op().describe(new Written(n));
    }
    return root.toPrettyString();
  }

  /** An operator's description as fields of a node. */
  private record Written(ObjectNode node) implements OpWriter {
    @Override
    public OpWriter integer(String field, int value) {
      node.put(field, value);
      return this;
    }

    @Override
    public OpWriter number(String field, float value) {
      node.put(field, value);
      return this;
    }

    @Override
    public OpWriter pair(String field, int height, int width) {
      node.putArray(field).add(height).add(width);
      return this;
    }

    @Override
    public OpWriter paddings(String field, int top, int bottom, int left, int right) {
      node.putArray(field).add(top).add(bottom).add(left).add(right);
      return this;
    }
  }
}
