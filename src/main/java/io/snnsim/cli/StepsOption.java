// SPDX-License-Identifier: Apache-2.0
package io.snnsim.cli;

import io.snnsim.network.Network;
import picocli.CommandLine.Option;

/** {@code --steps} of commands that run images. One thread. */
final class StepsOption {
  @Option(
      names = "--steps",
      paramLabel = "T",
      description =
          "Time steps an image. Few-spike models know theirs, which is K, and run no others.")
  private Integer steps;

  /**
   * Checks what was given, before a model is opened.
   *
   * @throws io.snnsim.error.SnnsimException (usage) if it is out of range
   */
  void check() {
    if (steps != null) {
      SnnsimCommand.within("--steps", steps, SnnsimCommand.MOST_STEPS);
    }
  }

  /**
   * The number of steps that a network is to run.
   *
   * @throws io.snnsim.error.SnnsimException (usage) if none was given, or one that it cannot run
   */
  int of(Network network) {
    int code = network.codeSteps();
    SnnsimCommand.require(
        steps != null || code > 0, "--steps: found none, expected T, the time steps an image");
    SnnsimCommand.require(
        code == 0 || steps == null || steps == code,
        "--steps: found "
            + steps
            + ", expected "
            + code
            + " or no --steps: this model answers once, after "
            + code
            + " steps a layer; convert with --steps-per-layer for others");
    return code > 0 ? code : steps;
  }
}
