// SPDX-License-Identifier: Apache-2.0
package io.snnsim.kernel.state;

/**
 * One part of a time step, bound to its buffers: works on one row of one lane block. Confined to
 * the simulation's thread; allocates nothing once compiled.
 */
@FunctionalInterface
public interface RowKernel {
  /** Processes row {@code y} of lane block {@code block}. */
  void row(int block, int y);
}
