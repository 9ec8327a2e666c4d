// SPDX-License-Identifier: Apache-2.0
package io.snnsim.cli;

import io.snnsim.engine.Simulator;
import io.snnsim.error.SnnsimException;
import io.snnsim.readout.Readout;
import picocli.CommandLine.Option;

/** {@code --readout}. One thread. */
final class ReadoutOption {
  @Option(
      names = "--readout",
      defaultValue = "auto",
      description =
          "auto, spikes+softmax, spikes or membrane; auto is membrane for signed neurons, else"
              + " spikes+softmax. Default: ${DEFAULT-VALUE}.")
  private String readout;

  /**
   * Refuses what is no readout.
   *
   * @throws SnnsimException (usage)
   */
  void check() {
    parse(readout);
  }

  /** The readout that was asked for, or the one that fits the network. */
  Readout of(Simulator simulator) {
    Readout asked = parse(readout);
    return asked == null ? Readout.of(simulator) : asked;
  }

  /** null for auto. */
  static Readout parse(String name) {
    return switch (name) {
      case "auto" -> null;
      case "spikes+softmax" -> Readout.SPIKES_SOFTMAX;
      case "spikes" -> Readout.SPIKES;
      case "membrane" -> Readout.MEMBRANE;
      default ->
          throw SnnsimException.usage(
              "--readout: found " + name + ", expected auto, spikes+softmax, spikes or membrane");
    };
  }
}
