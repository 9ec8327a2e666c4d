// SPDX-License-Identifier: Apache-2.0
package io.snnsim.readout;

import io.snnsim.error.SnnsimException;
import io.snnsim.json.JsonText;
import io.snnsim.json.JsonValue;
import java.util.List;

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
    return JsonText.object(
        out -> {
          out.writeNumberField("schemaVersion", SCHEMA_VERSION);
          out.writeStringField("readout", readout.label());
          out.writeNumberField("images", images);
          out.writeBooleanField("heldBack", heldBack);
          out.writeFieldName("marginError");
          out.writeArray(marginError, 0, marginError.length);
          out.writeFieldName("synapticOps");
          out.writeArray(synapticOps, 0, synapticOps.length);
        });
  }

  /**
   * Reads the JSON text.
   *
   * @param from its name in messages
   * @throws SnnsimException (bad data) naming what does not fit
   */
  public static ExitMargins parse(byte[] text, String from) {
    JsonValue root = JsonValue.parse(text, from, "margins");
    if (root.get("schemaVersion").asInt(0) != SCHEMA_VERSION) {
      throw SnnsimException.badData(
          from
              + ": schemaVersion is "
              + root.get("schemaVersion")
              + ", expected "
              + SCHEMA_VERSION
              + "; convert the model again");
    }
    Readout readout = null;
    for (Readout r : Readout.values()) {
      readout = r.label().equals(root.get("readout").asText()) ? r : readout;
    }
    if (readout == null) {
      throw SnnsimException.badData(
          from + ": readout is " + root.get("readout") + ", expected the name of one");
    }
    double[] error = numbers(root, "marginError", from);
    double[] ops = numbers(root, "synapticOps", from);
    if (ops.length != error.length) {
      throw SnnsimException.badData(
          from + ": found " + ops.length + " synapticOps, expected " + error.length);
    }
    return new ExitMargins(
        readout, root.get("images").asInt(0), root.get("heldBack").isTrue(), error, ops);
  }

  private static double[] numbers(JsonValue root, String name, String from) {
    List<JsonValue> list = root.get(name).items();
    double[] values = new double[list.size()];
    for (int t = 0; t < values.length; t++) {
      values[t] = list.get(t).asDouble();
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
