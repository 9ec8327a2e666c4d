// SPDX-License-Identifier: Apache-2.0
package io.snnsim.kernel;

import io.snnsim.kernel.contract.EventKernels;
import io.snnsim.kernel.lookup.LookupKernels;

/**
 * The kernels of one kind. Immutable and thread-safe.
 *
 * @param lookups null if this kind looks nothing up: it is given plans without such populations
 */
public record Kernels(EventKernels events, LookupKernels lookups) {
  /** {@code scalar} or {@code vector512} and the like. */
  public String name() {
    return events.name();
  }
}
