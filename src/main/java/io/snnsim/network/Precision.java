// SPDX-License-Identifier: Apache-2.0
package io.snnsim.network;

/**
 * How fine a converted network's grid is (design: 8-bit weights with 16-bit V, 16-bit weights, or
 * the 32-bit reference). Populations whose input bound does not fit 16 bits are wide in any case.
 */
public enum Precision {
  /** 8-bit weights, 16-bit membrane potential. */
  I8,
  /** 16-bit weights, 16-bit membrane potential. */
  I16,
  /** 32-bit weights and membrane potential: theta up to 2^16, the reference. */
  I32
}
