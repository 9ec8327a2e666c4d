// SPDX-License-Identifier: Apache-2.0
package io.snnsim.work;

import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;

/**
 * How something that takes long is done. Immutable; as safe to share between threads as the two
 * functions, which are called from any thread.
 *
 * @param threads at least 1; the caller's thread is one of them
 * @param progress told how many more units are done (images, populations: whoever takes an
 *     execution says which)
 * @param cancelled asked now and then; true ends the work early
 */
public record Execution(int threads, IntConsumer progress, BooleanSupplier cancelled) {
  /**
   * Work whose progress nobody follows and that nobody cancels.
   *
   * @param threads at least 1
   * @return the execution
   */
  public static Execution on(int threads) {
    return new Execution(threads, n -> {}, () -> false);
  }

  /**
   * Work whose progress nobody follows.
   *
   * @param threads at least 1
   * @param cancelled true ends it early
   * @return the execution
   */
  public static Execution on(int threads, BooleanSupplier cancelled) {
    return new Execution(threads, n -> {}, cancelled);
  }

  /**
   * The same with someone else who follows the progress.
   *
   * @param other told how many more units are done
   * @return the execution
   */
  public Execution telling(IntConsumer other) {
    return new Execution(threads, other, cancelled);
  }

  /** {@return the same, whose progress nobody follows: a part of some other work} */
  public Execution quiet() {
    return telling(n -> {});
  }

  /** {@return the same on the caller's thread alone} */
  public Execution alone() {
    return new Execution(1, progress, cancelled);
  }

  /** {@return true if the work is to end early} */
  public boolean isCancelled() {
    return cancelled.getAsBoolean();
  }

  /**
   * Ends what cannot end with a part of its result.
   *
   * @param what that would be interrupted: "during calibration"
   * @throws SnnsimException (interrupted) if cancelled
   */
  public void requireNotCancelled(String what) {
    if (isCancelled()) {
      throw new SnnsimException(Category.INTERRUPTED, "interrupted " + what);
    }
  }
}
