// SPDX-License-Identifier: Apache-2.0
package io.snnsim.engine;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;

/**
 * Threads that work on parts of one population's update together. The caller is part 0 and waits
 * for the others, which spin for a moment between two calls and then park. Confined to the thread
 * that made it; {@link #run} allocates nothing.
 */
final class Team implements AutoCloseable {
  /** What every part does. */
  interface Task {
    void run(int part);
  }

  private static final VarHandle FINISHED = MethodHandles.arrayElementVarHandle(int[].class);

  /** About 50 microseconds: longer than from one population to the next, shorter than an image. */
  private static final int SPINS = 2_000;

  private final Thread[] workers;
  private final Task task;
  private final int[] finished;

  /**
   * Number of the last call, written by the caller. It wraps around after some hours, which is no
   * matter: it is compared for equality only, and nobody lags more than one call behind.
   */
  private volatile int calls;

  /** Written before the last call, which then is to end. */
  private volatile boolean ended;

  private volatile Throwable failure;

  /** Starts {@code parts - 1} daemon threads that will run {@code task}. */
  Team(int parts, Task task) {
    this(parts, task, 0);
  }

  /**
   * As {@link #Team(int, Task)}, as if it had been called before.
   *
   * @param lastCall number of the last call so far
   */
  Team(int parts, Task task, int lastCall) {
    this.task = task;
    calls = lastCall;
    workers = new Thread[parts - 1];
    // One line of cache each.
    finished = new int[parts * 16];
    Arrays.fill(finished, lastCall);
    for (int i = 0; i < workers.length; i++) {
      int part = i + 1;
      workers[i] =
          Thread.ofPlatform()
              .daemon()
              .name("snnsim-within-" + part)
              .start(() -> serve(part, lastCall));
    }
  }

  /** Runs the task on all parts and returns when all are done. */
  void run() {
    int call = calls + 1;
    calls = call;
    for (Thread worker : workers) {
      LockSupport.unpark(worker);
    }
    Throwable mine = null;
    try {
      task.run(0);
    } catch (RuntimeException | Error e) {
      mine = e;
    }
    for (int part = 1; part <= workers.length; part++) {
      while ((int) FINISHED.getAcquire(finished, part * 16) != call) {
        Thread.onSpinWait();
      }
    }
    if (mine == null) {
      mine = failure;
    }
    if (mine != null) {
      throw new IllegalStateException("a part of a time step failed", mine);
    }
  }

  private void serve(int part, int lastCall) {
    int served = lastCall;
    while (true) {
      try {
        int call = next(served);
        if (ended) {
          return;
        }
        try {
          task.run(part);
        } catch (RuntimeException | Error e) {
          failure = e;
        }
        served = call;
        FINISHED.setRelease(finished, part * 16, call);
      } catch (Error e) {
        // The JVM tells of memory that is gone a little late; whoever waits must not wait for ever.
        failure = e;
      }
    }
  }

  /** Waits for a call after the one that was served. */
  private int next(int served) {
    int spins = 0;
    int call;
    while ((call = calls) == served) {
      if (++spins < SPINS) {
        Thread.onSpinWait();
      } else {
        LockSupport.park(this);
      }
    }
    return call;
  }

  @Override
  public void close() {
    ended = true;
    calls++;
    boolean interrupted = false;
    for (Thread worker : workers) {
      LockSupport.unpark(worker);
      while (worker.isAlive()) {
        try {
          worker.join();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
