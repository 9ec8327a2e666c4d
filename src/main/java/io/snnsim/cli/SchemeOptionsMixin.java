// SPDX-License-Identifier: Apache-2.0
package io.snnsim.cli;

import io.snnsim.convert.Preset;
import io.snnsim.convert.SchemeOptions;
import io.snnsim.error.SnnsimException;
import io.snnsim.network.NeuronModel;
import io.snnsim.network.Precision;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import picocli.CommandLine.Option;

/** Options of {@code convert} that choose the scheme: a preset, and each method by itself. */
final class SchemeOptionsMixin {
  @Option(
      names = "--preset",
      defaultValue = "s-resnet",
      description =
          "s-resnet (the paper), low-latency (best after few steps, see --target-steps), few-spike"
              + " (an answer after K steps a layer, see --steps-per-layer) or exact (no loss in the"
              + " limit of many steps). The options from here to --grid-correction"
              + " change single methods of it; docs/guide/conversion.md explains them."
              + " Default: ${DEFAULT-VALUE}.")
  private String preset;

  @Option(
      names = "--target-steps",
      paramLabel = "T",
      description =
          "Time steps that fits aim at, 1.."
              + SchemeOptions.MOST_TARGET_STEPS
              + ". Default: "
              + Preset.DEFAULT_TARGET_STEPS
              + " where they are needed.")
  private Integer targetSteps;

  @Option(names = "--neuron", description = "if, or signed: takes spikes back that came too early.")
  private String neuron;

  @Option(names = "--lambda", description = "One for the layer, or for each channel.")
  private String lambda;

  @Option(
      names = "--lambda-choice",
      description =
          "quantile (see --percentile), balance (what clips little), or error: the smallest at"
              + " --target-steps.")
  private String lambdaChoice;

  @Option(
      names = "--weight-calibration",
      paramLabel = "on|off",
      description = "Fit weights to the spike counts that arrive.")
  private String weightCalibration;

  @Option(names = "--bias-calibration", paramLabel = "on|off", description = "Fit biases likewise.")
  private String biasCalibration;

  @Option(
      names = "--fold-averages",
      paramLabel = "on|off",
      description = "Make average pools part of the fully connected layers after them.")
  private String foldAverages;

  @Option(
      names = "--grid-correction",
      paramLabel = "on|off",
      description = "Make up for the rounding of shortcuts and biases.")
  private String gridCorrection;

  @Option(
      names = "--steps-per-layer",
      paramLabel = "K",
      description =
          "Of few-spike neurons: bits of the number that each sends, 1..10, or auto: the fewest"
              + " within --most-loss on held-back calibration images. Default: 5.")
  private String stepsPerLayer;

  @Option(
      names = "--most-loss",
      paramLabel = "POINTS",
      description = "Accuracy that --steps-per-layer auto may lose, in points. Default: 0.2.")
  private Double mostLoss;

  @Option(
      names = "--ridge",
      description = "Penalty on changes of weights, 0..1, or auto. Default: auto.")
  private String ridge;

  @Option(
      names = "--spike-penalty",
      description =
          "Price of a spike when lambda is chosen by error, 0..10, or auto. Default: auto.")
  private String spikePenalty;

  @Option(
      names = "--search",
      description =
          "Choose quantile, V(0), kappa, readout and --readout-after together on held-back"
              + " calibration images at --target-steps; those that are given stay. Not with fits.")
  private boolean search;

  @Option(
      names = "--largest-weight",
      paramLabel = "127|63|auto",
      description =
          "How far 8-bit weights go from 0. 63: the sum of any two fits 8 bits too; auto: 63 if it"
              + " costs no accuracy on held-back calibration images. Default: "
              + SchemeOptions.LARGEST_WEIGHT
              + ".")
  private String largestWeight;

  Preset preset() {
    for (Preset p : Preset.values()) {
      if (p.text().equals(preset)) {
        return p;
      }
    }
    String names =
        Arrays.stream(Preset.values()).map(Preset::text).collect(Collectors.joining(", "));
    throw SnnsimException.usage("--preset: found " + preset + ", expected one of " + names);
  }

  /**
   * The scheme that is asked for; {@link #fitRidge} and {@link #fitSpikePenalty} may still be
   * chosen by a search.
   *
   * @throws SnnsimException (usage) naming options that contradict each other
   */
  SchemeOptions scheme() {
    Preset p = preset();
    SchemeOptions methods = p == Preset.FEW_SPIKE ? fewSpike() : rates(p);
    if (largestWeight == null || choosesLargestWeight()) {
      return methods;
    }
    SnnsimCommand.require(
        List.of("127", "63").contains(largestWeight),
        "--largest-weight: found " + largestWeight + ", expected 127, 63 or auto");
    return methods.withLargestWeight(Integer.parseInt(largestWeight));
  }

  /** True if the largest weight is left to be chosen. */
  boolean choosesLargestWeight() {
    return "auto".equals(largestWeight);
  }

  /**
   * Checks that what is said of 8-bit weights is said of a conversion to such.
   *
   * @param precision null to choose
   * @throws SnnsimException (usage) if it is of others
   */
  void checkLargestWeight(Precision precision) {
    if (largestWeight == null || precision == null || precision == Precision.I8) {
      return;
    }
    throw SnnsimException.usage(
        "--largest-weight: found "
            + largestWeight
            + " with "
            + precision.name().toLowerCase(Locale.ROOT)
            + " weights, expected --precision i8 or auto; leave it out");
  }

  /** Neurons that send rates. */
  private SchemeOptions rates(Preset p) {
    SnnsimCommand.require(
        stepsPerLayer == null && mostLoss == null,
        "--steps-per-layer, --most-loss: found one with --preset "
            + p.text()
            + ", expected --preset few-spike");
    SchemeOptions usual = p.scheme(Preset.DEFAULT_TARGET_STEPS);
    boolean signed = choice("--neuron", neuron, "signed", "if", usual.signed());
    boolean channels = choice("--lambda", lambda, "channel", "layer", usual.channelLambda());
    String lambdas =
        lambdaChoice == null ? (usual.errorLambda() ? "error" : "quantile") : lambdaChoice;
    SnnsimCommand.require(
        List.of("quantile", "balance", "error").contains(lambdas),
        "--lambda-choice: found " + lambdas + ", expected quantile, balance or error");
    boolean error = lambdas.equals("error");
    boolean weights = onOff("--weight-calibration", weightCalibration, usual.weightCalibration());
    boolean biases = onOff("--bias-calibration", biasCalibration, usual.biasCalibration());
    boolean fold = onOff("--fold-averages", foldAverages, usual.foldAverages());
    boolean grid = onOff("--grid-correction", gridCorrection, usual.gridCorrection());
    boolean fitted = error || weights || biases;
    if (targetSteps != null) {
      SnnsimCommand.within("--target-steps", targetSteps, SchemeOptions.MOST_TARGET_STEPS);
      SnnsimCommand.require(
          fitted || grid || search,
          "--target-steps: found "
              + targetSteps
              + " with --preset "
              + p.text()
              + ", in which nothing is fitted to a number of steps; drop it, switch a fit on or"
              + " give --search (--preset low-latency has all fits)");
    }
    SnnsimCommand.require(
        !search || targetSteps != null, "--search: needs --target-steps T to choose for");
    SnnsimCommand.require(
        !search || !fitted,
        "--search: found fits of weights, biases or lambda, which choose by themselves; leave it"
            + " out, or take --preset s-resnet or exact");
    SnnsimCommand.require(
        ridge == null || weights, "--ridge: needs --weight-calibration on, found off");
    SnnsimCommand.require(
        spikePenalty == null || error,
        "--spike-penalty: needs --lambda-choice error, found " + lambdas);
    int steps = targetSteps == null ? Preset.DEFAULT_TARGET_STEPS : targetSteps;
    return new SchemeOptions(
        signed,
        channels,
        error,
        lambdas.equals("balance"),
        weights,
        biases,
        fold,
        grid,
        fitted || grid && targetSteps != null ? steps : 0,
        SchemeOptions.Fit.DEFAULT);
  }

  /** Few-spike neurons; options of rates do not go with them. */
  private SchemeOptions fewSpike() {
    SnnsimCommand.require(
        neuron == null, "--neuron: found it with --preset few-spike, which has neurons of its own");
    SnnsimCommand.require(
        targetSteps == null,
        "--target-steps: found it with --preset few-spike, expected --steps-per-layer");
    SnnsimCommand.require(!search, "--search: found it with --preset few-spike, which has none");
    SnnsimCommand.require(
        spikePenalty == null, "--spike-penalty: found it with --preset few-spike, which has none");
    String lambdas = lambdaChoice == null ? "error" : lambdaChoice;
    SnnsimCommand.require(
        List.of("quantile", "error").contains(lambdas),
        "--lambda-choice: found " + lambdas + ", expected quantile or error");
    boolean auto = "auto".equals(stepsPerLayer);
    SnnsimCommand.require(
        mostLoss == null || auto,
        "--most-loss: needs --steps-per-layer auto, found " + stepsPerLayer);
    SnnsimCommand.require(
        mostLoss == null || mostLoss >= 0 && mostLoss <= 100,
        "--most-loss: found " + mostLoss + ", expected 0..100 points");
    int steps =
        stepsPerLayer == null || auto
            ? Preset.DEFAULT_STEPS_PER_LAYER
            : stepsPerLayer(stepsPerLayer);
    return new SchemeOptions(
        false,
        true,
        choice("--lambda", lambda, "channel", "layer", true),
        lambdas.equals("error"),
        false,
        onOff(
            "--weight-calibration", weightCalibration, ridge != null || Preset.fitsWeights(steps)),
        onOff("--bias-calibration", biasCalibration, true),
        onOff("--fold-averages", foldAverages, true),
        onOff("--grid-correction", gridCorrection, true),
        steps,
        SchemeOptions.LARGEST_WEIGHT,
        SchemeOptions.Fit.DEFAULT);
  }

  private static int stepsPerLayer(String text) {
    int steps;
    try {
      steps = Integer.parseInt(text);
    } catch (NumberFormatException e) {
      steps = 0;
    }
    SnnsimCommand.require(
        steps >= 1 && steps <= NeuronModel.FewSpike.MOST_STEPS,
        "--steps-per-layer: found "
            + text
            + ", expected auto or 1.."
            + NeuronModel.FewSpike.MOST_STEPS);
    return steps;
  }

  /** Points of accuracy that may be lost where steps per layer are chosen, or null. */
  Double mostLoss() {
    return "auto".equals(stepsPerLayer) ? mostLoss == null ? Double.valueOf(0.2) : mostLoss : null;
  }

  /** Time steps that a search over schemes aims at, or 0 without one. */
  int searchSteps() {
    return search ? targetSteps : 0;
  }

  /** The ridge that was given, or null to choose it. */
  Double fitRidge() {
    return number("--ridge", ridge, 1e-9, 1);
  }

  /** The spike penalty that was given, or null to choose it. */
  Double fitSpikePenalty() {
    return number("--spike-penalty", spikePenalty, 0, 10);
  }

  private static Double number(String option, String text, double least, double most) {
    if (text == null || text.equals("auto")) {
      return null;
    }
    double x;
    try {
      x = Double.parseDouble(text);
    } catch (NumberFormatException e) {
      x = Double.NaN;
    }
    SnnsimCommand.require(
        x >= least && x <= most,
        option + ": found " + text + ", expected auto or " + least + ".." + most);
    return x;
  }

  private static boolean onOff(String option, String text, boolean fallback) {
    return choice(option, text, "on", "off", fallback);
  }

  private static boolean choice(
      String option, String text, String yes, String no, boolean fallback) {
    if (text == null) {
      return fallback;
    }
    SnnsimCommand.require(
        text.equals(yes) || text.equals(no),
        option + ": found " + text + ", expected " + no + " or " + yes);
    return text.equals(yes);
  }
}
