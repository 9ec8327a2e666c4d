// SPDX-License-Identifier: Apache-2.0
package io.snnsim.metrics;

/** The time that a measurement goes by; tests have one of their own. Allocates nothing. */
public interface Clock {
  /** The machine's, waiting by spinning: a thread that sleeps wakes up too late. Thread-safe. */
  Clock SYSTEM =
      new Clock() {
        @Override
        public long nanos() {
          return System.nanoTime();
        }

        @Override
        public void pause() {
          Thread.onSpinWait();
        }
      };

  /** Nanoseconds since some moment. */
  long nanos();

  /** Lets a little time pass. */
  void pause();
}
