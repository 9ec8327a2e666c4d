// SPDX-License-Identifier: Apache-2.0
package io.snnsim.kernel.pattern;

import io.snnsim.kernel.contract.ConvArgs;
import io.snnsim.kernel.state.RowKernel;

/**
 * Makes the kernels that add rows of {@link PatternTables}. Lanes are channels; the bits are those
 * of the event kernels, whose other kernels work beside them. Stateless and thread-safe; the
 * kernels allocate nothing once compiled.
 */
public final class PatternKernels {
  /** accumulator += weights of the source's spikes. */
  public RowKernel conv(ConvArgs args, PatternTables tables) {
    return args.target().wide ? new PatternSums32(args, tables) : new PatternSums16(args, tables);
  }
}
