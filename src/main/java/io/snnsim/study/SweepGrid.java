// SPDX-License-Identifier: Apache-2.0
package io.snnsim.study;

import io.snnsim.readout.Readout;
import io.snnsim.report.SweepReport;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * The grid of a sweep: every combination of what varies. Immutable.
 *
 * @param steps time steps, ascending, each once
 * @param options combinations of conversion options, with their values
 * @param fixed options of every conversion
 * @param readouts null among them stands for the one that fits the network
 * @param exits ends of images
 */
public record SweepGrid(
    List<Integer> steps,
    List<Map<String, String>> options,
    List<String> fixed,
    List<Readout> readouts,
    List<Exit> exits) {
  /** Stands for the time steps of a row in a value. */
  private static final String STEPS = "{T}";

  /** Sorts the steps. */
  public SweepGrid {
    steps = List.copyOf(new TreeSet<>(steps));
  }

  /**
   * An end of images.
   *
   * @param text as it is shown
   * @param factor how many errors of the margin are safe; null: images run all steps
   */
  public record Exit(String text, Double factor) {}

  /**
   * A row.
   *
   * @param shown what varies, and its values here
   * @param arguments options of the conversion
   * @param readout null for the one that fits the network
   * @param exitFactor null if images run all steps
   */
  public record Point(
      Map<String, String> shown,
      List<String> arguments,
      Readout readout,
      Double exitFactor,
      int steps) {
    /** A name for eyes. */
    String name() {
      return SweepReport.label(shown) + " T=" + steps;
    }
  }

  /** All rows, in their order. */
  public List<Point> points() {
    List<Point> points = new ArrayList<>();
    for (Map<String, String> one : options) {
      for (Readout readout : readouts) {
        for (Exit exit : exits) {
          Map<String, String> shown = new LinkedHashMap<>(one);
          if (readouts.size() > 1) {
            shown.put("readout", readout == null ? "auto" : readout.label());
          }
          if (exits.size() > 1 || exit.factor() != null) {
            shown.put("early-exit", exit.text());
          }
          for (int t : steps) {
            points.add(new Point(shown, arguments(one, t), readout, exit.factor(), t));
          }
        }
      }
    }
    return points;
  }

  private List<String> arguments(Map<String, String> one, int t) {
    List<String> arguments = new ArrayList<>();
    one.forEach((name, value) -> arguments.add("--" + name + "=" + value));
    arguments.addAll(fixed);
    arguments.replaceAll(a -> a.replace(STEPS, String.valueOf(t)));
    return arguments;
  }
}
