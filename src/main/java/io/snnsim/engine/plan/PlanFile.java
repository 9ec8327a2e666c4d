// SPDX-License-Identifier: Apache-2.0
package io.snnsim.engine.plan;

import io.snnsim.error.SnnsimException;
import io.snnsim.json.JsonText;
import io.snnsim.json.JsonValue;
import io.snnsim.network.Network;
import io.snnsim.network.Population;
import java.util.Arrays;
import java.util.List;

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
    return JsonText.object(
        out -> {
          out.writeNumberField("schemaVersion", SCHEMA_VERSION);
          out.writeNumberField("blockSteps", plan.blockSteps());
          out.writeArrayFieldStart("populations");
          for (int p = 0; p < plan.methods().size(); p++) {
            out.writeStartObject();
            out.writeStringField("name", network.populations().get(p).name());
            out.writeStringField("method", plan.methods().get(p).word());
            if (!Double.isNaN(rates[p])) {
              out.writeNumberField("firingRate", Math.rint(rates[p] * 1e5) / 1e5);
            }
            out.writeEndObject();
          }
          out.writeEndArray();
        });
  }

  /**
   * The plan for the vectors of this JVM: a model file's was made for those of {@link
   * CostModel#DEFAULT}, others make theirs from its firing rates.
   */
  public Plan onThisJvm(Network network) {
    CostModel costs = CostModel.ofThisJvm();
    return costs.laneBits() == CostModel.DEFAULT.laneBits()
        ? plan
        : Planner.plan(
            network,
            Arrays.stream(rates).map(r -> Double.isNaN(r) ? Planner.USUAL_RATE : r).toArray(),
            costs);
  }

  /**
   * Reads a plan for {@code network}.
   *
   * @param from its name in messages
   * @throws SnnsimException (bad data) naming what does not fit
   */
  public static PlanFile parse(byte[] text, Network network, String from) {
    JsonValue root = JsonValue.parse(text, from, "a plan");
    if (root.get("schemaVersion").asInt(0) != SCHEMA_VERSION) {
      throw SnnsimException.badData(
          from + ": schemaVersion is not " + SCHEMA_VERSION + ", expected a plan of this version");
    }
    int blockSteps = root.get("blockSteps").asInt(0);
    if (blockSteps < 1 || blockSteps > Plan.MOST_BLOCK_STEPS) {
      throw SnnsimException.badData(
          from
              + ": blockSteps is "
              + root.get("blockSteps")
              + ", expected 1.."
              + Plan.MOST_BLOCK_STEPS);
    }
    List<Population> populations = network.populations();
    List<JsonValue> list = root.get("populations").items();
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
    UpdateMethod[] methods = new UpdateMethod[populations.size()];
    double[] rates = new double[methods.length];
    for (int p = 0; p < methods.length; p++) {
      JsonValue n = list.get(p);
      String name = populations.get(p).name();
      if (!name.equals(n.get("name").asText())) {
        throw SnnsimException.badData(
            from + ": population " + p + " is " + n.get("name") + ", expected " + name);
      }
      methods[p] =
          switch (n.get("method").asText()) {
            case "events" -> UpdateMethod.EVENTS;
            case "lookup" -> UpdateMethod.LOOKUP;
            case "adaptive" -> UpdateMethod.ADAPTIVE;
            case "patterns" -> UpdateMethod.PATTERNS;
            default ->
                throw SnnsimException.badData(
                    from
                        + ": method of "
                        + name
                        + " is "
                        + n.get("method")
                        + ", expected events, lookup, adaptive or patterns");
          };
      rates[p] = n.get("firingRate").asDouble();
    }
    return new PlanFile(
        Planner.check(network, new Plan(Arrays.asList(methods), blockSteps)), rates);
  }
}
