// SPDX-License-Identifier: Apache-2.0
package io.snnsim.convert;

import io.snnsim.error.SnnsimException;
import io.snnsim.network.NeuronModel;
import java.util.ArrayList;
import java.util.List;

/**
 * What a conversion does beyond the plain scheme, each method by itself. Immutable. All of them off
 * ({@link #PLAIN}) is the plain scheme bit by bit; docs/guide/conversion.md has equations and
 * sources.
 *
 * @param signed signed neurons, which take back spikes sent too early; and an output population
 *     whose potential holds the whole integrated input (32 bits)
 * @param fewSpike few-spike neurons, which send the number of thresholds in {@code targetSteps}
 *     bits; and such an output population
 * @param channelLambda a lambda for each channel, not one for the population
 * @param errorLambda lambda is what makes the expected error at {@code targetSteps} smallest, not a
 *     quantile of activations
 * @param balancedLambda lambda is what threshold balancing ends at, not a quantile
 * @param weightCalibration weights are fitted by least squares to the spike counts that really
 *     arrive
 * @param biasCalibration biases are fitted likewise
 * @param foldAverages average pools that only fully connected layers read become part of these
 * @param gridCorrection what rounding does to shortcuts is made up for by lambda, and what it does
 *     to biases over {@code targetSteps} by V(0)
 * @param targetSteps time steps at which errors count; 0 if no method needs them
 * @param largestWeight how far weights of 8 bits go from 0: {@value #LARGEST_WEIGHT}, or {@value
 *     #HALF_WEIGHT}, so that the sum of any two fits 8 bits too; says nothing of wider ones
 * @param fit numbers of the fits
 */
public record SchemeOptions(
    boolean signed,
    boolean fewSpike,
    boolean channelLambda,
    boolean errorLambda,
    boolean balancedLambda,
    boolean weightCalibration,
    boolean biasCalibration,
    boolean foldAverages,
    boolean gridCorrection,
    int targetSteps,
    int largestWeight,
    Fit fit) {
  /** Most time steps that a conversion is fitted to. */
  public static final int MOST_TARGET_STEPS = 1024;

  /** All that 8 bits hold with either sign. */
  public static final int LARGEST_WEIGHT = 127;

  /** Half of it, of which two weights may be added in 8 bits. */
  public static final int HALF_WEIGHT = 63;

  /** The plain scheme. */
  public static final SchemeOptions PLAIN =
      new SchemeOptions(false, false, false, false, false, false, false, false, 0, Fit.DEFAULT);

  /**
   * Numbers that the fits depend on, which a search may choose.
   *
   * @param ridge weight of the penalty on changes of weights, as a share of the mean square of what
   *     arrives; 0 to choose it for each population on images held back from its fit
   * @param spikePenalty what a rate of one spike a step costs when lambda is chosen, as a share of
   *     the variance of the channel's activations
   */
  public record Fit(double ridge, double spikePenalty) {
    /** Where searches begin. */
    public static final Fit DEFAULT = new Fit(0, 0.05);

    /** Checks both. */
    public Fit {
      if (!(ridge >= 0 && ridge <= 1) || !(spikePenalty >= 0 && spikePenalty <= 10)) {
        throw SnnsimException.usage(
            "ridge " + ridge + ", spike penalty " + spikePenalty + ": expected 0..1 and 0..10");
      }
    }
  }

  /**
   * Checks that what is asked for goes together.
   *
   * @throws SnnsimException (usage) naming what does not
   */
  public SchemeOptions {
    if (targetSteps < 0 || targetSteps > MOST_TARGET_STEPS) {
      throw SnnsimException.usage(
          "target steps " + targetSteps + ": expected 1.." + MOST_TARGET_STEPS);
    }
    if (largestWeight != LARGEST_WEIGHT && largestWeight != HALF_WEIGHT) {
      throw SnnsimException.usage(
          "largest weight "
              + largestWeight
              + ": expected "
              + LARGEST_WEIGHT
              + " or "
              + HALF_WEIGHT);
    }
    if (errorLambda && balancedLambda) {
      throw SnnsimException.usage("lambda: found by error and balanced, expected one of them");
    }
    if (fewSpike && (targetSteps < 1 || targetSteps > NeuronModel.FewSpike.MOST_STEPS)) {
      throw SnnsimException.usage(
          "steps per layer " + targetSteps + ": expected 1.." + NeuronModel.FewSpike.MOST_STEPS);
    }
    if (fewSpike && (signed || balancedLambda)) {
      throw SnnsimException.usage(
          "few-spike neurons: found "
              + (signed ? "signed neurons too" : "lambda balanced, which is of rates")
              + ", expected one of them");
    }
    if (targetSteps == 0 && (errorLambda || weightCalibration || biasCalibration)) {
      throw SnnsimException.usage(
          "target steps: found none, expected 1.."
              + MOST_TARGET_STEPS
              + " for lambda by error and for calibration of weights or biases");
    }
  }

  /** Of neurons that send rates, with weights as large as 8 bits hold. */
  public SchemeOptions(
      boolean signed,
      boolean channelLambda,
      boolean errorLambda,
      boolean balancedLambda,
      boolean weightCalibration,
      boolean biasCalibration,
      boolean foldAverages,
      boolean gridCorrection,
      int targetSteps,
      Fit fit) {
    this(
        signed,
        false,
        channelLambda,
        errorLambda,
        balancedLambda,
        weightCalibration,
        biasCalibration,
        foldAverages,
        gridCorrection,
        targetSteps,
        LARGEST_WEIGHT,
        fit);
  }

  /** Steps of a code; 0 of neurons that send rates. */
  public int codeSteps() {
    return fewSpike ? targetSteps : 0;
  }

  /** The count that stands for lambda after the target steps. */
  public int fullCount() {
    return fewSpike ? (1 << targetSteps) - 1 : targetSteps;
  }

  /** True if the output population's potential holds the whole integrated input. */
  public boolean wholeOutput() {
    return signed || fewSpike;
  }

  /** True if populations are converted one after another on real spike trains. */
  public boolean layerwise() {
    return errorLambda || weightCalibration || biasCalibration;
  }

  /** What is on, in words; empty for the plain scheme. */
  public String text() {
    List<String> on = new ArrayList<>();
    add(on, signed, "signed neurons");
    add(on, fewSpike, "few-spike neurons");
    add(on, channelLambda, "lambda by channel");
    add(on, errorLambda, "lambda of least error (spike penalty " + fit.spikePenalty() + ")");
    add(on, balancedLambda, "lambda balanced");
    add(on, weightCalibration, "weights calibrated");
    add(on, biasCalibration, "biases calibrated");
    add(on, foldAverages, "averages folded");
    add(on, gridCorrection, "grid corrected");
    add(on, targetSteps > 0 && !on.isEmpty(), (fewSpike ? "K = " : "for T = ") + targetSteps);
    add(on, largestWeight != LARGEST_WEIGHT, "weights within " + largestWeight);
    return String.join(", ", on);
  }

  private static void add(List<String> on, boolean is, String what) {
    if (is) {
      on.add(what);
    }
  }

  /** The same without anything that is fitted to spikes. */
  public SchemeOptions withoutFits() {
    return new SchemeOptions(
        signed,
        fewSpike,
        channelLambda,
        false,
        balancedLambda,
        false,
        false,
        foldAverages,
        gridCorrection,
        targetSteps,
        largestWeight,
        fit);
  }

  /** The same with codes of another length. */
  public SchemeOptions withCode(int steps) {
    return new SchemeOptions(
        signed,
        fewSpike,
        channelLambda,
        errorLambda,
        balancedLambda,
        weightCalibration,
        biasCalibration,
        foldAverages,
        gridCorrection,
        steps,
        largestWeight,
        fit);
  }

  /** The same with 8-bit weights that go as far from 0 as {@code largest}. */
  public SchemeOptions withLargestWeight(int largest) {
    return new SchemeOptions(
        signed,
        fewSpike,
        channelLambda,
        errorLambda,
        balancedLambda,
        weightCalibration,
        biasCalibration,
        foldAverages,
        gridCorrection,
        targetSteps,
        largest,
        fit);
  }

  /** The same with other numbers. */
  public SchemeOptions with(Fit other) {
    return new SchemeOptions(
        signed,
        fewSpike,
        channelLambda,
        errorLambda,
        balancedLambda,
        weightCalibration,
        biasCalibration,
        foldAverages,
        gridCorrection,
        targetSteps,
        largestWeight,
        other);
  }
}
