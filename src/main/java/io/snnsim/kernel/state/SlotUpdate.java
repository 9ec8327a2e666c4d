// SPDX-License-Identifier: Apache-2.0
package io.snnsim.kernel.state;

/**
 * Updates one population for the first time steps of a block: a slot is a step's place in it.
 * Confined to the simulation's thread; allocates nothing once compiled.
 */
public interface SlotUpdate {
  /** Runs steps 0 to {@code slots - 1} of the block. */
  void run(int slots);

  /** Forgets the image before, as far as the population's state does not hold it. */
  default void reset() {}
}
