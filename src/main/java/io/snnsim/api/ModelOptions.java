// SPDX-License-Identifier: Apache-2.0
package io.snnsim.api;

import java.util.Objects;

/**
 * How to open a model. Immutable.
 *
 * @param memory how the weights are held
 * @param kernel which code runs it
 */
public record ModelOptions(Memory memory, Kernel kernel) {
  /** Resident, with the fastest kernels that this JVM has. */
  public static final ModelOptions DEFAULT = new ModelOptions(Memory.RESIDENT, Kernel.AUTO);

  /** Refuses null. */
  public ModelOptions {
    Objects.requireNonNull(memory, "memory");
    Objects.requireNonNull(kernel, "kernel");
  }

  /**
   * These options with another {@code memory}.
   *
   * @param memory how the weights are held
   * @return new options
   */
  public ModelOptions with(Memory memory) {
    return new ModelOptions(memory, kernel);
  }

  /**
   * These options with another {@code kernel}.
   *
   * @param kernel which code runs it
   * @return new options
   */
  public ModelOptions with(Kernel kernel) {
    return new ModelOptions(memory, kernel);
  }
}
