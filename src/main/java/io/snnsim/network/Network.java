// SPDX-License-Identifier: Apache-2.0
package io.snnsim.network;

import java.util.List;

/**
 * The immutable spiking network: populations in the order in which they are updated within a step,
 * the projections that join them (source before target), and the input stage. Safe to share between
 * threads.
 *
 * @param output index of the population whose spikes and potentials are the answer
 */
public record Network(
    String name,
    Precision precision,
    InputStage input,
    List<Population> populations,
    List<Projection> projections,
    int output) {
  /** Copies the lists. */
  public Network {
    populations = List.copyOf(populations);
    projections = List.copyOf(projections);
  }

  /** Projections that end in population {@code p}, in a fixed order. */
  public List<Projection> into(int p) {
    return projections.stream().filter(j -> j.target() == p).toList();
  }

  /** Projections that start in population {@code p}. */
  public List<Projection> outOf(int p) {
    return projections.stream().filter(j -> j.source() == p).toList();
  }

  /**
   * True if spikes of population {@code p} are -1, 0 or 1, not just 0 or 1: it is of signed neurons
   * or a max-pool gate whose source is signed. -1 takes back a spike sent before; what a synapse
   * adds is its weight times the spike.
   */
  public boolean signed(int p) {
    int at = p;
    while (populations.get(at).model().spikes() == NeuronModel.Spikes.AS_SOURCE) {
      int gate = at;
      int source =
          projections.stream()
              .filter(j -> j.target() == gate && j.source() >= 0 && j.source() < gate)
              .mapToInt(Projection::source)
              .findFirst()
              .orElse(-1);
      if (source < 0) {
        return false;
      }
      at = source;
    }
    return populations.get(at).model().spikes() == NeuronModel.Spikes.SIGNED;
  }

  /**
   * Steps a layer of a network whose neurons read a whole code before they send theirs, which is
   * then the length of a presentation; 0 of one whose spikes cross all layers in each step.
   */
  public int codeSteps() {
    return populations.get(output).model().codeSteps();
  }

  /** The same, or {@code otherwise} of a network that sends no codes. */
  public int codeStepsOr(int otherwise) {
    return codeSteps() > 0 ? codeSteps() : otherwise;
  }

  /** Neurons of all populations. */
  public long neurons() {
    long n = 0;
    for (Population p : populations) {
      n += p.shape().size();
    }
    return n;
  }
}
