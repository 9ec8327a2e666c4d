// SPDX-License-Identifier: Apache-2.0
package io.snnsim.metrics;

import java.util.function.DoubleFunction;

/** Looks for the highest rate that holds a bound. Stateless. */
public final class Saturation {
  /** Of the capacity, to which the rate is found. */
  private static final double RESOLUTION = 1 / 64.0;

  private Saturation() {}

  /**
   * The highest rate whose 99.9th percentile holds a bound, by bisection between 0 and the
   * capacity. A rate that fails is tried once more: the machine may have paused for a reason of its
   * own.
   *
   * @param capacity arrivals a second beyond which no rate can hold
   * @param probe runs a load of that rate for a short while
   * @return 0 if none holds, not even 1/64 of the capacity
   */
  public static double find(double capacity, long boundNanos, DoubleFunction<Latencies> probe) {
    double holds = 0;
    double fails = 1;
    while (fails - holds > RESOLUTION) {
      double middle = (holds + fails) / 2;
      double rate = capacity * middle;
      if (holds(probe.apply(rate), boundNanos) || holds(probe.apply(rate), boundNanos)) {
        holds = middle;
      } else {
        fails = middle;
      }
    }
    return capacity * holds;
  }

  private static boolean holds(Latencies found, long boundNanos) {
    return found.unserved() == 0 && found.percentileNanos(99.9) <= boundNanos;
  }
}
