// SPDX-License-Identifier: Apache-2.0
package io.snnsim.conversion;

import io.snnsim.api.Precision;
import java.util.List;

/**
 * What a conversion did. Immutable.
 *
 * @param network its name
 * @param precision given or chosen
 * @param calibrationImages images that activations were measured on
 * @param populations in update order
 * @param notes what was recognised, folded, chosen or widened, a line each
 * @param text a table for eyes
 * @param json settings, hashes and all figures (docs/schema/convert.md), as the model's file keeps
 *     them
 */
public record ConversionReport(
    String network,
    Precision precision,
    int calibrationImages,
    List<PopulationReport> populations,
    List<String> notes,
    String text,
    String json) {
  /** Copies the lists. */
  public ConversionReport {
    populations = List.copyOf(populations);
    notes = List.copyOf(notes);
  }

  /**
   * One population.
   *
   * @param name as in the ANN
   * @param lambda activation that a spike in every time step stands for; the largest, where
   *     channels differ
   * @param largestActivation on the calibration images
   * @param clippedShare share of the activations above lambda
   * @param weightErrorRms what rounding does to weights: root mean square, relative to the largest
   * @param potentialBits width of the membrane potential, 16 or 32
   */
  public record PopulationReport(
      String name,
      double lambda,
      double largestActivation,
      double clippedShare,
      double weightErrorRms,
      int potentialBits) {}

  /** {@return the table for eyes} */
  @Override
  public String toString() {
    return text;
  }
}
