package io.snnsim.convert;

import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;
import java.util.function.Supplier;

/**
 * Does numbered tasks on several threads and waits for them. Which thread does which task is left
 * open, so tasks must write to places of their own. Immutable; safe to share.
 *
 * @param threads at least 1; the caller's thread is one of them
 * @param cancelled asked before each task
 */
record Workers(int threads, BooleanSupplier cancelled) {
  /**
   * Does tasks {@code 0 .. tasks - 1}.
   *
   * @param perThread makes what does a task; one a thread, so that it may keep scratch memory
   * @throws SnnsimException (interrupted) if cancelled; or what a task threw first
   */
  void run(int tasks, Supplier<IntConsumer> perThread) {
    AtomicInteger next = new AtomicInteger();
    AtomicReference<Throwable> failure = new AtomicReference<>();
    Runnable worker =
        () -> {
          try {
            IntConsumer task = null;
            int k;
            while (failure.get() == null
                && !cancelled.getAsBoolean()
                && (k = next.getAndIncrement()) < tasks) {
              task = task == null ? perThread.get() : task;
              task.accept(k);
            }
          } catch (Throwable t) {
            failure.compareAndSet(null, t);
          }
        };
    List<Thread> running = new ArrayList<>();
    for (int k = 1; k < Math.min(threads, tasks); k++) {
      running.add(Thread.ofPlatform().daemon().name("snnsim-convert-" + k).start(worker));
    }
    worker.run();
    join(running);
    switch (failure.get()) {
      case null -> {}
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      case Throwable t -> throw new IllegalStateException(t);
    }
    if (cancelled.getAsBoolean()) {
      throw new SnnsimException(Category.INTERRUPTED, "interrupted during calibration");
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
