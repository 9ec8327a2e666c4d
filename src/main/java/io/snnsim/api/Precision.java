// SPDX-License-Identifier: Apache-2.0
package io.snnsim.api;

/** How fine the grid is that a network's weights and potentials were rounded to. */
public enum Precision {
  /** Weights of 8 bits, membrane potentials of 16. */
  I8,
  /** Weights of 16 bits, membrane potentials of 16. */
  I16,
  /** Weights and membrane potentials of 32 bits: the reference. */
  I32
}
