// SPDX-License-Identifier: Apache-2.0
package io.snnsim.campaign;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What all runs of a campaign have tried, as a table in Markdown. Stateless but for its folder. */
final class CampaignTable {
  private final List<Trial> trials;
  private final Path folder;

  CampaignTable(List<Trial> trials, Path folder) {
    this.trials = trials;
    this.folder = folder;
  }

  /** A row for each trial; widths are added up, and told in a column of their own. */
  String markdown() throws IOException {
    StringBuilder s = new StringBuilder();
    TreeSet<String> hosts = new TreeSet<>();
    s.append("| trial | counted | target | done | how they ended | broken | hours | days |\n");
    s.append("|---|---|---|---|---|---|---|---|\n");
    for (Trial trial : trials) {
      Map<String, Long> ends = new TreeMap<>();
      Map<String, Long> kernels = new TreeMap<>();
      TreeSet<String> days = new TreeSet<>();
      long done = 0;
      long broken = 0;
      long seconds = 0;
      for (TrialState state : states(trial)) {
        List<String> where = state.where();
        state.ends().forEach((how, n) -> ends.merge(how, n, Long::sum));
        done += state.done();
        broken += state.broken();
        seconds += state.seconds();
        if (state.done() > 0) {
          kernels.merge(where.get(0), state.done(), Long::sum);
          hosts.add(where.get(1));
          days.addAll(where.subList(2, 4));
        }
      }
      s.append(
          String.format(
              Locale.ROOT,
              "| %s | %s | %,d | %,d%s | %s | %d | %.1f | %s |%n",
              trial.name(),
              trial.unit(),
              trial.target(),
              done,
              trial.comparesKernels() && done > 0 ? " (" + words(kernels) + ")" : "",
              words(ends),
              broken,
              seconds / 3600.0,
              days.isEmpty()
                  ? "-"
                  : days.size() == 1 ? days.first() : days.first() + " to " + days.last()));
    }
    return s + "\nOn " + (hosts.isEmpty() ? "no host yet" : String.join("; ", hosts)) + ".\n";
  }

  private List<TrialState> states(Trial trial) throws IOException {
    List<TrialState> states = new ArrayList<>();
    if (!trial.comparesKernels()) {
      states.add(TrialState.of(folder, trial, ""));
    } else if (Files.isDirectory(folder)) {
      String prefix = trial.name() + "-";
      try (Stream<Path> files = Files.list(folder)) {
        List<String> names = files.map(f -> f.getFileName().toString()).sorted().toList();
        for (String name : names) {
          if (name.startsWith(prefix) && name.endsWith(".txt")) {
            String kernel = name.substring(prefix.length(), name.length() - ".txt".length());
            states.add(TrialState.of(folder, trial, kernel));
          }
        }
      }
    }
    return states;
  }

  private static String words(Map<String, Long> counts) {
    return counts.isEmpty()
        ? "-"
        : counts.entrySet().stream()
            .map(e -> String.format(Locale.ROOT, "%s %,d", e.getKey(), e.getValue()))
            .collect(Collectors.joining(", "));
  }
}
