// SPDX-License-Identifier: Apache-2.0
package io.snnsim.conversion;

import io.snnsim.api.Precision;
import io.snnsim.convert.SchemeOptions;
import io.snnsim.error.SnnsimException;
import io.snnsim.network.NeuronModel;
import io.snnsim.study.ConversionRequest;
import java.util.Objects;

/**
 * How to convert. Immutable; arrays are copied.
 *
 * @param preset how the network is normalised and fitted
 * @param targetSteps time steps that {@link Preset#LOW_LATENCY} fits to, 1 to 1024, or steps per
 *     layer of {@link Preset#FEW_SPIKE}, 1 to 10; other presets are fitted to none
 * @param precision how fine the integers are; null to choose the narrowest that costs no more than
 *     0.2 points on held-back images
 * @param largestWeight how far 8-bit weights go from 0, 127 or 63, with which the sum of any two
 *     fits 8 bits too; null to choose 63 if that costs no more than 0.2 points on held-back images
 * @param mean of the input, one a channel; null for 0
 * @param std standard deviation of the input, one a channel, more than 0; null for 1
 * @param threads at least 1; the caller's is one of them. The model does not depend on it
 */
public record ConversionOptions(
    Preset preset,
    int targetSteps,
    Precision precision,
    Integer largestWeight,
    float[] mean,
    float[] std,
    int threads) {
  /** Time steps at which precisions are compared. */
  private static final int JUDGED_AT = 64;

  /** V(0) as a share of theta, which compensates for rounding down. */
  private static final double V0 = 0.5;

  private static final int MOST_THREADS = 1024;

  /**
   * Checks every value.
   *
   * @throws SnnsimException (usage) naming the one that is out of range
   */
  public ConversionOptions {
    Objects.requireNonNull(preset, "preset");
    int most =
        preset == Preset.FEW_SPIKE
            ? NeuronModel.FewSpike.MOST_STEPS
            : SchemeOptions.MOST_TARGET_STEPS;
    if (targetSteps < 1 || targetSteps > most) {
      throw SnnsimException.usage(
          "targetSteps=" + targetSteps + ", expected 1 to " + most + " time steps");
    }
    boolean all = largestWeight != null && largestWeight == SchemeOptions.LARGEST_WEIGHT;
    if (!all && largestWeight != null && largestWeight != SchemeOptions.HALF_WEIGHT) {
      throw SnnsimException.usage(
          "largestWeight=" + largestWeight + ", expected 127, 63 or null to choose");
    }
    if (!all && precision != null && precision != Precision.I8) {
      throw SnnsimException.usage(
          "largestWeight="
              + largestWeight
              + " with precision="
              + precision
              + ", expected 127, which says nothing of wider weights, or precision I8");
    }
    if (threads < 1 || threads > MOST_THREADS) {
      throw SnnsimException.usage("threads=" + threads + ", expected 1 to " + MOST_THREADS);
    }
    mean = mean == null ? null : mean.clone();
    std = std == null ? null : std.clone();
  }

  /**
   * A preset with a precision that is chosen, images that are taken as they are, and one thread a
   * processor.
   *
   * @param preset how the network is normalised and fitted
   * @return new options
   */
  public static ConversionOptions of(Preset preset) {
    int threads = Math.min(MOST_THREADS, Runtime.getRuntime().availableProcessors());
    int steps =
        preset == Preset.FEW_SPIKE
            ? io.snnsim.convert.Preset.DEFAULT_STEPS_PER_LAYER
            : io.snnsim.convert.Preset.DEFAULT_TARGET_STEPS;
    return new ConversionOptions(
        preset, steps, null, SchemeOptions.LARGEST_WEIGHT, null, null, threads);
  }

  /**
   * These options for a number of time steps, or steps per layer of {@link Preset#FEW_SPIKE}.
   *
   * @param targetSteps 1 to 1024, or 1 to 10
   * @return new options
   */
  public ConversionOptions fittedTo(int targetSteps) {
    return new ConversionOptions(preset, targetSteps, precision, largestWeight, mean, std, threads);
  }

  /**
   * These options with a precision.
   *
   * @param precision null to choose it
   * @return new options
   */
  public ConversionOptions with(Precision precision) {
    return new ConversionOptions(preset, targetSteps, precision, largestWeight, mean, std, threads);
  }

  /**
   * These options with 8-bit weights that go no further from 0 than given.
   *
   * @param largestWeight 127 or 63; null to choose
   * @return new options
   */
  public ConversionOptions within(Integer largestWeight) {
    return new ConversionOptions(preset, targetSteps, precision, largestWeight, mean, std, threads);
  }

  /**
   * These options for a network whose input is (x - mean) / std.
   *
   * @param mean one a channel
   * @param std one a channel, more than 0
   * @return new options
   */
  public ConversionOptions normalisedBy(float[] mean, float[] std) {
    Objects.requireNonNull(mean, "mean");
    Objects.requireNonNull(std, "std");
    return new ConversionOptions(preset, targetSteps, precision, largestWeight, mean, std, threads);
  }

  /**
   * These options with a number of threads.
   *
   * @param threads at least 1
   * @return new options
   */
  public ConversionOptions on(int threads) {
    return new ConversionOptions(preset, targetSteps, precision, largestWeight, mean, std, threads);
  }

  /** {@return a copy; null for 0} */
  @Override
  public float[] mean() {
    return mean == null ? null : mean.clone();
  }

  /** {@return a copy; null for 1} */
  @Override
  public float[] std() {
    return std == null ? null : std.clone();
  }

  ConversionRequest request() {
    SchemeOptions scheme = preset.preset().scheme(targetSteps);
    return new ConversionRequest(
        new ConversionRequest.Settings(
            mean,
            std,
            preset.preset().percentile(),
            V0,
            largestWeight == null ? scheme : scheme.withLargestWeight(largestWeight)),
        new ConversionRequest.Choices(
            precision == null
                ? null
                : switch (precision) {
                  case I8 -> io.snnsim.network.Precision.I8;
                  case I16 -> io.snnsim.network.Precision.I16;
                  case I32 -> io.snnsim.network.Precision.I32;
                },
            1.0,
            largestWeight == null,
            JUDGED_AT,
            new ConversionRequest.Fit(null, null, null),
            null));
  }
}
