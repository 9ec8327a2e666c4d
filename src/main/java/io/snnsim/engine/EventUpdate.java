// SPDX-License-Identifier: Apache-2.0
package io.snnsim.engine;

import io.snnsim.kernel.state.PopulationState;
import io.snnsim.kernel.state.RowKernel;
import io.snnsim.kernel.state.Share;
import io.snnsim.kernel.state.SlotStep;
import io.snnsim.kernel.state.SlotUpdate;

/**
 * The update by events of a population, whose lanes are channels: its row kernels, step by step.
 * Confined to one thread of a simulation at a time; allocates nothing.
 *
 * @param gateCounts spike counts of a max-pool gate's source; null of what is no gate
 * @param observer called after each step; may be null
 */
record EventUpdate(
    PopulationState target,
    PopulationState[] sources,
    RowKernel[] rows,
    PopulationState gateCounts,
    SlotStep observer,
    Share share)
    implements SlotUpdate {
  @Override
  public void run(int slots) {
    for (int slot = 0; slot < slots; slot++) {
      target.slot(slot);
      for (PopulationState source : sources) {
        source.slot(slot);
      }
      if (gateCounts != null) {
        gateCounts.countWords(sources[0]);
      }
      int all = target.blocks * target.height;
      int to = share.to(all);
      for (int i = share.from(all); i < to; i++) {
        for (RowKernel kernel : rows) {
          kernel.row(i / target.height, i % target.height);
        }
      }
      if (observer != null) {
        observer.run(slot);
      }
    }
  }
}
