// SPDX-License-Identifier: Apache-2.0
package io.snnsim.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.snnsim.study.Progress;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The bar is drawn for eyes only, by a thread of its own, and goes away. */
class ProgressTest {
  /** Notes who writes, and when the bar has shown {@code awaited}. */
  private static final class Watched extends Writer {
    final StringWriter text = new StringWriter();
    final Set<Thread> writers = ConcurrentHashMap.newKeySet();
    final CountDownLatch shown = new CountDownLatch(1);
    final String awaited;

    Watched(String awaited) {
      this.awaited = awaited;
    }

    @Override
    public void write(char[] c, int from, int length) {
      writers.add(Thread.currentThread());
      text.write(c, from, length);
      if (text.toString().contains(awaited)) {
        shown.countDown();
      }
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }

  @Test
  void theBarShowsTaskShareAndTimeLeftAndIsDrawnByAnotherThread() throws Exception {
    Watched screen = new Watched("40/100");
    try (Progress progress = new ProgressLine(new PrintWriter(screen), "run", "images", 100, 0)) {
      for (int i = 0; i < 40; i++) {
        progress.add(1);
      }
      assertTrue(screen.shown.await(60, TimeUnit.SECONDS), screen.text.toString());
    }
    String text = screen.text.toString();
    assertTrue(text.contains("run"), text);
    assertTrue(text.contains("40%"), text);
    assertTrue(text.contains("images"), text);
    assertTrue(text.matches("(?s).*\\(\\d+:\\d\\d:\\d\\d / (\\d+:\\d\\d:\\d\\d|\\?)\\).*"), text);
    assertFalse(text.contains("\n"), "one line, drawn over");
    assertTrue(text.endsWith(" \r"), "the line is left empty");
    assertFalse(screen.writers.contains(Thread.currentThread()), "never the stepping thread");
    for (String line : text.split("\r")) {
      assertTrue(line.length() <= 79, line);
    }
  }

  @Test
  void shortWorkAndOtherReadersThanEyesSeeNothing() {
    Watched screen = new Watched("never");
    try (Progress progress = new ProgressLine(new PrintWriter(screen), "run", "x", 1, 3_600_000)) {
      progress.add(1);
    }
    PrintWriter err = new PrintWriter(screen);
    for (Talk talk : new Talk[] {new Talk(err, true, true), new Talk(err, false, false)}) {
      try (Progress progress = talk.progress("run", "images", 10)) {
        progress.add(10);
      }
    }
    new Talk(err, true, true).warn("unheard");
    assertEquals("", screen.text.toString());
  }
}
