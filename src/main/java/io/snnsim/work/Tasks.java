// SPDX-License-Identifier: Apache-2.0
package io.snnsim.work;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntConsumer;
import java.util.function.Supplier;

/**
 * Does numbered tasks on several threads and waits for them. Which thread does which task is left
 * open, so tasks must write to places of their own. Stateless.
 */
public final class Tasks {
  private Tasks() {}

  /**
   * Does tasks {@code 0 .. tasks - 1}, or those begun until the execution is cancelled, which is
   * asked before each task. An interrupt of the caller does not end the wait and is kept. Progress
   * is left to the tasks.
   *
   * @param name of the threads, which a number follows
   * @param execution threads and who may end it
   * @param tasks number of them
   * @param perThread makes what does a task; one a thread, so that it may keep scratch memory
   * @throws RuntimeException or an Error: what a task threw first
   */
  public static void run(
      String name, Execution execution, int tasks, Supplier<IntConsumer> perThread) {
    AtomicInteger next = new AtomicInteger();
    AtomicReference<Throwable> failure = new AtomicReference<>();
    Runnable worker =
        () -> {
          try {
            IntConsumer task = null;
            int k;
            while (failure.get() == null
                && !execution.isCancelled()
                && (k = next.getAndIncrement()) < tasks) {
              task = task == null ? perThread.get() : task;
              task.accept(k);
            }
          } catch (Throwable t) {
            failure.compareAndSet(null, t);
          }
        };
    List<Thread> running = new ArrayList<>();
    for (int k = 1; k < Math.min(execution.threads(), tasks); k++) {
      running.add(Thread.ofPlatform().daemon().name(name + "-" + k).start(worker));
    }
    worker.run();
    join(running);
    switch (failure.get()) {
      case null -> {}
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      case Throwable t -> throw new IllegalStateException(t);
    }
  }

  private static void join(List<Thread> running) {
    boolean interrupted = false;
    for (Thread t : running) {
      while (t.isAlive()) {
        try {
          t.join();
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
