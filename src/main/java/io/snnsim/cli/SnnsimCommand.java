// SPDX-License-Identifier: Apache-2.0
package io.snnsim.cli;

import io.snnsim.engine.Simulator;
import io.snnsim.error.SnnsimException;
import io.snnsim.kernel.KernelProvider;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** What every command shares: where to print, checks of options, the wish to stop. One thread. */
public abstract class SnnsimCommand implements Callable<Integer> {
  /** Exit code after Ctrl-C, as shells give it. */
  static final int INTERRUPTED = 130;

  static final String NOTHING_WRITTEN = "snnsim: interrupted; nothing was written";

  /** Longer makes per-step results too large for memory. */
  public static final int MOST_STEPS = 10_000_000;

  static final int MOST_THREADS = 1024;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help.")
  private boolean help;

  @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

  /** Results go here. */
  final PrintWriter out() {
    return spec.commandLine().getOut();
  }

  /** Talk goes here. */
  final Talk talk(boolean quiet) {
    return new Talk(spec.commandLine().getErr(), quiet, program().onTerminal());
  }

  final Interrupt interrupt() {
    return program().interrupt();
  }

  /** Says that the user's wish to stop left nothing behind. */
  final int interrupted() {
    spec.commandLine().getErr().println(NOTHING_WRITTEN);
    return INTERRUPTED;
  }

  private Main program() {
    return (Main) spec.root().userObject();
  }

  public static void require(boolean ok, String message) {
    if (!ok) {
      throw SnnsimException.usage(message);
    }
  }

  /** The number of threads asked for, or one a processor. */
  static int threads(Integer asked) {
    if (asked == null) {
      return Math.min(MOST_THREADS, Runtime.getRuntime().availableProcessors());
    }
    return within("--threads", asked, MOST_THREADS);
  }

  public static int within(String option, int found, int most) {
    require(found >= 1 && found <= most, option + ": found " + found + ", expected 1.." + most);
    return found;
  }

  /** Refuses an output that would replace one of the other files of this command. */
  static void requireApart(String option, Path output, Path... others) {
    for (Path other : others) {
      if (output != null && other != null && same(output, other)) {
        throw SnnsimException.usage(
            option + " " + output + ": is also another file of this command; name a new one");
      }
    }
  }

  private static boolean same(Path a, Path b) {
    try {
      return Files.exists(a) && Files.exists(b)
          ? Files.isSameFile(a, b)
          : a.toAbsolutePath().normalize().equals(b.toAbsolutePath().normalize());
    } catch (java.io.IOException e) {
      return false;
    }
  }

  /** Says once that the slow kernels run only because a flag is missing. */
  static void warnOfFallback(Talk talk, Simulator model) {
    if (model.kernelName().equals("scalar") && !KernelProvider.vectorAvailable()) {
      talk.warn(
          "the slow scalar kernels run, since this JVM has no Vector API; add "
              + KernelProvider.FLAG);
    }
  }
}
