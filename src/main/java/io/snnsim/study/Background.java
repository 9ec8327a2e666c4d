// SPDX-License-Identifier: Apache-2.0
package io.snnsim.study;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * Work that is needed later, on a thread of its own: a short run would otherwise wait longer for
 * its input to be read and decoded than it takes itself. Thread-safe.
 */
public final class Background<T> {
  private final FutureTask<T> task;

  private Background(FutureTask<T> task) {
    this.task = task;
  }

  /** Starts the work. */
  public static <T> Background<T> start(String thread, Callable<T> work) {
    FutureTask<T> task = new FutureTask<>(work);
    Thread.ofPlatform().daemon().name(thread).start(task);
    return new Background<>(task);
  }

  /** Something that is there already. */
  public static <T> Background<T> done(T value) {
    FutureTask<T> task = new FutureTask<>(() -> value);
    task.run();
    return new Background<>(task);
  }

  /** Waits for the result, or throws what the work threw. */
  public T get() {
    try {
      return task.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case RuntimeException known -> throw known;
        case Error error -> throw error;
        default -> throw new IllegalStateException(e.getCause());
      }
    }
  }
}
