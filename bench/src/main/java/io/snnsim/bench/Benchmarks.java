// SPDX-License-Identifier: Apache-2.0
package io.snnsim.bench;

import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.regex.Pattern;
import org.openjdk.jmh.Main;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * JMH's own program, but for its end: 0 only if there are results. By itself JMH says so too when
 * every benchmark failed and the table is empty.
 */
public final class Benchmarks {
  private static final int FAILED = 1;
  private static final int WRONG_OPTIONS = 2;

  /** Those that take files of both kinds. */
  private static final List<String> OF_FILES =
      List.of(
          NetworkBenchmark.class.getName() + ".step", ImageBenchmark.class.getName() + ".answer");

  private Benchmarks() {}

  /** Runs what the arguments, those of JMH, ask for. */
  public static void main(String[] args) throws IOException {
    CommandLineOptions asked;
    try {
      asked = new CommandLineOptions(args);
    } catch (CommandLineOptionException e) {
      throw end(WRONG_OPTIONS, e.getMessage());
    }
    if (asked.shouldHelp()
        || asked.shouldList()
        || asked.shouldListWithParams()
        || asked.shouldListProfilers()
        || asked.shouldListResultFormats()) {
      Main.main(args);
      return;
    }
    boolean model = asked.getParameter("model").hasValue();
    if (model != asked.getParameter("images").hasValue()
        && OF_FILES.stream().anyMatch(b -> runs(asked, b))) {
      throw end(
          WRONG_OPTIONS,
          "found -p "
              + (model ? "model=" : "images=")
              + "FILE alone, expected -p model=FILE.snn and -p images=FILE.npz, or neither for the"
              + " bundled network");
    }
    var options = new OptionsBuilder().parent(asked);
    if (!asked.shouldFailOnError().hasValue()) {
      options.shouldFailOnError(true);
    }
    Collection<RunResult> results;
    try {
      results = new Runner(options.build()).run();
    } catch (RunnerException e) {
      throw end(FAILED, e.getMessage() == null ? e.toString() : e.getMessage());
    }
    if (results.isEmpty()) {
      throw end(FAILED, "no result: every benchmark failed, see above");
    }
  }

  private static boolean runs(CommandLineOptions asked, String benchmark) {
    return (asked.getIncludes().isEmpty()
            || asked.getIncludes().stream().anyMatch(i -> found(i, benchmark)))
        && asked.getExcludes().stream().noneMatch(e -> found(e, benchmark));
  }

  private static boolean found(String pattern, String benchmark) {
    return Pattern.compile(pattern).matcher(benchmark).find();
  }

  private static IllegalStateException end(int code, String why) {
    System.err.println("bench: " + why);
    System.exit(code);
    return new IllegalStateException(why);
  }
}
