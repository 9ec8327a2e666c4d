// SPDX-License-Identifier: Apache-2.0
package io.snnsim.campaign;

import io.snnsim.campaign.reading.ReadersTrial;
import java.util.List;

/** All trials of the campaign. Stateless. */
final class Trials {
  private Trials() {}

  /** New ones, in the order of the table. */
  static List<Trial> all() {
    return List.of(
        new StructureTrial(),
        new FlipTrial(),
        new NetworkTrial(),
        new ReadersTrial(),
        new RaceTrial(),
        new PowerCutTrial(),
        new OpeningTrial());
  }
}
