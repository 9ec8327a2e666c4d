// SPDX-License-Identifier: Apache-2.0
package io.snnsim.api;

import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;

/**
 * Whose a session is: its thread's, its pool's, or nobody's once it is closed. Asked by any thread,
 * changed by the owner and, while it lies in a pool, by the pool; allocates nothing but refusals.
 */
final class Owner {
  private final String network;

  /** Null while it lies in its pool. */
  private Thread thread;

  private boolean closed;

  /**
   * @param thread null of a session that lies in its pool
   */
  Owner(String network, Thread thread) {
    this.network = network;
    this.thread = thread;
  }

  /** Refuses every thread but the owner, and use after closing. */
  void check() {
    if (thread != Thread.currentThread()) {
      throw refusal();
    }
    if (closed) {
      throw new SnnsimException(
          Category.CLOSED, "session of " + network + " is closed, expected an open one");
    }
  }

  private SnnsimException refusal() {
    Thread known = thread;
    if (known == null) {
      return new SnnsimException(
          Category.CLOSED,
          "session of " + network + " lies in its pool, expected one that was taken");
    }
    return new SnnsimException(
        Category.WRONG_THREAD,
        "session of "
            + network
            + " belongs to thread "
            + known.getName()
            + ", found it used by "
            + Thread.currentThread().getName()
            + ", expected a session for each thread");
  }

  /** True if the calling thread closed it before. */
  boolean closedByCaller() {
    return closed && thread == Thread.currentThread();
  }

  /** Becomes the calling thread's. */
  void take() {
    thread = Thread.currentThread();
  }

  /** Becomes nobody's. */
  void giveUp() {
    check();
    thread = null;
  }

  void close() {
    closed = true;
  }

  @Override
  public String toString() {
    Thread known = thread;
    return closed ? "closed" : known == null ? "in its pool" : "of thread " + known.getName();
  }
}
