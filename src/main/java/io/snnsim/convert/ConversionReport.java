// SPDX-License-Identifier: Apache-2.0
package io.snnsim.convert;

import io.snnsim.error.Shown;
import java.util.List;
import java.util.Locale;

/**
 * What a conversion did, population by population. Immutable.
 *
 * @param notes what was folded, exchanged or widened
 */
public record ConversionReport(
    String network,
    String precision,
    double percentile,
    double v0,
    double compensation,
    int calibrationImages,
    SchemeOptions methods,
    List<PopulationReport> populations,
    List<String> notes) {
  /**
   * One population.
   *
   * @param lambda activation of rate 1 (the largest, where channels differ)
   * @param clippedShare share of calibration activations above lambda
   * @param weightErrorMax largest |rounded - exact| weight relative to the largest weight
   * @param weightErrorRms root mean square of the same
   * @param ridge penalty that the weights were fitted with; null if they were not
   * @param boundLow proven lower bound of one step's input sum, grid units
   * @param boundHigh upper bound
   */
  public record PopulationReport(
      String name,
      String shape,
      String model,
      double lambda,
      double largestActivation,
      double clippedShare,
      int thetaMin,
      int thetaMax,
      int potentialBits,
      double weightErrorMax,
      double weightErrorRms,
      Double ridge,
      long boundLow,
      long boundHigh,
      List<String> projections) {}

  /** A table for eyes. */
  public String toText() {
    StringBuilder s = new StringBuilder();
    s.append(
        String.format(
            Locale.ROOT,
            "%s: precision %s, %sV(0) = %s theta, kappa %s, %d calibration images%n",
            network,
            precision,
            methods.errorLambda() || methods.balancedLambda()
                ? ""
                : "percentile " + percentile + ", ",
            v0,
            compensation,
            calibrationImages));
    if (!methods.text().isEmpty()) {
      s.append("methods: ").append(methods.text()).append('\n');
    }
    s.append(
        String.format(
            Locale.ROOT,
            "%-18s %-10s %9s %9s %8s %13s %2s %9s %9s %16s%n",
            "population",
            "shape",
            "lambda",
            "max",
            "clipped",
            "theta",
            "V",
            "w err max",
            "w err rms",
            "input bound"));
    for (PopulationReport p : populations) {
      s.append(
          String.format(
              Locale.ROOT,
              "%-18s %-10s %9.4f %9.4f %7.3f%% %6d..%-6d %2d %8.3f%% %8.3f%% %7d..%d%n",
              Shown.text(p.name()),
              p.shape(),
              p.lambda(),
              p.largestActivation(),
              100 * p.clippedShare(),
              p.thetaMin(),
              p.thetaMax(),
              p.potentialBits(),
              100 * p.weightErrorMax(),
              100 * p.weightErrorRms(),
              p.boundLow(),
              p.boundHigh()));
    }
    for (String note : notes) {
      s.append("note: ").append(Shown.text(note)).append('\n');
    }
    return s.toString();
  }
}
