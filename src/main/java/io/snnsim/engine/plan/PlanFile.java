// SPDX-License-Identifier: Apache-2.0
package io.snnsim.engine.plan;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.snnsim.error.SnnsimException;
import io.snnsim.network.Network;
import io.snnsim.network.Population;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * A plan with the firing rates it rests on, as JSON: what model files keep as a hint, {@code
 * --plan} reads and {@code bench --tune} writes. Immutable.
 *
 * <pre>
 * {"schemaVersion": 1, "blockSteps": 4,
 *  "populations": [{"name": "relu1", "method": "lookup", "firingRate": 0.13}, ...]}
 * </pre>
 *
 * @param rates spikes per neuron and step, one a population; NaN where unknown
 */
public record PlanFile(Plan plan, double[] rates) {
  private static final int SCHEMA_VERSION = 1;

  /** The JSON text. */
  public byte[] toJson(Network network) {
    ObjectMapper json = new ObjectMapper();
    ObjectNode root = json.createObjectNode();
    root.put("schemaVersion", SCHEMA_VERSION);
    root.put("blockSteps", plan.blockSteps());
    var populations = root.putArray("populations");
    for (int p = 0; p < plan.methods().size(); p++) {
      ObjectNode n = populations.addObject();
      n.put("name", network.populations().get(p).name());
      n.put("method", plan.methods().get(p).name().toLowerCase(Locale.ROOT));
      if (!Double.isNaN(rates[p])) {
        n.put("firingRate", Math.rint(rates[p] * 1e5) / 1e5);
      }
    }
    return (root.toPrettyString() + "\n").getBytes(StandardCharsets.UTF_8);
  }

  /**
   * Reads a plan for {@code network}.
   *
   * @param from its name in messages
   * @throws SnnsimException (bad data) naming what does not fit
   */
  public static PlanFile parse(byte[] text, Network network, String from) {
    JsonNode root;
    try {
      root = new ObjectMapper().readTree(text);
    } catch (JacksonException e) {
      throw SnnsimException.badData(
          from + ": not JSON at line " + e.getLocation().getLineNr() + ", expected a plan");
    } catch (IOException e) {
      throw SnnsimException.badData(from + ": " + e.getMessage());
    }
    if (root == null || root.path("schemaVersion").asInt() != SCHEMA_VERSION) {
      throw SnnsimException.badData(
          from + ": schemaVersion is not " + SCHEMA_VERSION + ", expected a plan of this version");
    }
    int blockSteps = root.path("blockSteps").asInt();
    if (blockSteps < 1 || blockSteps > Plan.MOST_BLOCK_STEPS) {
      throw SnnsimException.badData(
          from
              + ": blockSteps is "
              + root.path("blockSteps")
              + ", expected 1.."
              + Plan.MOST_BLOCK_STEPS);
    }
    List<Population> populations = network.populations();
    JsonNode list = root.path("populations");
    if (list.size() != populations.size()) {
      throw SnnsimException.badData(
          from
              + ": found "
              + list.size()
              + " populations, expected the "
              + populations.size()
              + " of "
              + network.name());
    }
    Plan.Method[] methods = new Plan.Method[populations.size()];
    double[] rates = new double[methods.length];
    for (int p = 0; p < methods.length; p++) {
      JsonNode n = list.get(p);
      String name = populations.get(p).name();
      if (!name.equals(n.path("name").asText())) {
        throw SnnsimException.badData(
            from + ": population " + p + " is " + n.path("name") + ", expected " + name);
      }
      methods[p] =
          switch (n.path("method").asText()) {
            case "events" -> Plan.Method.EVENTS;
            case "lookup" -> Plan.Method.LOOKUP;
            case "adaptive" -> Plan.Method.ADAPTIVE;
            default ->
                throw SnnsimException.badData(
                    from
                        + ": method of "
                        + name
                        + " is "
                        + n.path("method")
                        + ", expected events, lookup or adaptive");
          };
      rates[p] = n.path("firingRate").isNumber() ? n.path("firingRate").asDouble() : Double.NaN;
    }
    return new PlanFile(
        Planner.check(network, new Plan(Arrays.asList(methods), blockSteps)), rates);
  }
}
