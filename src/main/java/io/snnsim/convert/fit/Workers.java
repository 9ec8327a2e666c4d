// SPDX-License-Identifier: Apache-2.0
package io.snnsim.convert.fit;

import io.snnsim.error.SnnsimException;
import io.snnsim.work.Execution;
import io.snnsim.work.Tasks;
import java.util.function.IntConsumer;
import java.util.function.Supplier;

/**
 * {@link Tasks} that end with an exception if they are cancelled, and the arrays that they borrow.
 * Safe to share.
 */
record Workers(Execution execution, MapPool pool) {
  /** With arrays of their own. */
  Workers(Execution execution) {
    this(execution, new MapPool());
  }

  /** The caller's thread and no other. */
  Workers alone() {
    return new Workers(execution.alone(), pool);
  }

  /**
   * Does tasks {@code 0 .. tasks - 1}.
   *
   * @param perThread makes what does a task; one a thread, so that it may keep scratch memory
   * @throws SnnsimException (interrupted) if cancelled; or what a task threw first
   */
  public void run(int tasks, Supplier<IntConsumer> perThread) {
    Tasks.run("snnsim-convert", execution, tasks, perThread);
    execution.requireNotCancelled("during calibration");
  }
}
