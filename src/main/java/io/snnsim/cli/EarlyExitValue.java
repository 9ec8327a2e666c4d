// SPDX-License-Identifier: Apache-2.0
package io.snnsim.cli;

import io.snnsim.error.SnnsimException;
import io.snnsim.readout.EarlyExit;

/** A value of {@code --early-exit}, which several commands have. Stateless. */
final class EarlyExitValue {
  private EarlyExitValue() {}

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
    SnnsimCommand.require(
        factor >= 0 && Double.isFinite(factor),
        "--early-exit: found "
            + text
            + ", expected auto or a number >= 0; before a file name write --early-exit=auto");
    return factor;
  }
}
