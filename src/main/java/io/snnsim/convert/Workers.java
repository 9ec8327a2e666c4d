// SPDX-License-Identifier: Apache-2.0
package io.snnsim.convert;

import io.snnsim.ann.Tasks;
import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;
import java.util.function.Supplier;

/**
 * {@link Tasks} that end with an exception if they are cancelled. Immutable; safe to share.
 *
 * @param threads at least 1; the caller's thread is one of them
 * @param cancelled asked before each task
 */
public record Workers(int threads, BooleanSupplier cancelled) {
  /**
   * Does tasks {@code 0 .. tasks - 1}.
   *
   * @param perThread makes what does a task; one a thread, so that it may keep scratch memory
   * @throws SnnsimException (interrupted) if cancelled; or what a task threw first
   */
  public void run(int tasks, Supplier<IntConsumer> perThread) {
    Tasks.run("snnsim-convert", threads, cancelled, tasks, perThread);
    if (cancelled.getAsBoolean()) {
      throw new SnnsimException(Category.INTERRUPTED, "interrupted during calibration");
    }
  }
}
