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
 * @param warmUp most time from the opening of the first model until images are taken, compiled code
 *     or not; meanwhile it is not ready
 * @param swapWarmUp the same of a model that replaces another. It may be short: the code is
 *     compiled by then, and beside requests a warm-up takes processor time from them
 * @param stopping longest wait for requests that have begun when it is stopped
 */
public record ServiceOptions(
    int port,
    int adminPort,
    int steps,
    int threads,
    int queue,
    Duration warmUp,
    Duration swapWarmUp,
    Duration stopping) {

  /**
   * With a queue that is served within the time of a few images. The warm-up ends as soon as the
   * code is compiled, a large network's after some 20 s on an idle core; on a machine that is busy
   * otherwise it takes longer, and answers that are slow for a while are better than none.
   */
  public static ServiceOptions of(int port, int adminPort, int steps, int threads) {
    return new ServiceOptions(
        port,
        adminPort,
        steps,
        threads,
        4 * threads,
        Duration.ofSeconds(60),
        Duration.ofSeconds(2),
        Duration.ofSeconds(10));
  }

  /** The same with another longest time until it is ready. */
  public ServiceOptions warmingUp(Duration most) {
    return new ServiceOptions(port, adminPort, steps, threads, queue, most, swapWarmUp, stopping);
  }
}
