// SPDX-License-Identifier: Apache-2.0
package io.snnsim.kernel.lookup;

import io.snnsim.kernel.contract.AnalogArgs;
import io.snnsim.kernel.state.Share;
import io.snnsim.kernel.state.SlotStep;
import io.snnsim.kernel.state.SlotUpdate;
import java.lang.foreign.Arena;
import java.util.List;

/**
 * Lookups on the Vector API. Stateless and thread-safe; the kernels it makes allocate nothing once
 * compiled.
 */
public final class VectorLookups implements LookupKernels {
  @Override
  public SlotUpdate update(LookupArgs args, Arena arena, Share share) {
    return switch (args.network().target(args.population())) {
      case LookupTarget.Sums sums ->
          sums.paired() ? new PairUpdate(args, sums, share) : new LookupUpdate(args, sums, share);
      case LookupTarget.Gate gate -> new LookupGate(args, gate, arena, share);
    };
  }

  @Override
  public SlotStep words(LookupArgs args) {
    return SpikeConversions.words(args);
  }

  @Override
  public SlotStep planes(LookupArgs args) {
    return SpikeConversions.planes(args);
  }

  @Override
  public List<SlotStep> derivedPlanes(LookupArgs args) {
    return SpikeConversions.derived(args);
  }

  @Override
  public Runnable currents(AnalogArgs args, Arena arena) {
    return new AnalogPixels(args, arena);
  }
}
