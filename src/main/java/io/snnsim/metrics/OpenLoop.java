// SPDX-License-Identifier: Apache-2.0
package io.snnsim.metrics;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * Load whose arrivals do not wait for answers: arrival i comes at start + i / rate whatever the
 * service does, and its latency counts from there. A stall of the service so delays all arrivals
 * that come meanwhile, as it would for users; counting from when a call was made would hide them
 * (coordinated omission). One thread generates and serves. Confined to it; its loop allocates
 * nothing.
 */
public final class OpenLoop {
  private final Clock clock;
  private final Service service;
  private final List<String> stages;
  private final BooleanSupplier stop;
  private final long[] ends;
  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  /** Of all runs, so that the service goes on where it was. */
  private long served;

  /**
   * For one service.
   *
   * @param stages names of its stages, in their order; may be empty
   * @param stop asked at every arrival; true ends the run with what there is
   */
  public OpenLoop(Clock clock, Service service, List<String> stages, BooleanSupplier stop) {
    this.clock = clock;
    this.service = service;
    this.stages = List.copyOf(stages);
    this.stop = stop;
    ends = new long[stages.size()];
  }

  /**
   * Puts the service under load. After the last arrival the queue is worked off for at most as long
   * again; arrivals without an answer by then count as unserved, with the time that they had
   * waited.
   *
   * @param rate arrivals a second, more than 0
   * @param duration nanoseconds over which they come
   */
  public Latencies run(double rate, long duration) {
    Latencies found = new Latencies(stages, duration);
    long arrivals = arrivals(rate, duration);
    long bytesBefore = threads.getCurrentThreadAllocatedBytes();
    long start = clock.nanos();
    long givenUp = start + 2 * duration;
    long now = start;
    long i = 0;
    while (i < arrivals && now < givenUp && !stop.getAsBoolean()) {
      now = one(found, start, due(i, rate));
      i++;
    }
    long bytes = threads.getCurrentThreadAllocatedBytes() - bytesBefore;
    found.end(now - start, bytes);
    for (; i < arrivals && due(i, rate) < now - start; i++) {
      found.addUnserved(due(i, rate), now - start - due(i, rate));
    }
    return found;
  }

  /** Arrivals of a run, at least 1. */
  static long arrivals(double rate, long duration) {
    return Math.max(1, (long) Math.ceil(duration / 1e9 * rate));
  }

  /** When arrival {@code i} comes, in nanoseconds from the start. */
  static long due(long i, double rate) {
    return (long) (i * 1e9 / rate);
  }

  /** Waits for one arrival and serves it; returns the time after it. */
  private long one(Latencies found, long start, long due) {
    long intended = start + due;
    long now = clock.nanos();
    if (now > intended) {
      found.addLate();
    }
    while (now < intended) {
      clock.pause();
      now = clock.nanos();
    }
    service.serve(served++, ends);
    found.add(due, now - intended, now, ends);
    return clock.nanos();
  }

  /**
   * Arrivals a second that the service answers when they come back to back: beyond it every queue
   * grows.
   *
   * @param duration nanoseconds to measure for, more than 0
   */
  public double capacity(long duration) {
    long start = clock.nanos();
    long now = start;
    long n = 0;
    while (n == 0 || now - start < duration && !stop.getAsBoolean()) {
      service.serve(served++, ends);
      now = clock.nanos();
      n++;
    }
    return n * 1e9 / Math.max(1, now - start);
  }
}
