// SPDX-License-Identifier: Apache-2.0
package io.snnsim.readout;

import io.snnsim.error.SnnsimException;
import io.snnsim.json.JsonValue;

/**
 * The number of time steps that a conversion fitted a network to, as a model file's provenance has
 * it. Stateless; reading allocates.
 */
public final class FittedSteps {
  /** Methods of a conversion that fit to a number of steps. */
  private static final String[] FITS = {"errorLambda", "weightCalibration", "biasCalibration"};

  private FittedSteps() {}

  /**
   * Reads it.
   *
   * @param provenance JSON text; null if the file has none
   * @param from its name in messages
   * @return 0 of a network that was fitted to none, whose code has a length of its own, or of which
   *     it is not known
   * @throws SnnsimException (bad data) if it is no JSON
   */
  public static int of(byte[] provenance, String from) {
    if (provenance == null) {
      return 0;
    }
    JsonValue methods =
        JsonValue.parse(provenance, from, "what 'snnsim convert' writes there")
            .get("report")
            .get("methods");
    boolean fitted = false;
    for (String fit : FITS) {
      fitted |= methods.get(fit).isTrue();
    }
    boolean rates = !methods.get("fewSpike").isTrue();
    return fitted && rates ? Math.max(0, methods.get("targetSteps").asInt(0)) : 0;
  }
}
