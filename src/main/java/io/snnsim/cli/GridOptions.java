// SPDX-License-Identifier: Apache-2.0
package io.snnsim.cli;

import static io.snnsim.cli.SnnsimCommand.require;

import io.snnsim.readout.Readout;
import io.snnsim.study.SweepGrid;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Option;

/** Options of {@code sweep} that say what varies. One thread. */
final class GridOptions {
  private static final String OFF = "off";
  private static final int MOST_ROWS = 10_000;

  @Option(
      names = "--steps",
      paramLabel = "T",
      split = ",",
      required = true,
      description = "Time steps, such as 4,8,16,32.")
  private List<Integer> steps;

  @Option(
      names = "--vary",
      paramLabel = "OPTION=V,V",
      description =
          "An option of 'convert' and the values to try, such as precision=i8,i16. May be repeated:"
              + " all combinations are tried.")
  private List<String> vary = new ArrayList<>();

  @Option(
      names = "--readout",
      split = ",",
      defaultValue = "auto",
      description =
          "Readouts to try, of auto, spikes+softmax, spikes, membrane. Default: ${DEFAULT-VALUE}.")
  private List<String> readouts;

  @Option(
      names = "--early-exit",
      paramLabel = "MARGIN",
      split = ",",
      defaultValue = OFF,
      description =
          "Ends of images to try: off, auto, or a number, as for 'run'. The models must be fitted"
              + " to the steps that are run, as '-- --preset low-latency --target-steps {T}' does."
              + " Default: ${DEFAULT-VALUE}.")
  private List<String> earlyExits;

  /** True if options of the conversion vary. */
  boolean varies() {
    return !vary.isEmpty();
  }

  /** True if images may end early. */
  boolean endsEarly() {
    return !earlyExits.equals(List.of(OFF));
  }

  /**
   * The grid.
   *
   * @param fixed options of every conversion
   * @throws io.snnsim.error.SnnsimException (usage)
   */
  SweepGrid grid(List<String> fixed) {
    for (int t : steps) {
      SnnsimCommand.within("--steps", t, SnnsimCommand.MOST_STEPS);
    }
    List<Map<String, String>> options = options();
    List<Readout> decisions = readouts.stream().map(ReadoutOption::parse).toList();
    List<SweepGrid.Exit> exits =
        earlyExits.stream()
            .map(e -> new SweepGrid.Exit(e, e.equals(OFF) ? null : EarlyExitValue.factor(e)))
            .toList();
    return new SweepGrid(steps, options, fixed, decisions, exits);
  }

  private List<Map<String, String>> options() {
    List<Map<String, String>> all = new ArrayList<>(List.of(Map.of()));
    Map<String, String> seen = new LinkedHashMap<>();
    for (String text : vary) {
      int at = text.indexOf('=');
      String name = at < 0 ? "" : text.substring(0, at).replaceFirst("^-+", "");
      List<String> values = at < 0 ? List.of() : List.of(text.substring(at + 1).split(",", -1));
      require(
          !name.isBlank() && values.stream().noneMatch(String::isBlank),
          "--vary: found "
              + text
              + ", expected an option of 'convert' and its values, such as"
              + " precision=i8,i16");
      require(seen.put(name, text) == null, "--vary: found " + name + " twice, expected it once");
      List<Map<String, String>> more = new ArrayList<>();
      for (Map<String, String> one : all) {
        for (String value : values) {
          Map<String, String> next = new LinkedHashMap<>(one);
          next.put(name, value);
          more.add(next);
        }
      }
      all = more;
      require(
          (long) all.size() * steps.size() <= MOST_ROWS,
          "--vary: found more than " + MOST_ROWS + " rows, expected a smaller grid");
    }
    return all;
  }
}
