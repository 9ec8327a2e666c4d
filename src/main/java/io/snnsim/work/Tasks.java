// SPDX-License-Identifier: Apache-2.0
package io.snnsim.work;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntConsumer;
import java.util.function.IntSupplier;
import java.util.function.Supplier;

/**
 * Does numbered tasks on several threads and waits for them. Which thread does which task is left
 * open, so tasks must write to places of their own. Stateless.
 */
public final class Tasks {
  private Tasks() {}

  /** What one of the threads does: takes tasks until there is none for it. */
  @FunctionalInterface
  public interface Worker {
    /**
     * Called once a thread.
     *
     * @param next the number of the next task, negative if the worker is to begin no other
     */
    void work(IntSupplier next);
  }

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
    share(
        name,
        1,
        execution,
        tasks,
        next -> {
          IntConsumer task = null;
          for (int k; (k = next.getAsInt()) >= 0; ) {
            task = task == null ? perThread.get() : task;
            task.accept(k);
          }
        });
  }

  /**
   * The same for workers that open something before their first task and close it after their last
   * one. At least one worker is called, whatever the number of tasks.
   *
   * @param first number of the first thread that is started: 1 if the caller's works too, as number
   *     0; 0 if the caller only waits, unless one thread is enough
   */
  public static void share(String name, int first, Execution execution, int tasks, Worker worker) {
    AtomicInteger next = new AtomicInteger();
    AtomicReference<Throwable> failure = new AtomicReference<>();
    IntSupplier take =
        () -> {
          if (failure.get() != null || execution.isCancelled()) {
            return -1;
          }
          int k = next.getAndIncrement();
          return k < tasks ? k : -1;
        };
    Runnable work =
        () -> {
          try {
            worker.work(take);
          } catch (Throwable t) {
            failure.compareAndSet(null, t);
          }
        };
    int threads = Math.min(execution.threads(), tasks);
    List<Thread> running = new ArrayList<>();
    for (int k = first; threads > 1 && k < threads; k++) {
      running.add(Thread.ofPlatform().daemon().name(name + "-" + k).start(work));
    }
    if (running.size() < threads || threads == 0) {
      work.run();
    }
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
