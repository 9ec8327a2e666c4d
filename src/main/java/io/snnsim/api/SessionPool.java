// SPDX-License-Identifier: Apache-2.0
package io.snnsim.api;

import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import java.util.Objects;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A fixed number of sessions of one model for threads that do not keep one of their own: whoever
 * takes a session owns it until it gives it back. Safe to share between threads. The session given
 * back last is taken first, since its state is still in the cache. Taking and giving back allocate
 * nothing and take no lock unless a thread must wait.
 */
public final class SessionPool implements AutoCloseable {
  private final Model model;
  private final Session[] sessions;

  /** How many are free; who got a permit finds one on the stack. */
  private final Semaphore free;

  /** Stack of free sessions: top index + 1 in the low 32 bits, above them a count against ABA. */
  private final AtomicLong top = new AtomicLong();

  /** By session: index + 1 of the one below it. */
  private final AtomicIntegerArray below;

  private volatile boolean closed;

  SessionPool(Model model, int size, SessionOptions options) {
    if (size < 1 || size > 1 << 16) {
      throw SnnsimException.usage("size=" + size + ", expected 1.." + (1 << 16));
    }
    this.model = model;
    sessions = new Session[size];
    below = new AtomicIntegerArray(size);
    free = new Semaphore(0);
    try {
      for (int i = 0; i < size; i++) {
        sessions[i] = model.newSession(options, this, i);
        push(i);
      }
    } catch (RuntimeException | Error e) {
      closeSessions();
      throw e;
    }
    free.release(size);
    model.opened(this);
  }

  /** {@return sessions of this pool} */
  public int size() {
    return sessions.length;
  }

  /** {@return sessions that nobody has, a moment ago; 0 of a closed pool} */
  public int free() {
    return closed ? 0 : free.availablePermits();
  }

  /**
   * Takes a session if one is free; it belongs to the calling thread until it is given back.
   *
   * @return null if none is free
   * @throws SnnsimException (closed) if the pool is
   */
  public Session tryTake() {
    checkOpen();
    return free.tryAcquire() ? taken() : null;
  }

  /**
   * Takes a session, waiting for one if need be; it belongs to the calling thread until it is given
   * back.
   *
   * @param waitNanos longest time to wait; 0 or less is {@link #tryTake} that throws
   * @return a session
   * @throws SnnsimException (in use) if none became free in that time; (closed) if the pool is
   * @throws InterruptedException if the thread is interrupted while it waits
   */
  public Session take(long waitNanos) throws InterruptedException {
    checkOpen();
    if (!free.tryAcquire() && !free.tryAcquire(waitNanos, TimeUnit.NANOSECONDS)) {
      checkOpen();
      throw new SnnsimException(
          Category.IN_USE,
          "pool of "
              + model.name()
              + ": "
              + (sessions.length == 1
                  ? "its session is"
                  : "all " + sessions.length + " sessions are")
              + " in use, expected a free one within "
              + waitNanos
              + " ns");
    }
    return taken();
  }

  private Session taken() {
    if (closed) {
      // The permit says that it is; the next one who waits gets it.
      free.release();
      checkOpen();
    }
    Session s = sessions[pop()];
    s.take();
    return s;
  }

  /**
   * Gives a session back; the caller must not use it or its views any more.
   *
   * @param session one that was taken from this pool by this thread
   * @throws SnnsimException (wrong thread) if it belongs to another thread; (closed) if it lies in
   *     the pool already; (usage) if it is not this pool's
   */
  public void giveBack(Session session) {
    Objects.requireNonNull(session, "session");
    if (session.pool() != this) {
      throw SnnsimException.usage("the session is not of this pool, expected one taken from it");
    }
    session.giveUp();
    push(session.index());
    free.release();
  }

  private void push(int i) {
    long seen;
    do {
      seen = top.get();
      below.set(i, (int) seen);
    } while (!top.compareAndSet(seen, next(seen) | (i + 1)));
  }

  private int pop() {
    long seen;
    int i;
    do {
      seen = top.get();
      i = (int) seen - 1;
    } while (!top.compareAndSet(seen, next(seen) | below.get(i)));
    return i;
  }

  private static long next(long seen) {
    return ((seen >>> 32) + 1) << 32;
  }

  private void checkOpen() {
    if (closed) {
      throw new SnnsimException(
          Category.CLOSED, "pool of " + model.name() + " is closed, expected an open one");
    }
  }

  /**
   * Closes all sessions, by whichever thread. Closing twice does nothing.
   *
   * @throws SnnsimException (in use) if a session is taken; the pool then stays usable
   */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    if (!free.tryAcquire(sessions.length)) {
      int taken = sessions.length - free.availablePermits();
      throw new SnnsimException(
          Category.IN_USE,
          "pool of "
              + model.name()
              + ": "
              + Words.count(taken, "session")
              + (taken == 1
                  ? " is taken, expected none; give it back first"
                  : " are taken, expected none; give them back first"));
    }
    closed = true;
    // Whoever still waits would wait to the end of its time.
    free.release();
    closeSessions();
    model.closed(this);
  }

  private void closeSessions() {
    for (Session s : sessions) {
      if (s != null) {
        s.free();
      }
    }
  }

  /** {@return its model and how many of its sessions are free} */
  @Override
  public String toString() {
    return "pool of "
        + model.name()
        + ", "
        + (closed ? "closed" : free() + " of " + Words.count(sessions.length, "session") + " free");
  }
}
