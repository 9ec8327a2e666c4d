// SPDX-License-Identifier: Apache-2.0
package io.snnsim.cli;

import io.snnsim.error.Shown;
import io.snnsim.study.Listener;
import io.snnsim.study.Progress;
import java.io.PrintWriter;

/**
 * What is said on stderr beside the results. Thread-safe.
 *
 * @param quiet says nothing but errors
 * @param onTerminal stderr is a terminal, so progress may be drawn
 */
record Talk(PrintWriter err, boolean quiet, boolean onTerminal) implements Listener {
  @Override
  public void say(String line) {
    if (!quiet) {
      err.println(Shown.text(line));
    }
  }

  @Override
  public void warn(String what) {
    say("warning: " + what);
  }

  /** Draws a bar if there is anyone to look at it. */
  @Override
  public Progress progress(String task, String unit, long total) {
    return new ProgressLine(
        quiet || !onTerminal ? null : err, task, unit, total, ProgressLine.DELAY_MS);
  }
}
