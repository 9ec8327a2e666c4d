// SPDX-License-Identifier: Apache-2.0
package io.snnsim.engine;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.snnsim.kernel.state.PopulationState;
import io.snnsim.network.Population;

/**
 * Spike counts and membrane potentials of the output after each step of the last step block, so
 * that a decision may be taken after any of them. Confined to the simulation's thread; allocates
 * only in the constructor.
 */
final class OutputTrace {
  private final Population output;
  private final PopulationState state;
  private final int[] index;
  private final int[][] counts;
  private final int[][] potentials;
  private int looked;

  /**
   * @param steps of a step block
   */
  OutputTrace(Population output, PopulationState state, int steps) {
    this.output = output;
    this.state = state;
    index = new int[output.shape().size()];
    int plane = output.shape().plane();
    int width = output.shape().width();
    for (int i = 0; i < index.length; i++) {
      int p = i % plane;
      index[i] = (int) state.index(i / plane, p / width, p % width);
    }
    counts = new int[steps][index.length];
    potentials = new int[steps][index.length];
  }

  /** Steps that it keeps. */
  int steps() {
    return counts.length;
  }

  /** Output neurons. */
  int neurons() {
    return index.length;
  }

  /** Takes down the state after step {@code slot} of the step block. */
  void keep(int slot) {
    int[] count = counts[slot];
    int[] potential = potentials[slot];
    for (int i = 0; i < index.length; i++) {
      count[i] = state.counts.getAtIndex(JAVA_INT, index[i]);
      potential[i] = state.get(state.v, index[i]);
    }
  }

  /** Makes the others answer for step {@code i} of the step block. */
  void look(int i) {
    if (i < 0 || i >= counts.length) {
      throw new IndexOutOfBoundsException("step " + i + " of a block of " + counts.length);
    }
    looked = i;
  }

  /** Spikes of neuron {@code i}, positive minus negative ones. */
  int count(int i) {
    return counts[looked][i];
  }

  /** Membrane potential of neuron {@code i}. */
  int potential(int i) {
    return potentials[looked][i];
  }

  /** Threshold of neuron {@code i}. */
  int theta(int i) {
    return output.theta()[i / (output.shape().height() * output.shape().width())];
  }
}
