// SPDX-License-Identifier: Apache-2.0
package io.snnsim.cli;

import picocli.CommandLine.Option;

/** {@code --steps} of commands that run images. One thread. */
final class StepsOption {
  @Option(
      names = "--steps",
      paramLabel = "T",
      required = true,
      description = "Time steps an image.")
  private int steps;

  /**
   * The number of steps.
   *
   * @throws io.snnsim.error.SnnsimException (usage) if it is out of range
   */
  int checked() {
    return SnnsimCommand.within("--steps", steps, SnnsimCommand.MOST_STEPS);
  }
}
