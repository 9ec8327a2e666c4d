// SPDX-License-Identifier: Apache-2.0
package io.snnsim.convert;

import java.util.Locale;

/** Names for sets of methods. */
public enum Preset {
  /** The paper to the letter: one lambda a population from a quantile, and nothing else. */
  S_RESNET,
  /** The best accuracy after few time steps: every method, fitted to the target steps. */
  LOW_LATENCY,
  /** Without loss in the limit of many steps: signed neurons, each channel's largest activation. */
  EXACT,
  /** The ANN's accuracy in four or five steps a layer: spikes are the bits of numbers. */
  FEW_SPIKE;

  /** Steps per layer of {@link #FEW_SPIKE} if none are given. */
  public static final int DEFAULT_STEPS_PER_LAYER = 5;

  /** Target steps of {@link #LOW_LATENCY} if none are given. */
  public static final int DEFAULT_TARGET_STEPS = 8;

  /** As on a command line. */
  public String text() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /**
   * What it stands for.
   *
   * @param targetSteps that {@link #LOW_LATENCY} is fitted to, or K of {@link #FEW_SPIKE}
   */
  public SchemeOptions scheme(int targetSteps) {
    return switch (this) {
      case S_RESNET -> SchemeOptions.PLAIN;
      case LOW_LATENCY ->
          new SchemeOptions(
              true,
              true,
              true,
              false,
              true,
              true,
              true,
              true,
              targetSteps,
              SchemeOptions.Fit.DEFAULT);
      case EXACT ->
          new SchemeOptions(
              true, true, false, false, false, false, true, false, 0, SchemeOptions.Fit.DEFAULT);
      case FEW_SPIKE ->
          new SchemeOptions(
              false,
              true,
              true,
              true,
              false,
              fitsWeights(targetSteps),
              true,
              true,
              true,
              targetSteps,
              SchemeOptions.LARGEST_WEIGHT,
              SchemeOptions.Fit.DEFAULT);
    };
  }

  /**
   * True if {@link #FEW_SPIKE} fits weights at K steps a layer: of the few levels of three steps it
   * makes more, of sixteen and more it was measured to make nothing, or less.
   */
  public static boolean fitsWeights(int stepsPerLayer) {
    return stepsPerLayer <= 3;
  }

  /** Quantile of lambda in percent. */
  public double percentile() {
    return this == EXACT ? 100 : 99.9;
  }
}
