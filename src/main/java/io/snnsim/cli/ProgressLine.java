// SPDX-License-Identifier: Apache-2.0
package io.snnsim.cli;

import io.snnsim.study.Progress;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;
import me.tongfei.progressbar.DelegatingProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/**
 * A bar with the time left for work that takes longer than a moment. {@link #add} only counts and
 * may be called from any thread; a thread of its own draws. Without a terminal nothing is started.
 */
final class ProgressLine implements Progress {
  /** Work that is done sooner shows no bar. */
  static final long DELAY_MS = 700;

  private static final int REDRAW_MS = 200;
  private static final int COLUMNS = 78;

  private final PrintWriter terminal;
  private final String task;
  private final String unit;
  private final long total;
  private final long begun = System.nanoTime();
  private final LongAdder done = new LongAdder();
  private final Thread drawer;
  private boolean closed;

  /**
   * Starts the clock.
   *
   * @param terminal where to draw, or null for no bar
   */
  ProgressLine(PrintWriter terminal, String task, String unit, long total, long delayMs) {
    this.terminal = terminal;
    this.task = task;
    this.unit = unit;
    this.total = total;
    drawer =
        terminal == null
            ? null
            : Thread.ofPlatform().daemon().name("snnsim-progress").start(() -> draw(delayMs));
  }

  @Override
  public void add(long units) {
    done.add(units);
  }

  private void draw(long delayMs) {
    if (!pause(delayMs)) {
      return;
    }
    try (ProgressBar bar =
        new ProgressBarBuilder()
            .setTaskName(task)
            .setUnit(" " + unit, 1)
            .setInitialMax(total)
            .setStyle(ProgressBarStyle.ASCII)
            .setUpdateIntervalMillis(REDRAW_MS)
            .setConsumer(new DelegatingProgressBarConsumer(this::line, COLUMNS))
            .startsFrom(done.sum(), Duration.ofNanos(System.nanoTime() - begun))
            .build()) {
      do {
        bar.stepTo(Math.min(total, done.sum()));
      } while (pause(REDRAW_MS));
    }
    terminal.print("\r" + " ".repeat(COLUMNS) + "\r");
    terminal.flush();
  }

  private void line(String text) {
    terminal.print("\r" + text.stripTrailing());
    terminal.flush();
  }

  /** Waits; false if there is nothing more to draw. */
  private synchronized boolean pause(long ms) {
    long end = System.nanoTime() + ms * 1_000_000;
    try {
      while (!closed) {
        long left = (end - System.nanoTime()) / 1_000_000;
        if (left <= 0) {
          return true;
        }
        wait(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return false;
  }

  /** Takes the bar away for good and waits for that; then other lines may be printed. */
  @Override
  public void close() {
    if (drawer == null) {
      return;
    }
    synchronized (this) {
      closed = true;
      notifyAll();
    }
    try {
      drawer.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
