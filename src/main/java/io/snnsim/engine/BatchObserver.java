// SPDX-License-Identifier: Apache-2.0
package io.snnsim.engine;

/**
 * Watches a batch. Called on worker threads, for different images at the same time: implementations
 * write to per-image places or synchronise.
 */
public interface BatchObserver {
  /** A worker opened its simulation, which it closes when the batch ends. Called on its thread. */
  default void sessionOpened(Simulation session) {}

  /**
   * After step {@code step} (0-based) of an image: the output is as of that step, everything else
   * as of the end of a step block. Do not keep the simulation.
   */
  default void afterStep(int image, int step, Simulation session) {}

  /**
   * After the last step of an image, which a rule may have made earlier than planned, with the time
   * that it took.
   */
  default void afterImage(int image, Simulation session, long nanos) {}
}
