// SPDX-License-Identifier: Apache-2.0
package io.snnsim.cli;

import io.snnsim.error.SnnsimException;
import io.snnsim.study.LatencyMeasurement;

/** Rates and durations as options name them. Stateless. */
final class LoadValues {
  private LoadValues() {}

  private static final double MOST_RATE = 1e7;
  private static final double MOST_SHARE = 10;
  private static final double MOST_SECONDS = 86_400;

  /** Parses {@code 500} or {@code 50%}. */
  static LatencyMeasurement.Rate rate(String text) {
    boolean share = text.endsWith("%");
    double value = number(share ? text.substring(0, text.length() - 1) : text);
    value = share ? value / 100 : value;
    // NaN is neither.
    if (!(value > 0 && value <= (share ? MOST_SHARE : MOST_RATE))) {
      throw SnnsimException.usage(
          "--rate: found "
              + text
              + ", expected arrivals a second (more than 0, to 10000000) or a share of saturation"
              + " (more than 0%, to 1000%)");
    }
    return new LatencyMeasurement.Rate(value, share);
  }

  /** Parses {@code 20s}, {@code 500ms} or {@code 2m} to nanoseconds. */
  static long nanos(String option, String text) {
    double unit = Double.NaN;
    String digits = text;
    if (text.endsWith("ms")) {
      unit = 1e-3;
      digits = text.substring(0, text.length() - 2);
    } else if (text.endsWith("s") || text.endsWith("m") || text.endsWith("h")) {
      unit = text.endsWith("s") ? 1 : text.endsWith("m") ? 60 : 3600;
      digits = text.substring(0, text.length() - 1);
    }
    double seconds = number(digits) * unit;
    if (!(seconds >= 1e-3 && seconds <= MOST_SECONDS)) {
      throw SnnsimException.usage(
          option + ": found " + text + ", expected a time from 1ms to 24h, for instance 20s");
    }
    return Math.round(seconds * 1e9);
  }

  private static double number(String text) {
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException e) {
      return Double.NaN;
    }
  }
}
