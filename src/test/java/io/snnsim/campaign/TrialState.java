// SPDX-License-Identifier: Apache-2.0
package io.snnsim.campaign;

import io.snnsim.report.Host;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * How far a trial is, in a small text file of lines {@code key=value}, which is replaced whole.
 * Confined to one thread; one process at a time may run the same trial with the same folder.
 */
final class TrialState {
  private static final String ENDED = "ended.";

  private final Path file;
  private final TreeMap<String, String> values = new TreeMap<>();

  private TrialState(Path file) {
    this.file = file;
  }

  /**
   * What a folder says of a trial; nothing was tried yet if it says nothing.
   *
   * @param kernel by which it is told apart, or empty
   */
  static TrialState of(Path folder, Trial trial, String kernel) throws IOException {
    String name = trial.name() + (kernel.isEmpty() ? "" : "-" + kernel) + ".txt";
    TrialState state = new TrialState(folder.resolve(name));
    if (Files.exists(state.file)) {
      for (String line : Files.readAllLines(state.file)) {
        int at = line.indexOf('=');
        if (at < 0) {
          throw new IOException(state.file + ": line '" + line + "', expected key=value");
        }
        state.values.put(line.substring(0, at), line.substring(at + 1));
      }
    }
    state.values.put("kernel", kernel);
    return state;
  }

  /** The first batch that was not tried. */
  long nextSeed(long first) {
    return number("nextSeed", first);
  }

  /** Cases that broke a promise. */
  long broken() {
    return number("broken", 0);
  }

  /** Seconds that it was run. */
  long seconds() {
    return number("millis", 0) / 1000;
  }

  /** How many cases ended how. */
  Map<String, Long> ends() {
    Map<String, Long> ends = new TreeMap<>();
    values.forEach(
        (key, value) -> {
          if (key.startsWith(ENDED)) {
            ends.put(key.substring(ENDED.length()), Long.valueOf(value));
          }
        });
    return ends;
  }

  /** All cases, broken ones too. */
  long done() {
    return broken() + ends().values().stream().mapToLong(n -> n).sum();
  }

  /** The kernel, host, first and last day of what was tried. */
  List<String> where() {
    return List.of(
        values.getOrDefault("kernel", ""),
        values.getOrDefault("host", ""),
        values.getOrDefault("firstDay", ""),
        values.getOrDefault("lastDay", ""));
  }

  /** Counts a batch; {@link #save} keeps it. */
  void add(long seed, Map<String, Long> ends, boolean broken, long nanos) {
    values.put("nextSeed", Long.toString(seed + 1));
    ends.forEach((how, n) -> values.put(ENDED + how, Long.toString(number(ENDED + how, 0) + n)));
    values.put("broken", Long.toString(broken() + (broken ? 1 : 0)));
    values.put("millis", Long.toString(number("millis", 0) + nanos / 1_000_000));
    String today = LocalDate.now(ZoneOffset.UTC).toString();
    values.putIfAbsent("firstDay", today);
    values.put("lastDay", today);
  }

  /** Writes the file beside itself and moves it to its name. */
  void save(Host host) throws IOException {
    values.put("host", host.cpu() + ", JDK " + host.jdk());
    Path part = file.resolveSibling(file.getFileName() + ".part");
    Files.write(
        part, values.entrySet().stream().map(e -> e.getKey() + "=" + e.getValue()).toList());
    Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private long number(String key, long otherwise) {
    String value = values.get(key);
    return value == null ? otherwise : Long.parseLong(value);
  }
}
