// SPDX-License-Identifier: Apache-2.0
package io.snnsim.engine;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.snnsim.kernel.state.PopulationState;
import io.snnsim.network.Network;

/**
 * Reads single neurons out of the buffers, whichever way they lie. Confined to the simulation's
 * thread; allocates only copies that are asked for.
 */
final class NeuronView {
  private final Network network;
  private final Assembly assembly;

  NeuronView(Network network, Assembly assembly) {
    this.network = network;
    this.assembly = assembly;
  }

  private interface LaneReader {
    int at(long index);
  }

  private PopulationState state(int population) {
    return assembly.methods.states[population];
  }

  private boolean integrates(int population) {
    return network.populations().get(population).model().integrates();
  }

  /** Membrane potentials as [channel][y][x], of gates zeros. */
  int[] potentials(int population) {
    PopulationState s = state(population);
    return integrates(population)
        ? copy(s, i -> s.get(s.v, i))
        : new int[s.channels * s.height * s.width];
  }

  /** Spike counts as [channel][y][x]. */
  int[] spikeCounts(int population) {
    PopulationState s = counted(population);
    return copy(s, i -> s.counts.getAtIndex(JAVA_INT, i));
  }

  /** Membrane potential of one neuron, of a gate's 0. */
  int potential(int population, int channel, int y, int x) {
    PopulationState s = state(population);
    return integrates(population) ? s.get(s.v, s.index(channel, y, x)) : 0;
  }

  /** Spikes of one neuron, positive minus negative ones. */
  int spikeCount(int population, int channel, int y, int x) {
    PopulationState s = counted(population);
    return s.counts.getAtIndex(JAVA_INT, s.index(channel, y, x));
  }

  /** True if {@link #spike} answers for a population. */
  boolean spikesKept(int population) {
    return assembly.words(population).spikes != null;
  }

  /** Spike of one neuron in step {@code slot} of the last step block. */
  int spike(int slot, int population, int channel, int y, int x) {
    PopulationState s = assembly.words(population);
    if (s.spikes == null) {
      throw new IllegalStateException(named(population) + ": spikes are not kept");
    }
    s.slot(slot);
    int p = y * s.width + x;
    int block = channel / PopulationState.BLOCK;
    return (int) ((s.positive(p, block) >>> channel & 1) - (s.negative(p, block) >>> channel & 1));
  }

  private PopulationState counted(int population) {
    PopulationState s = state(population);
    if (s.counts == null) {
      throw new IllegalStateException(
          named(population) + ": counts are not kept; open the session with countEverywhere");
    }
    return s;
  }

  private String named(int population) {
    return "population " + network.populations().get(population).name();
  }

  private static int[] copy(PopulationState s, LaneReader reader) {
    int[] result = new int[s.channels * s.height * s.width];
    int k = 0;
    for (int c = 0; c < s.channels; c++) {
      for (int y = 0; y < s.height; y++) {
        for (int x = 0; x < s.width; x++) {
          result[k++] = reader.at(s.index(c, y, x));
        }
      }
    }
    return result;
  }
}
