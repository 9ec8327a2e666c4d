// SPDX-License-Identifier: Apache-2.0
package io.snnsim.convert.scheme;

/** What rounding does to the weights of one population. Confined to one thread. */
final class RoundingError {
  private double largestError;
  private double squares;
  private long count;
  private double largestWeight;

  /** Adds a weight of {@code exact} thresholds that became {@code rounded} / {@code theta}. */
  void add(double exact, int rounded, int theta) {
    double e = Math.abs((double) rounded / theta - exact);
    largestError = Math.max(largestError, e);
    squares += e * e;
    count++;
    largestWeight = Math.max(largestWeight, Math.abs(exact));
  }

  /** Largest error as a share of the largest weight. */
  double max() {
    return largestError / scale();
  }

  /** Root mean square error as a share of the largest weight. */
  double rms() {
    return (count == 0 ? 0 : Math.sqrt(squares / count)) / scale();
  }

  private double scale() {
    return largestWeight == 0 ? 1 : largestWeight;
  }
}
