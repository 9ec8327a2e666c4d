package io.snnsim.cli;

import io.snnsim.engine.KernelChoice;
import io.snnsim.error.SnnsimException;
import io.snnsim.kernel.KernelProvider;
import java.util.Locale;

/** The value of {@code --kernel}: a choice, and with it perhaps a width of vectors. Stateless. */
final class KernelOption {
  private KernelOption() {}

  /**
   * Parses auto, scalar, vector, or vector64, 128, 256 or 512. A width holds for the whole process,
   * so this must come before the first model.
   */
  static KernelChoice parse(String text) {
    String name = text.toLowerCase(Locale.ROOT);
    return switch (name) {
      case "auto" -> KernelChoice.AUTO;
      case "scalar" -> KernelChoice.SCALAR;
      case "vector" -> KernelChoice.VECTOR;
      case "vector64", "vector128", "vector256", "vector512" -> {
        System.setProperty(KernelProvider.WIDTH_PROPERTY, name.substring("vector".length()));
        yield KernelChoice.VECTOR;
      }
      default ->
          throw SnnsimException.usage(
              "--kernel: found "
                  + text
                  + ", expected auto, scalar, vector, vector64, vector128, vector256 or vector512");
    };
  }
}
