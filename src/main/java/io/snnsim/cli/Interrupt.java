// SPDX-License-Identifier: Apache-2.0
package io.snnsim.cli;

import io.snnsim.error.Shown;
import io.snnsim.store.AtomicFile;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Lets a run end early on Ctrl-C and still print what it has. Thread-safe; one a process.
 *
 * <p>The JVM starts its shutdown on SIGINT (SIGTERM) and halts with 130 (143) when the hooks are
 * done: the hook asks the run to stop, waits for its last line, and removes what is half-written if
 * that does not come.
 */
class Interrupt {
  private static final long GRACE_SECONDS = 10;

  /** From when the JVM ends to when a hook has run. */
  private static final long TELLING_MILLIS = 200;

  private final CountDownLatch printed = new CountDownLatch(1);
  private volatile boolean asked;

  /** Starts to listen. */
  void install() {
    Runtime.getRuntime().addShutdownHook(new Thread(this::shutDown, "snnsim-interrupt"));
    Thread.setDefaultUncaughtExceptionHandler(this::uncaught);
  }

  /** Threads of libraries, cut short, complain of what they lack: not while the process ends. */
  private void uncaught(Thread thread, Throwable t) {
    try {
      // The JVM refuses before it tells.
      if (!asked) {
        Thread.sleep(TELLING_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (!asked) {
      System.err.println("snnsim: thread " + thread.getName() + ": " + Shown.text(t.toString()));
    }
  }

  private void shutDown() {
    asked = true;
    boolean ended = false;
    try {
      ended = printed.await(GRACE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    AtomicFile.abandon();
    if (!ended) {
      System.err.println(
          "snnsim: interrupted; did not end within "
              + GRACE_SECONDS
              + " seconds, what was half-written is removed");
    }
  }

  /** True once the user asked to stop. */
  boolean asked() {
    return asked;
  }

  /** To be called when nothing more will be printed. */
  void done() {
    printed.countDown();
  }
}
