// SPDX-License-Identifier: Apache-2.0
package io.snnsim.engine;

import io.snnsim.kernel.contract.EventKernels;
import io.snnsim.kernel.state.PopulationState;
import io.snnsim.network.Network;
import io.snnsim.network.Population;
import java.lang.foreign.MemorySegment;

/**
 * Brings populations to the state that an image begins with: V = V(0), no spikes, no counts.
 * Confined to the simulation's thread; allocates nothing.
 */
final class InitialState {
  private final Network network;
  private final EventKernels kernels;

  InitialState(Network network, EventKernels kernels) {
    this.network = network;
    this.kernels = kernels;
  }

  /** Brings all of them there. */
  void set(PopulationState[] states) {
    for (int i = 0; i < states.length; i++) {
      PopulationState s = states[i];
      s.clearSpikes();
      Population p = network.populations().get(i);
      if (p.model().integrates()) {
        begin(s, p.v0());
      } else {
        s.v.fill((byte) 0); // A gate may keep its own count there.
      }
    }
  }

  /** Writes V(0) to the first lanes that hold each channel and doubles it over the rest. */
  private void begin(PopulationState s, int[] v0) {
    int bytes = s.laneBytes();
    if (s.byPixel) {
      for (int c = 0; c < s.channels; c++) {
        kernels.fill(s.v, bytes, c * s.channelStride, s.channelStride, v0[c]);
      }
      return;
    }
    for (int b = 0; b < s.blocks; b++) {
      int lanes = s.lanes(b);
      long start = s.rowStart(b, 0);
      int first = b * PopulationState.BLOCK;
      // Two loops: in one, with a condition, C2 checks the bounds of v0 for all lanes ahead of the
      // loop. That fails where the last lanes hold no channel, and this method would be compiled
      // anew every second.
      int used = Math.min(lanes, s.channels - first);
      for (int l = 0; l < used; l++) {
        s.set(s.v, start + l, v0[first + l]);
      }
      for (int l = used; l < lanes; l++) {
        s.set(s.v, start + l, 0);
      }
      doubled(s.v, start * bytes, (long) lanes * bytes, (long) s.height * s.width * lanes * bytes);
    }
  }

  /** Repeats the first {@code have} bytes at {@code at} until there are {@code total}. */
  private static void doubled(MemorySegment m, long at, long have, long total) {
    for (long done = have; done < total; ) {
      long n = Math.min(done, total - done);
      MemorySegment.copy(m, at, m, at + done, n);
      done += n;
    }
  }
}
