// SPDX-License-Identifier: Apache-2.0
package io.snnsim.kernel.state;

/**
 * Work for one step of a block. Confined to the simulation's thread; allocates nothing once
 * compiled.
 */
@FunctionalInterface
public interface SlotStep {
  /** Does it for slot {@code slot}. */
  void run(int slot);
}
