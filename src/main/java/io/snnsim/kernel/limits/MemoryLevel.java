// SPDX-License-Identifier: Apache-2.0
package io.snnsim.kernel.limits;

/** Where data lies, from near to far. */
public enum MemoryLevel {
  L1,
  L2,
  L3,
  MEMORY
}
