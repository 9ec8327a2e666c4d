// SPDX-License-Identifier: Apache-2.0
package io.snnsim.cli;

import io.snnsim.network.Network;
import io.snnsim.store.ModelFile;
import io.snnsim.study.Context;
import io.snnsim.study.ModelParts;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code --steps} of commands that run images. One thread. */
final class StepsOption {
  @Option(
      names = "--steps",
      paramLabel = "T",
      description =
          "Time steps an image. Few-spike models know theirs, which is K, and run no others.")
  private Integer steps;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

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
   * The number of steps that a model is to run. Says so if it is fitted to another one.
   *
   * @throws ParameterException as {@link #of(Network)}
   * @throws io.snnsim.error.SnnsimException (usage) as {@link #of(Network)}; (bad data) if what the
   *     model says of its conversion is no JSON
   */
  int of(ModelFile file, Context context) {
    int wanted = of(file.network());
    int fitted = ModelParts.fittedSteps(file);
    if (fitted > 0 && fitted != wanted) {
      context
          .listener()
          .say(
              "note: --steps "
                  + wanted
                  + ": this model is fitted to "
                  + fitted
                  + (wanted < fitted ? " and answers worse before" : " and may answer worse after")
                  + "; convert with --target-steps "
                  + wanted
                  + " for the best answers after so many");
    }
    return wanted;
  }

  /**
   * The number of steps that a network is to run.
   *
   * @throws ParameterException if none was given and the network needs one
   * @throws io.snnsim.error.SnnsimException (usage) if it cannot run that number
   */
  private int of(Network network) {
    int code = network.codeSteps();
    if (steps == null && code == 0) {
      // As picocli says of options that are always required.
      throw new ParameterException(spec.commandLine(), "Missing required option: '--steps=T'");
    }
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
