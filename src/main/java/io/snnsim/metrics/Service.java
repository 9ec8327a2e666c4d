// SPDX-License-Identifier: Apache-2.0
package io.snnsim.metrics;

/** What is put under load. Called by one thread; should allocate nothing. */
public interface Service {
  /** Answers at once, in no stage: what the machine and the measuring add by themselves. */
  Service EMPTY = (arrival, ends) -> {};

  /**
   * Answers an arrival.
   *
   * @param arrival counted from 0
   * @param ends to be filled with the time at which each stage ended, on the measurement's clock
   */
  void serve(long arrival, long[] ends);
}
