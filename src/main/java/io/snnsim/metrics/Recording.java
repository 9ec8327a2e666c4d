// SPDX-License-Identifier: Apache-2.0
package io.snnsim.metrics;

import jdk.jfr.FlightRecorder;

/**
 * Tells whether JFR could want an event. Before a first recording the event classes need not even
 * be loaded, which costs a short run more than all its images. Stateless, thread-safe, allocates
 * nothing.
 */
public final class Recording {
  private Recording() {}

  /** True since the first recording of this JVM began, whoever began it. */
  public static boolean everStarted() {
    return FlightRecorder.isInitialized();
  }
}
