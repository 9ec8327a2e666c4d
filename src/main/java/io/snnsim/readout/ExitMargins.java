// SPDX-License-Identifier: Apache-2.0
package io.snnsim.readout;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.snnsim.error.SnnsimException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * From which margin after each step on an answer is safe, as measured on calibration images; and
 * its JSON, which model files keep. Immutable; arrays are not copied.
 *
 * <pre>
 * {"schemaVersion": 1, "readout": "membrane", "images": 500, "heldBack": true,
 *  "marginError": [0.41, 0.2, ..., 0], "synapticOps": [1.1E7, 2.0E7, ...]}
 * </pre>
 *
 * @param readout whose scores these are margins of
 * @param images calibration images that were run
 * @param heldBack nothing was fitted to these images
 * @param marginError [steps] margin after step t, divided by t, at which the margin expected after
 *     the last step is one standard error of that expectation; spikes a step. {@link
 *     Double#MAX_VALUE} where scores do not tell the final ones
 * @param synapticOps [steps] synaptic operations of an image up to and with step t, mean
 */
public record ExitMargins(
    Readout readout, int images, boolean heldBack, double[] marginError, double[] synapticOps) {
  private static final int SCHEMA_VERSION = 1;

  /** Steps that were run. */
  public int steps() {
    return marginError.length;
  }

  /** The JSON text. */
  public byte[] toJson() {
    ObjectNode root = new ObjectMapper().createObjectNode();
    root.put("schemaVersion", SCHEMA_VERSION);
    root.put("readout", readout.label());
    root.put("images", images);
    root.put("heldBack", heldBack);
    put(root.putArray("marginError"), marginError);
    put(root.putArray("synapticOps"), synapticOps);
    return (root.toPrettyString() + "\n").getBytes(StandardCharsets.UTF_8);
  }

  private static void put(ArrayNode array, double[] values) {
    for (double v : values) {
      array.add(v);
    }
  }

  /**
   * Reads the JSON text.
   *
   * @param from its name in messages
   * @throws SnnsimException (bad data) naming what does not fit
   */
  public static ExitMargins parse(byte[] text, String from) {
    JsonNode root;
    try {
      root = new ObjectMapper().readTree(text);
    } catch (JacksonException e) {
      throw SnnsimException.badData(
          from + ": not JSON at line " + e.getLocation().getLineNr() + ", expected margins");
    } catch (IOException e) {
      throw SnnsimException.badData(from + ": " + e.getMessage());
    }
    if (root.path("schemaVersion").asInt() != SCHEMA_VERSION) {
      throw SnnsimException.badData(
          from
              + ": schemaVersion is "
              + root.path("schemaVersion")
              + ", expected "
              + SCHEMA_VERSION
              + "; convert the model again");
    }
    Readout readout = null;
    for (Readout r : Readout.values()) {
      readout = r.label().equals(root.path("readout").asText()) ? r : readout;
    }
    if (readout == null) {
      throw SnnsimException.badData(
          from + ": readout is " + root.path("readout") + ", expected the name of one");
    }
    double[] error = numbers(root, "marginError", from);
    double[] ops = numbers(root, "synapticOps", from);
    if (ops.length != error.length) {
      throw SnnsimException.badData(
          from + ": found " + ops.length + " synapticOps, expected " + error.length);
    }
    return new ExitMargins(
        readout, root.path("images").asInt(), root.path("heldBack").asBoolean(), error, ops);
  }

  private static double[] numbers(JsonNode root, String name, String from) {
    JsonNode list = root.path(name);
    double[] values = new double[list.size()];
    for (int t = 0; t < values.length; t++) {
      values[t] = list.get(t) != null && list.get(t).isNumber() ? list.get(t).asDouble() : -1;
      if (!(values[t] >= 0 && values[t] < Double.POSITIVE_INFINITY)) {
        throw SnnsimException.badData(
            from + ": " + name + "[" + t + "] is " + list.get(t) + ", expected a number >= 0");
      }
    }
    if (values.length == 0) {
      throw SnnsimException.badData(from + ": no " + name + ", expected one a step");
    }
    return values;
  }
}
