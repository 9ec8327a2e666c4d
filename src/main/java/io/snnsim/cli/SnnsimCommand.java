// SPDX-License-Identifier: Apache-2.0
package io.snnsim.cli;

import io.snnsim.engine.Simulator;
import io.snnsim.error.SnnsimException;
import io.snnsim.kernel.KernelProvider;
import io.snnsim.study.Context;
import io.snnsim.work.Execution;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** What every command shares: where to print, checks of options, the wish to stop. One thread. */
abstract class SnnsimCommand implements Callable<Integer> {
  /** Exit code after Ctrl-C, as shells give it. */
  static final int INTERRUPTED = 130;

  static final String NOTHING_WRITTEN = "snnsim: interrupted; nothing was written";

  /** Longer makes per-step results too large for memory. */
  static final int MOST_STEPS = 10_000_000;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help.")
  private boolean help;

  @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

  /** Results go here. */
  final PrintWriter out() {
    return new ShownWriter(spec.commandLine().getOut());
  }

  /** Talk goes to stderr, and Ctrl-C ends the work. */
  final Context context(int threads, boolean quiet) {
    Talk talk = new Talk(spec.commandLine().getErr(), quiet, program().onTerminal());
    return new Context(Execution.on(threads, program().interrupt()::asked), talk);
  }

  /** The exit code of a command that printed what it had. */
  static int exitCode(Context context) {
    return context.isCancelled() ? INTERRUPTED : 0;
  }

  /** Says that the user's wish to stop left nothing behind. */
  final int interrupted() {
    spec.commandLine().getErr().println(NOTHING_WRITTEN);
    return INTERRUPTED;
  }

  /** When the program was started, by {@link System#nanoTime}. */
  final long begunNanos() {
    return program().begunNanos();
  }

  private Main program() {
    return (Main) spec.root().userObject();
  }

  static void require(boolean ok, String message) {
    if (!ok) {
      throw SnnsimException.usage(message);
    }
  }

  static int within(String option, int found, int most) {
    require(found >= 1 && found <= most, option + ": found " + found + ", expected 1.." + most);
    return found;
  }

  /** Says once that the slow kernels run only because a flag is missing. */
  static void warnOfFallback(Context context, Simulator simulator) {
    if (simulator.kernelName().equals("scalar") && !KernelProvider.vectorAvailable()) {
      context
          .listener()
          .warn(
              "the slow scalar kernels run, since this JVM has no Vector API; add "
                  + KernelProvider.FLAG);
    }
  }
}
