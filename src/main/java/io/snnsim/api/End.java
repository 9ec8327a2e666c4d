// SPDX-License-Identifier: Apache-2.0
package io.snnsim.api;

/** Why a run ended. */
public enum End {
  /** All steps that were asked for were run. */
  STEPS,
  /** One class was far enough ahead. */
  MARGIN,
  /** The time was up; the answer is the best so far. */
  DEADLINE
}
