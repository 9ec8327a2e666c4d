// SPDX-License-Identifier: Apache-2.0
package io.snnsim.cli;

/**
 * Keeps the heap of a long command near what is alive. The serial collector rather takes memory
 * from the system, up to -Xmx, than to collect what large arrays leave behind: a conversion whose
 * arrays take 500 MB at once would end with all that it was allowed. Owns a thread while open.
 */
final class HeapTrim implements AutoCloseable {
  private static final long MOST_GARBAGE = 150L << 20;
  private static final long EVERY_MILLIS = 50;

  private final Thread watcher;

  private HeapTrim(Thread watcher) {
    this.watcher = watcher;
  }

  /** Begins to look at the heap, if the launcher asks for it: other JVMs have other collectors. */
  static HeapTrim start() {
    Thread watcher = new Thread(HeapTrim::watch, "snnsim-heap");
    watcher.setDaemon(true);
    if (Boolean.getBoolean("snnsim.heap.trim")) {
      watcher.start();
    }
    return new HeapTrim(watcher);
  }

  private static void watch() {
    long alive = 0;
    try {
      while (true) {
        Thread.sleep(EVERY_MILLIS);
        if (used() > alive + Math.max(MOST_GARBAGE, alive / 3)) {
          System.gc();
          alive = used();
        }
      }
    } catch (InterruptedException e) {
      // The command has ended.
    }
  }

  private static long used() {
    Runtime r = Runtime.getRuntime();
    return r.totalMemory() - r.freeMemory();
  }

  @Override
  public void close() {
    watcher.interrupt();
  }
}
