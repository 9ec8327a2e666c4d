// SPDX-License-Identifier: Apache-2.0
package io.snnsim.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Accuracy and work over a grid of time steps and options, as docs/schema/sweep.md describes it.
 * Immutable.
 *
 * @param schemaVersion 1
 * @param samples images of every row
 * @param annAccuracy share of right answers of the ANN, or null if no model carries one
 * @param rowsPlanned rows of the whole grid; more than there are after an interruption
 */
public record SweepReport(
    int schemaVersion,
    int samples,
    Double annAccuracy,
    Long annMacsPerImage,
    int rowsPlanned,
    List<Row> rows,
    Map<String, Object> host,
    String program) {
  /**
   * One point of the grid; the figures are null if it could not be had.
   *
   * @param options options that vary, with their values
   * @param meanSteps steps that an image ran, mean: {@code steps} unless images ended early
   * @param error why there are no figures, or null
   */
  public record Row(
      Map<String, String> options,
      int steps,
      Double meanSteps,
      Double accuracy,
      Double spikesPerImage,
      Double synapticOpsPerImage,
      Double snnMicrojoules,
      Double millisecondsPerImage,
      String error) {
    /** A point without figures. */
    public static Row failed(Map<String, String> options, int steps, String error) {
      return new Row(options, steps, null, null, null, null, null, null, error);
    }

    String label() {
      return SweepReport.label(options);
    }
  }

  /** Options and values in a line, for tables and legends. */
  public static String label(Map<String, String> options) {
    return options.isEmpty()
        ? "SNN"
        : options.entrySet().stream()
            .map(e -> e.getKey() + "=" + e.getValue())
            .collect(Collectors.joining(" "));
  }

  private Set<String> names() {
    Set<String> names = new LinkedHashSet<>();
    rows.forEach(r -> names.addAll(r.options().keySet()));
    return names;
  }

  /** The table for eyes: a row for each combination of options, a column for each T. */
  public String toText() {
    Set<Integer> steps = new LinkedHashSet<>();
    Map<String, Map<Integer, Row>> table = new LinkedHashMap<>();
    int width = "options".length();
    for (Row r : rows) {
      steps.add(r.steps());
      table.computeIfAbsent(r.label(), l -> new LinkedHashMap<>()).put(r.steps(), r);
      width = Math.max(width, r.label().length());
    }
    StringBuilder s = new StringBuilder();
    if (rows.size() < rowsPlanned) {
      s.append(
          String.format(Locale.ROOT, "interrupted: %d of %d rows%n", rows.size(), rowsPlanned));
    }
    s.append(String.format(Locale.ROOT, "accuracy in %%, %d images", samples));
    if (annAccuracy != null) {
      s.append(String.format(Locale.ROOT, "; ANN %.2f", 100 * annAccuracy));
    }
    s.append('\n');
    part(
        s,
        "options",
        width,
        steps,
        table,
        r -> String.format(Locale.ROOT, "%.2f", 100 * r.accuracy()));
    if (rows.stream().anyMatch(r -> r.error() == null && r.meanSteps() != r.steps())) {
      s.append("steps an image, mean\n");
      part(
          s,
          "options",
          width,
          steps,
          table,
          r -> String.format(Locale.ROOT, "%.2f", r.meanSteps()));
    }
    s.append("synaptic operations an image, in millions\n");
    part(
        s,
        "options",
        width,
        steps,
        table,
        r -> String.format(Locale.ROOT, "%.3f", r.synapticOpsPerImage() / 1e6));
    for (int t : steps) {
      rows.stream()
          .filter(r -> r.steps() == t && r.error() == null)
          .max(
              Comparator.comparingDouble(Row::accuracy)
                  .thenComparing(Row::synapticOpsPerImage, Comparator.reverseOrder()))
          .ifPresent(
              r ->
                  s.append(
                      String.format(
                          Locale.ROOT,
                          "best at T=%d: %.2f %% with %s%n",
                          t,
                          100 * r.accuracy(),
                          r.label())));
    }
    rows.stream()
        .filter(r -> r.error() != null)
        .forEach(
            r ->
                s.append(
                    String.format(
                        Locale.ROOT, "failed: %s, T=%d: %s%n", r.label(), r.steps(), r.error())));
    return s.toString();
  }

  private static void part(
      StringBuilder s,
      String head,
      int width,
      Set<Integer> steps,
      Map<String, Map<Integer, Row>> table,
      java.util.function.Function<Row, String> cell) {
    s.append(String.format(Locale.ROOT, "%-" + width + "s", head));
    steps.forEach(t -> s.append(String.format(Locale.ROOT, " %9s", "T=" + t)));
    s.append('\n');
    table.forEach(
        (label, byStep) -> {
          s.append(String.format(Locale.ROOT, "%-" + width + "s", label));
          for (int t : steps) {
            Row r = byStep.get(t);
            String text = r == null ? "" : r.error() != null ? "failed" : cell.apply(r);
            s.append(String.format(Locale.ROOT, " %9s", text));
          }
          s.append('\n');
        });
  }

  /** One line a row, the names of the columns first; quoted as RFC 4180 has it. */
  public String toCsv() {
    List<List<Object>> lines = new ArrayList<>();
    List<Object> head = new ArrayList<>(names());
    head.addAll(
        List.of(
            "steps",
            "accuracy",
            "annAccuracy",
            "spikesPerImage",
            "synapticOpsPerImage",
            "annMacsPerImage",
            "snnMicrojoules",
            "millisecondsPerImage",
            "error",
            // Last, since readers may count columns.
            "meanSteps"));
    lines.add(head);
    for (Row r : rows) {
      List<Object> line = new ArrayList<>();
      names().forEach(n -> line.add(r.options().get(n)));
      line.add(r.steps());
      line.add(r.accuracy());
      line.add(annAccuracy);
      line.add(r.spikesPerImage());
      line.add(r.synapticOpsPerImage());
      line.add(annMacsPerImage);
      line.add(r.snnMicrojoules());
      line.add(r.millisecondsPerImage());
      line.add(r.error());
      line.add(r.meanSteps());
      lines.add(line);
    }
    return lines.stream()
        .map(l -> l.stream().map(SweepReport::quoted).collect(Collectors.joining(",")) + "\r\n")
        .collect(Collectors.joining());
  }

  private static String quoted(Object value) {
    String text = value == null ? "" : value.toString();
    return text.matches("(?s).*[\",\r\n].*") ? '"' + text.replace("\"", "\"\"") + '"' : text;
  }

  /** Accuracy in percent against mean time steps, a curve for each combination of options. */
  public List<Plots.Curve> againstSteps() {
    return curves(Row::meanSteps);
  }

  /** Accuracy in percent against synaptic operations of an image, in millions. */
  public List<Plots.Curve> againstSynapticOps() {
    return curves(r -> r.synapticOpsPerImage() / 1e6);
  }

  private List<Plots.Curve> curves(java.util.function.ToDoubleFunction<Row> x) {
    Map<String, List<Row>> byLabel = new LinkedHashMap<>();
    for (Row r : rows) {
      // Nothing is at zero on a logarithmic axis.
      if (r.error() == null && x.applyAsDouble(r) > 0) {
        byLabel.computeIfAbsent(r.label(), l -> new ArrayList<>()).add(r);
      }
    }
    List<Plots.Curve> curves = new ArrayList<>();
    byLabel.forEach(
        (label, of) -> {
          // More steps may be allowed and fewer needed, by a model that is fitted to more.
          of.sort(Comparator.comparingDouble(x));
          curves.add(
              new Plots.Curve(
                  label,
                  of.stream().mapToDouble(x).toArray(),
                  of.stream().mapToDouble(r -> 100 * r.accuracy()).toArray()));
        });
    return curves;
  }
}
