// SPDX-License-Identifier: Apache-2.0
package io.snnsim.kernel;

import io.snnsim.kernel.contract.EventKernels;
import io.snnsim.kernel.lookup.LookupKernels;
import io.snnsim.kernel.pattern.PatternKernels;

/**
 * The kernels of one kind. Immutable and thread-safe.
 *
 * @param lookups null if this kind looks nothing up: it is given plans without such populations
 * @param patterns null likewise
 */
public record Kernels(EventKernels events, LookupKernels lookups, PatternKernels patterns) {
  /** {@code scalar} or {@code vector512} and the like. */
  public String name() {
    return events.name();
  }
}
