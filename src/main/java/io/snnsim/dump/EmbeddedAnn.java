// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.snnsim.ann.AnnGraph;
import io.snnsim.ann.op.Tensor;
import io.snnsim.dump.file.Text;
import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The folded ANN as a model file carries it: the JSON graph with a list of its tensors' names and
 * shapes, and their float32 values one after the other. Immutable; bytes are not copied.
 */
public record EmbeddedAnn(byte[] graph, byte[] tensors) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Encodes a network. */
  public static EmbeddedAnn encode(AnnGraph graph) {
    try {
      ObjectNode root = (ObjectNode) JSON.readTree(GraphJson.write(graph));
      ArrayNode list = root.putArray("tensors");
      int bytes = 0;
      for (Map.Entry<String, Tensor> e : graph.parameters().entrySet()) {
        ObjectNode t = list.addObject();
        t.put("name", e.getKey());
        ArrayNode shape = t.putArray("shape");
        for (int d : e.getValue().shape()) {
          shape.add(d);
        }
        bytes = Math.addExact(bytes, Math.multiplyExact(e.getValue().size(), 4));
      }
      ByteBuffer values = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
      for (Tensor t : graph.parameters().values()) {
        for (float v : t.data()) {
          values.putFloat(v);
        }
      }
      return new EmbeddedAnn(
          root.toPrettyString().getBytes(StandardCharsets.UTF_8), values.array());
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Decodes the network.
   *
   * @param where the model file, for messages
   * @throws SnnsimException (bad data) if graph and tensors do not fit each other
   */
  public AnnGraph decode(String where) {
    String text = new String(graph, StandardCharsets.UTF_8);
    try {
      ByteBuffer values = ByteBuffer.wrap(tensors).order(ByteOrder.LITTLE_ENDIAN);
      Map<String, Tensor> named = new LinkedHashMap<>();
      if (!(JSON.readTree(text) instanceof ObjectNode root)
          || !(root.remove("tensors") instanceof ArrayNode list)) {
        throw SnnsimException.badData(
            where + "[ann.graph]: found no list of tensors, expected one; convert the dump again");
      }
      for (JsonNode t : list) {
        int[] shape = new int[t.path("shape").size()];
        long size = 1;
        for (int d = 0; size >= 0 && size <= values.remaining() / 4 && d < shape.length; d++) {
          shape[d] = t.path("shape").get(d).asInt(-1);
          size = shape[d] < 0 ? -1 : size * shape[d];
        }
        if (size < 0 || size > values.remaining() / 4) {
          throw SnnsimException.badData(
              where
                  + "[ann.tensors]: found tensor "
                  + Text.oneLine(t.path("name").toString())
                  + " of shape "
                  + Text.oneLine(t.path("shape").toString())
                  + ", expected no more values than the section has left");
        }
        float[] data = new float[(int) size];
        values.asFloatBuffer().get(data);
        values.position(values.position() + data.length * 4);
        String name = t.path("name").asText();
        if (named.put(name, new Tensor(shape, data)) != null) {
          throw SnnsimException.badData(
              where + "[ann.tensors]: found two tensors " + Text.oneLine(name) + ", expected one");
        }
      }
      if (values.hasRemaining()) {
        throw SnnsimException.badData(
            where + "[ann.tensors]: found " + values.remaining() + " bytes that no tensor claims");
      }
      return GraphJson.read(root.toString(), where + "[ann.graph]", where + "[ann.tensors]", named);
    } catch (JsonProcessingException e) {
      throw new SnnsimException(
          Category.BAD_DATA,
          where + "[ann.graph]: not JSON: " + Text.oneLine(e.getOriginalMessage()),
          e);
    }
  }
}
