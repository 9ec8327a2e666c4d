// SPDX-License-Identifier: Apache-2.0
package io.snnsim.examples;

import java.time.Duration;

/**
 * How much of the machine a {@link HttpService} takes, and for how long it waits. Immutable.
 *
 * @param port to classify at; 0 is any free one
 * @param adminPort to watch it at; 0 is any free one
 * @param steps time steps of every image
 * @param threads that classify, each with a session: as a rule one a core
 * @param queue images that may wait for such a thread; what is beyond is refused at once
 * @param warmUp budget of every opening of a model
 * @param stopping longest wait for requests that have begun when it is stopped
 */
public record ServiceOptions(
    int port,
    int adminPort,
    int steps,
    int threads,
    int queue,
    Duration warmUp,
    Duration stopping) {

  /** With a queue that is served within the time of a few images. */
  public static ServiceOptions of(int port, int adminPort, int steps, int threads) {
    return new ServiceOptions(
        port,
        adminPort,
        steps,
        threads,
        4 * threads,
        Duration.ofSeconds(2),
        Duration.ofSeconds(10));
  }
}
