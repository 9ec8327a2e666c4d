// SPDX-License-Identifier: Apache-2.0
package io.snnsim.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.snnsim.engine.Chosen;
import io.snnsim.engine.KernelChoice;
import io.snnsim.engine.plan.CostModel;
import io.snnsim.engine.plan.PlanFile;
import io.snnsim.engine.plan.Planner;
import io.snnsim.error.Shown;
import io.snnsim.network.Network;
import io.snnsim.readout.EarlyExit;
import io.snnsim.store.Mode;
import io.snnsim.store.ModelFile;
import io.snnsim.store.ModelStore;
import io.snnsim.study.ModelDescription;
import io.snnsim.study.PlanSource;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code snnsim info}. */
@Command(
    name = "info",
    description = "Shows what a model file holds and where it came from.",
    footer = {
      "%nExamples:",
      "  snnsim info resnet20.snn",
      "  snnsim info resnet20.snn --json | jq .provenance.report"
    })
final class InfoCommand extends SnnsimCommand {
  private static final List<String> ORIGIN =
      List.of("program", "source", "sourceSha256", "arch", "calibration", "calibrationSha256");

  private static final int MOST_ROWS = 16;

  /** Spikes; no margin is as large. */
  private static final double HUGE = 1e9;

  @Parameters(paramLabel = "MODEL", description = "Model file, .snn.")
  private Path model;

  @Option(names = "--json", description = "Print everything as JSON (docs/schema/info.md).")
  private boolean json;

  @Option(
      names = "--plan",
      description = "Print how it would run on this host: the method of every population.")
  private boolean plan;

  @Override
  public Integer call() {
    try (ModelFile file = ModelStore.open(model, Mode.RESIDENT)) {
      if (plan) {
        plan(file);
        return 0;
      }
      JsonNode all = ModelDescription.of(file);
      if (json) {
        out().println(all.toPrettyString());
      } else {
        text(all);
      }
    }
    return 0;
  }

  private void plan(ModelFile file) {
    PlanFile hint = PlanSource.read(file, null);
    Network n = file.network();
    double[] rates = new double[n.populations().size()];
    Arrays.fill(rates, Planner.USUAL_RATE);
    if (hint != null) {
      for (int p = 0; p < rates.length; p++) {
        rates[p] = Double.isNaN(hint.rates()[p]) ? Planner.USUAL_RATE : hint.rates()[p];
      }
    }
    Chosen chosen = Chosen.of(n, KernelChoice.AUTO, hint == null ? null : hint.onThisJvm(n));
    print(
        "kernel %s, blocks of %d steps, %s%n",
        chosen.kernels().name(),
        chosen.plan().blockSteps(),
        hint == null
            ? "planned now"
            : chosen.plan().equals(hint.plan())
                ? "as stored in the file"
                : "planned now from the firing rates stored in the file");
    print(
        "%-22s %-10s %7s %-8s %13s %13s %15s %9s%n",
        "population",
        "shape",
        "rate",
        "method",
        "events est us",
        "lookup est us",
        "patterns est us",
        "tables");
    for (int p = 0; p < rates.length; p++) {
      Planner.Estimate e = Planner.estimate(n, p, rates, CostModel.ofThisJvm());
      print(
          "%-22s %-10s %7.4f %-8s %13.2f %13.2f %15s %9d%n",
          n.populations().get(p).name(),
          n.populations().get(p).shape(),
          rates[p],
          chosen.plan().methods().get(p).word(),
          e.eventNanos() / 1e3,
          e.lookupNanos() / 1e3,
          Planner.canUsePatterns(n, p)
              ? String.format(Locale.ROOT, "%.2f", e.patternNanos() / 1e3)
              : "-",
          e.tableBytes());
    }
  }

  private void text(JsonNode all) {
    print(
        "%s: precision %s, %d neurons, input %s, %d bytes%n",
        all.path("name").asText(),
        all.path("precision").asText(),
        all.path("neurons").asLong(),
        times(all.path("input").path("shape")),
        all.path("bytes").asLong());
    int steps = all.path("stepsPerLayer").asInt();
    if (steps > 0) {
      print("K = %d steps per layer: it answers once an image, after step %d%n", steps, steps);
    }
    JsonNode memory = all.path("memory");
    if (memory.has("refused")) {
      print("to run it: refused; %s%n%n", memory.path("refused").asText());
    } else {
      print(
          "to run it (%s): %d bytes of lookup tables, and %d bytes of state a session%n%n",
          memory.path("kernel").asText(),
          memory.path("tableBytes").asLong(),
          memory.path("sessionBytes").asLong());
    }
    print(
        "%-18s %-10s %-9s %15s %3s  %s%n",
        "population", "shape", "neuron", "theta", "V", "input bound");
    for (JsonNode p : all.path("populations")) {
      print(
          "%-18s %-10s %-9s %7d..%-6d %3s  %d..%d%n",
          p.path("name").asText(),
          times(p.path("shape")),
          p.path("model").asText(),
          p.path("thetaMin").asInt(),
          p.path("thetaMax").asInt(),
          "i" + p.path("potentialBits").asInt(),
          p.path("boundLow").asLong(),
          p.path("boundHigh").asLong());
    }
    int name = longest("projection", all.path("projections"), "name");
    int end = longest("from", all.path("populations"), "name");
    String columns = "%-" + name + "s %-" + end + "s %2s %-" + end + "s %-11s %6s %9s%n";
    print("%n" + columns, "projection", "from", "", "to", "kind", "window", "weights");
    for (JsonNode p : all.path("projections")) {
      print(
          columns,
          p.path("name").asText(),
          p.path("source").asText(),
          "->",
          p.path("target").asText(),
          p.path("kind").asText(),
          times(p.path("kernel")),
          p.path("weights").asLong());
    }
    earlyExit(all.path("earlyExit"));
    origin(all.path("provenance"), steps > 0);
  }

  /** At which margins {@code run --early-exit} ends images, at most {@value #MOST_ROWS} steps. */
  private void earlyExit(JsonNode exit) {
    int steps = exit.path("steps").asInt();
    if (steps == 0) {
      return;
    }
    print(
        "%nearly exit: up to %d steps, readout %s, calibrated on %d %s%n",
        steps,
        exit.path("readout").asText(),
        exit.path("calibrationImages").asInt(),
        exit.path("heldBack").asBoolean()
            ? "held-back images"
            : "images that weights were fitted to: images may end too early");
    print("%4s  %18s  %28s%n", "step", "ends at a margin of", "synaptic operations, millions");
    int apart = (steps + MOST_ROWS - 1) / MOST_ROWS;
    for (int t = apart; t <= steps; t += apart) {
      double margin = EarlyExit.USUAL_FACTOR * exit.path("marginError").path(t - 1).asDouble() * t;
      print(
          "%4d  %18s  %28.3f%n",
          t,
          t == steps ? "any" : margin < HUGE ? String.format(Locale.ROOT, "%.3f", margin) : "none",
          exit.path("synapticOps").path(t - 1).asDouble() / 1e6);
    }
  }

  private void origin(JsonNode provenance, boolean codes) {
    if (!provenance.isObject()) {
      print("%nno provenance%n");
      return;
    }
    print("%n");
    for (String field : ORIGIN) {
      print("%-18s %s%n", field, provenance.path(field).asText("unknown"));
    }
    JsonNode report = provenance.path("report");
    String images = report.path("calibrationImages").asText("?");
    if (codes) {
      print("%-18s lambda and V(0) of least error, %s calibration images%n", "settings", images);
    } else {
      print(
          "%-18s percentile %s, V(0) = %s theta, kappa %s, %s calibration images%n",
          "settings",
          report.path("percentile").asText("?"),
          report.path("v0").asText("?"),
          report.path("compensation").asText("?"),
          images);
    }
    for (JsonNode note : report.path("notes")) {
      print("%-18s %s%n", "note", note.asText());
    }
  }

  private static int longest(String title, JsonNode list, String field) {
    int longest = title.length();
    for (JsonNode item : list) {
      longest = Math.max(longest, Shown.text(item.path(field).asText()).length());
    }
    return longest;
  }

  private void print(String format, Object... values) {
    out().print(Shown.format(format, values));
  }

  private static String times(JsonNode sizes) {
    StringBuilder s = new StringBuilder();
    for (JsonNode size : sizes) {
      s.append(s.isEmpty() ? "" : "x").append(size.asInt());
    }
    return s.toString();
  }
}
