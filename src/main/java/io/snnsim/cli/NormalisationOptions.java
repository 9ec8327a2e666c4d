// SPDX-License-Identifier: Apache-2.0
package io.snnsim.cli;

import io.snnsim.error.SnnsimException;
import java.util.Locale;
import picocli.CommandLine.Option;

/** Options on mean and standard deviation of the input. One thread. */
final class NormalisationOptions {
  /** Of data sets' training images, of pixels 0..1. */
  private enum Known {
    IMAGENET("0.485,0.456,0.406", "0.229,0.224,0.225"),
    CIFAR10("0.4914,0.4822,0.4465", "0.2470,0.2435,0.2616"),
    CIFAR100("0.5071,0.4865,0.4409", "0.2673,0.2564,0.2762"),
    MNIST("0.1307", "0.3081"),
    /** Pixels as they are, 0..255, which many Keras models take. */
    U8("0", "0.003921568627");

    private final String mean;
    private final String std;

    Known(String mean, String std) {
      this.mean = mean;
      this.std = std;
    }
  }

  @Option(
      names = "--mean",
      split = ",",
      description = "Of the input, per channel or for all. Default: 0.")
  private float[] mean;

  @Option(
      names = "--std",
      split = ",",
      description = "Of the input, per channel or for all. Default: 1.")
  private float[] std;

  @Option(
      names = "--normalize",
      paramLabel = "SET|M,M,M/S,S,S",
      description =
          "Mean and std at once: imagenet, cifar10, cifar100, mnist, u8 (pixels 0..255), or"
              + " values.")
  private String normalize;

  /** Mean and std by channel; each null if it was not given. */
  record Values(float[] mean, float[] std) {}

  /**
   * What was given.
   *
   * @throws SnnsimException (usage) if it was given twice, or is nothing known
   */
  Values values() {
    if (normalize == null) {
      return new Values(mean, std);
    }
    if (mean != null || std != null) {
      throw SnnsimException.usage(
          "--normalize: found with --mean or --std, expected one of them; leave it out");
    }
    for (Known k : Known.values()) {
      if (k.name().toLowerCase(Locale.ROOT).equals(normalize)) {
        return new Values(numbers(k.mean), numbers(k.std));
      }
    }
    String[] parts = normalize.split("/", -1);
    if (parts.length != 2) {
      throw unknown();
    }
    return new Values(numbers(parts[0]), numbers(parts[1]));
  }

  private float[] numbers(String list) {
    String[] parts = list.split(",", -1);
    float[] numbers = new float[parts.length];
    for (int i = 0; i < numbers.length; i++) {
      try {
        numbers[i] = Float.parseFloat(parts[i]);
      } catch (NumberFormatException e) {
        throw unknown();
      }
    }
    return numbers;
  }

  private SnnsimException unknown() {
    return SnnsimException.usage(
        "--normalize: found "
            + normalize
            + ", expected imagenet, cifar10, cifar100, mnist, u8, or values such as"
            + " 0.5,0.5,0.5/0.25,0.25,0.25");
  }
}
