// SPDX-License-Identifier: Apache-2.0
package io.snnsim.api;

import io.snnsim.error.SnnsimException;
import java.util.Objects;

/**
 * How to open a model. Immutable.
 *
 * @param memory how the weights are held
 * @param kernel which code runs it
 * @param maxMemory bytes that running it may take in all its sessions together, besides its file; 0
 *     for 512 MB a session and 64 times its parameters. Never more than the machine has free
 * @param maxSynapses that it may have, all of which a time step may have to visit; 0 for 17 billion
 *     and a million for each byte of its parameters
 */
public record ModelOptions(Memory memory, Kernel kernel, long maxMemory, long maxSynapses) {
  /** Resident, with the fastest kernels that this JVM has. */
  public static final ModelOptions DEFAULT = new ModelOptions(Memory.RESIDENT, Kernel.AUTO);

  /** Refuses null and negative limits. */
  public ModelOptions {
    Objects.requireNonNull(memory, "memory");
    Objects.requireNonNull(kernel, "kernel");
    if (maxMemory < 0 || maxSynapses < 0) {
      throw SnnsimException.usage(
          "maxMemory=" + maxMemory + ", maxSynapses=" + maxSynapses + ", expected 0 or more");
    }
  }

  /**
   * Options with the default limits.
   *
   * @param memory how the weights are held
   * @param kernel which code runs it
   */
  public ModelOptions(Memory memory, Kernel kernel) {
    this(memory, kernel, 0, 0);
  }

  /**
   * These options with another {@code memory}.
   *
   * @param memory how the weights are held
   * @return new options
   */
  public ModelOptions with(Memory memory) {
    return new ModelOptions(memory, kernel, maxMemory, maxSynapses);
  }

  /**
   * These options with another {@code kernel}.
   *
   * @param kernel which code runs it
   * @return new options
   */
  public ModelOptions with(Kernel kernel) {
    return new ModelOptions(memory, kernel, maxMemory, maxSynapses);
  }

  /**
   * These options with another limit of memory.
   *
   * @param bytes that the model and its sessions may take; 0 for the default
   * @return new options
   */
  public ModelOptions withMaxMemory(long bytes) {
    return new ModelOptions(memory, kernel, bytes, maxSynapses);
  }

  /**
   * These options with another limit of synapses.
   *
   * @param synapses that the model may have; 0 for the default
   * @return new options
   */
  public ModelOptions withMaxSynapses(long synapses) {
    return new ModelOptions(memory, kernel, maxMemory, synapses);
  }
}
