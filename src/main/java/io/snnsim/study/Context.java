// SPDX-License-Identifier: Apache-2.0
package io.snnsim.study;

import io.snnsim.work.Execution;
import java.util.function.BooleanSupplier;

/**
 * How a study is carried out: results do not depend on it, except that a cancelled study ends with
 * what it has. Immutable; as safe to share as its parts.
 *
 * @param execution on how many threads, and whether it is to end early
 * @param listener told what is to be said meanwhile
 */
public record Context(Execution execution, Listener listener) {
  /** Threads that it may use, the caller's among them. */
  public int threads() {
    return execution.threads();
  }

  /** True once it is to end early. */
  public boolean isCancelled() {
    return execution.isCancelled();
  }

  /** Asked by any thread. */
  public BooleanSupplier cancelled() {
    return execution.cancelled();
  }

  /** The same without a word. */
  public Context quiet() {
    return new Context(execution, Listener.DEAF);
  }
}
