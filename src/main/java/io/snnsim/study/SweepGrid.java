// SPDX-License-Identifier: Apache-2.0
package io.snnsim.study;

import io.snnsim.cli.SnnsimCommand;
import io.snnsim.error.SnnsimException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** The grid of a sweep: what varies, and every combination of it. Immutable. */
public final class SweepGrid {
  /** Stands for the time steps of a row in a value. */
  static final String STEPS = "{T}";

  private static final int MOST_ROWS = 10_000;

  private final List<Integer> steps;
  private final List<Map<String, String>> combinations;

  private SweepGrid(List<Integer> steps, List<Map<String, String>> combinations) {
    this.steps = steps;
    this.combinations = combinations;
  }

  /**
   * Reads a grid.
   *
   * @param steps such as 4,8,16
   * @param vary such as precision=i8,i16
   * @throws SnnsimException (usage)
   */
  public static SweepGrid parse(List<Integer> steps, List<String> vary) {
    for (int t : steps) {
      SnnsimCommand.within("--steps", t, SnnsimCommand.MOST_STEPS);
    }
    List<Map<String, String>> all = new ArrayList<>(List.of(Map.of()));
    Map<String, String> seen = new LinkedHashMap<>();
    for (String text : vary) {
      int at = text.indexOf('=');
      String name = at < 0 ? "" : text.substring(0, at).replaceFirst("^-+", "");
      List<String> values = at < 0 ? List.of() : List.of(text.substring(at + 1).split(",", -1));
      SnnsimCommand.require(
          !name.isBlank() && values.stream().noneMatch(String::isBlank),
          "--vary: found "
              + text
              + ", expected an option of 'convert' and its values, such as"
              + " precision=i8,i16");
      SnnsimCommand.require(
          seen.put(name, text) == null, "--vary: found " + name + " twice, expected it once");
      List<Map<String, String>> more = new ArrayList<>();
      for (Map<String, String> one : all) {
        for (String value : values) {
          Map<String, String> next = new LinkedHashMap<>(one);
          next.put(name, value);
          more.add(next);
        }
      }
      all = more;
      SnnsimCommand.require(
          (long) all.size() * steps.size() <= MOST_ROWS,
          "--vary: found more than " + MOST_ROWS + " rows, expected a smaller grid");
    }
    return new SweepGrid(List.copyOf(new TreeSet<>(steps)), all);
  }

  /** Time steps, ascending, each once. */
  public List<Integer> steps() {
    return steps;
  }

  /** Options that vary, with their values. */
  public List<Map<String, String>> combinations() {
    return combinations;
  }

  /** A combination as arguments of {@code convert} for so many steps. */
  public static List<String> arguments(Map<String, String> options, List<String> more, int steps) {
    List<String> args = new ArrayList<>();
    options.forEach((name, value) -> args.add("--" + name + "=" + value));
    args.addAll(more);
    args.replaceAll(a -> a.replace(STEPS, String.valueOf(steps)));
    return args;
  }
}
