// SPDX-License-Identifier: Apache-2.0
package io.snnsim.cli;

import io.snnsim.engine.KernelChoice;
import io.snnsim.error.SnnsimException;
import io.snnsim.kernel.KernelProvider;
import java.nio.file.Path;
import java.util.Locale;
import picocli.CommandLine.Option;

/** {@code --kernel} and {@code --plan}: how a model is run. One thread. */
final class KernelOptions {
  @Option(
      names = "--kernel",
      defaultValue = "auto",
      description =
          "auto, scalar, array, vector, or vector64 to vector512 for a width in bits; results do"
              + " not depend on it. Default: ${DEFAULT-VALUE}.")
  private String kernel;

  @Option(
      names = "--plan",
      paramLabel = "FILE",
      description =
          "Update methods of the populations, from 'snnsim bench --tune'; results do not depend on"
              + " it. Default: the model's own.")
  private Path plan;

  /** The kernels asked for. */
  KernelChoice kernel() {
    return parse(kernel);
  }

  /** The file of the plan, or null for the model's own. */
  Path plan() {
    return plan;
  }

  /**
   * Parses auto, scalar, array, vector, or vector64, 128, 256 or 512. A width holds for the whole
   * process, so this must come before the first model.
   */
  static KernelChoice parse(String text) {
    String name = text.toLowerCase(Locale.ROOT);
    return switch (name) {
      case "auto" -> KernelChoice.AUTO;
      case "scalar" -> KernelChoice.SCALAR;
      case "array" -> KernelChoice.ARRAY;
      case "vector" -> KernelChoice.VECTOR;
      case "vector64", "vector128", "vector256", "vector512" -> {
        System.setProperty(KernelProvider.WIDTH_PROPERTY, name.substring("vector".length()));
        yield KernelChoice.VECTOR;
      }
      default ->
          throw SnnsimException.usage(
              "--kernel: found "
                  + text
                  + ", expected auto, scalar, array, vector, vector64, vector128, vector256 or"
                  + " vector512");
    };
  }
}
