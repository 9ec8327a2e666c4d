// SPDX-License-Identifier: Apache-2.0
package io.snnsim.encode;

import io.snnsim.error.SnnsimException;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * The input codings by name, and the maker of their encoders. Immutable and thread-safe; every
 * encoder made belongs to one thread.
 */
public enum InputCoding {
  /** {@link ConstantEncoder}. */
  CONSTANT,
  /** {@link BernoulliEncoder}. */
  BERNOULLI,
  /** {@link PoissonEncoder}. */
  POISSON,
  /** {@link TtfsEncoder}. */
  TTFS;

  /**
   * The coding of a name, in upper or lower case.
   *
   * @throws SnnsimException (usage) listing the names if there is no such coding
   */
  public static InputCoding parse(String name) {
    for (InputCoding coding : values()) {
      if (coding.toString().equals(name.toLowerCase(Locale.ROOT))) {
        return coding;
      }
    }
    throw SnnsimException.usage(
        "input coding '"
            + name
            + "', expected one of: "
            + Arrays.stream(values()).map(InputCoding::toString).collect(Collectors.joining(", ")));
  }

  /** A new encoder; {@code seed} matters to the random codings only. */
  public InputEncoder encoder(long seed, int values) {
    return switch (this) {
      case CONSTANT -> new ConstantEncoder(values);
      case BERNOULLI -> new BernoulliEncoder(seed, values);
      case POISSON -> new PoissonEncoder(seed, values);
      case TTFS -> new TtfsEncoder(values);
    };
  }

  /** Makes one encoder a worker, all with the same seed. */
  public Supplier<InputEncoder> supplier(long seed, int values) {
    return () -> encoder(seed, values);
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
