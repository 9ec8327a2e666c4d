// SPDX-License-Identifier: Apache-2.0
package io.snnsim.cli;

import io.snnsim.engine.KernelChoice;
import io.snnsim.engine.Simulator;
import io.snnsim.error.SnnsimException;
import io.snnsim.kernel.KernelProvider;
import io.snnsim.network.Network;
import java.util.Locale;

/** The value of {@code --kernel}: a choice, and with it perhaps a width of vectors. Stateless. */
final class KernelOption {
  /**
   * Neuron updates (neurons x steps x images) that array kernels finish before a fresh JVM would
   * have compiled the vector kernels: about a second's.
   */
  private static final long QUICK = 60_000_000;

  /**
   * Set by the launcher, which then started a JVM for so short a run: without the Vector API, and
   * with the quick compiler alone.
   */
  private static final String QUICK_JVM = "snnsim.quick";

  private KernelOption() {}

  /**
   * The choice for a run by a JVM that has just started.
   *
   * @param limit most images, or null if the user set none
   */
  static KernelChoice forRun(KernelChoice asked, Network network, int steps, Integer limit) {
    double updates = limit == null ? QUICK + 1.0 : (double) network.neurons() * steps * limit;
    // Without the Vector API the choice stays automatic: it says which flag is missing.
    boolean quick =
        Boolean.getBoolean(QUICK_JVM) || updates <= QUICK && KernelProvider.vectorAvailable();
    return asked == KernelChoice.AUTO && quick ? KernelChoice.ARRAY : asked;
  }

  /** Why the model runs on its kernels, given what the user asked for. */
  static String reason(KernelChoice asked, Simulator model) {
    return asked == KernelChoice.AUTO && model.kernelName().equals("array")
        ? "a short run, which ends before vector kernels would be compiled"
        : model.kernelReason();
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
