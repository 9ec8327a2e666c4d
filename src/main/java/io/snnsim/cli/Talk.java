// SPDX-License-Identifier: Apache-2.0
package io.snnsim.cli;

import java.io.PrintWriter;

/**
 * What is said on stderr beside the results. Thread-safe.
 *
 * @param quiet says nothing but errors
 * @param onTerminal stderr is a terminal, so progress may be drawn
 */
public record Talk(PrintWriter err, boolean quiet, boolean onTerminal) {
  /** A line of information. */
  public void say(String line) {
    if (!quiet) {
      err.println(line);
    }
  }

  /** Something that the user may want to change. */
  void warn(String what) {
    say("warning: " + what);
  }

  /** A bar for long work, if there is anyone to look at it. */
  public Progress progress(String task, String unit, long total) {
    return new Progress(quiet || !onTerminal ? null : err, task, unit, total, Progress.DELAY_MS);
  }
}
