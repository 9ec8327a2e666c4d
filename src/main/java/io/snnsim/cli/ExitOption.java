// SPDX-License-Identifier: Apache-2.0
package io.snnsim.cli;

import static io.snnsim.cli.SnnsimCommand.require;

import io.snnsim.error.SnnsimException;
import io.snnsim.format.ModelContents;
import io.snnsim.readout.EarlyExit;
import io.snnsim.readout.ExitMargins;
import io.snnsim.readout.Readout;
import io.snnsim.store.ModelFile;
import io.snnsim.tune.ExitCalibration;
import java.nio.file.Path;

/** {@code --early-exit}, which several commands have. Stateless. */
final class ExitOption {
  private ExitOption() {}

  /**
   * How many errors of the margin are safe.
   *
   * @throws SnnsimException (usage) unless it is {@code auto} or a finite number &gt;= 0
   */
  static double factor(String text) {
    double factor = EarlyExit.USUAL_FACTOR;
    if (!text.equals("auto")) {
      try {
        factor = Double.parseDouble(text);
      } catch (NumberFormatException e) {
        factor = Double.NaN;
      }
    }
    require(
        factor >= 0 && Double.isFinite(factor),
        "--early-exit: found "
            + text
            + ", expected auto or a number >= 0; before a file name write --early-exit=auto");
    return factor;
  }

  /**
   * The rule by the margins that a file carries.
   *
   * @param name of the model in messages
   * @throws SnnsimException (usage) if it carries none, or none for so many steps or this readout
   */
  static EarlyExit rule(ModelFile file, Path name, Readout taken, int steps, double factor) {
    byte[] section = file.extra(ModelContents.EARLY_EXIT);
    require(
        section != null,
        "--early-exit: "
            + name
            + " has no section early.exit, expected a model that is fitted to a number of steps;"
            + " convert it with --preset low-latency --target-steps "
            + steps
            + " and "
            + ExitCalibration.FEWEST
            + " calibration images or more");
    ExitMargins margins = ExitMargins.parse(section, name + ", section early.exit");
    require(
        steps <= margins.steps(),
        "--steps: found "
            + steps
            + ", expected 1.."
            + margins.steps()
            + ", which early exit is calibrated for; run fewer, or convert with --target-steps "
            + steps);
    require(
        taken == margins.readout(),
        "--readout: found "
            + taken.label()
            + ", expected "
            + margins.readout().label()
            + ", which early exit is calibrated for");
    return new EarlyExit(margins, factor);
  }
}
