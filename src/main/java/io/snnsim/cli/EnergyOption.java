// SPDX-License-Identifier: Apache-2.0
package io.snnsim.cli;

import io.snnsim.error.SnnsimException;
import io.snnsim.report.EnergyModel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import picocli.CommandLine.Option;

/** The option {@code --energy} and what it asks for. One thread. */
final class EnergyOption {
  private static final List<String> COSTS = List.of("synop", "update", "spike", "mac");

  @Option(
      names = "--energy",
      paramLabel = "MODEL",
      description =
          "Costs of operations (docs/guide/energy.md): 45nm, 45nm-int8, loihi, or your own in pJ,"
              + " such as synop=0.1,update=0.2,spike=1,mac=4.6 (synop must be given). May be"
              + " repeated. Default: the three by name.")
  private List<String> asked;

  /**
   * Refuses what is no model.
   *
   * @throws SnnsimException (usage)
   */
  void check() {
    models(false);
  }

  /**
   * The models asked for.
   *
   * @param wide whether potentials have 32 bits
   */
  List<EnergyModel> models(boolean wide) {
    List<EnergyModel> known = EnergyModel.known(wide);
    if (asked == null) {
      return known;
    }
    List<EnergyModel> models = new ArrayList<>();
    for (String text : asked) {
      models.add(
          known.stream()
              .filter(m -> m.name().equals(text))
              .findFirst()
              .orElseGet(() -> own(text, known)));
    }
    return models;
  }

  private static EnergyModel own(String text, List<EnergyModel> known) {
    Map<String, Double> costs = new LinkedHashMap<>();
    for (String part : text.split(",", -1)) {
      String[] pair = part.split("=", -1);
      Double pj = pair.length == 2 ? number(pair[1]) : null;
      if (pj == null || !COSTS.contains(pair[0]) || costs.put(pair[0], pj) != null) {
        throw refused(text, known);
      }
    }
    if (!costs.containsKey("synop")) {
      throw refused(text, known);
    }
    return new EnergyModel(
        text,
        "given by --energy",
        costs.get("synop"),
        costs.getOrDefault("update", 0.0),
        costs.getOrDefault("spike", 0.0),
        costs.get("mac"));
  }

  private static Double number(String text) {
    try {
      double x = Double.parseDouble(text);
      return x >= 0 && Double.isFinite(x) ? x : null;
    } catch (NumberFormatException e) {
      return null;
    }
  }

  private static SnnsimException refused(String text, List<EnergyModel> known) {
    return SnnsimException.usage(
        "--energy: found "
            + text
            + ", expected "
            + known.stream().map(EnergyModel::name).collect(Collectors.joining(", "))
            + ", or costs >= 0 in pJ once each: synop=X[,update=X][,spike=X][,mac=X]");
  }
}
