// SPDX-License-Identifier: Apache-2.0
package io.snnsim.engine;

/**
 * Says when an image needs no more steps. Called on worker threads, for different images at the
 * same time; whether an image ends may depend on that image's own simulation alone, or results
 * would depend on threads.
 */
@FunctionalInterface
public interface ExitRule {
  /**
   * Asked after every step of an image.
   *
   * @param step 0-based
   * @return true to end the image after this step
   */
  boolean decided(Simulation session, int step);
}
