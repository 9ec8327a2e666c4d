// SPDX-License-Identifier: Apache-2.0
package io.snnsim.engine;

import io.snnsim.kernel.contract.EventKernels;
import io.snnsim.kernel.lookup.LookupArgs;
import io.snnsim.kernel.state.PopulationState;
import io.snnsim.network.Network;
import io.snnsim.network.Population;
import io.snnsim.network.Projection;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * The buffers of all populations of a simulation, and what each must hold for those that read it.
 * Confined to the simulation's thread; allocates only while the simulation is made.
 */
final class PopulationStates {
  private final Simulator model;
  private final Network network;
  private final Arena arena;
  private final MemorySegment[] accumulators;
  private final MemorySegment planes;
  private final StateForms forms;

  /**
   * By thread and population: the states as events see them and as lookups do, which are two only
   * of adaptive populations; of the threads after the first, their twins. Spike words are those of
   * the first kind.
   */
  private final PopulationState[][] eventStates;

  private final PopulationState[][] lookupStates;

  PopulationStates(Simulator model, EventKernels kernels, SimulationOptions options, Arena arena) {
    this.model = model;
    this.arena = arena;
    network = model.network();
    forms = new StateForms(network, model.plan(), kernels, options);
    int n = network.populations().size();
    accumulators = new MemorySegment[options.threads()];
    for (int k = 0; k < accumulators.length; k++) {
      long bytes = forms.accumulatorBytes(model.lookupNetwork().accumulatorBytes());
      accumulators[k] = arena.allocate(bytes, 64);
    }
    planes = arena.allocate(steps() * model.lookupNetwork().slotBytes(), 64);
    eventStates = new PopulationState[accumulators.length][n];
    lookupStates = new PopulationState[accumulators.length][n];
    for (int p = 0; p < n; p++) {
      allocate(p);
    }
  }

  private int steps() {
    return model.plan().blockSteps();
  }

  /** As events see it, and as everybody does of a population with one update method. */
  PopulationState byEvents(int part, int p) {
    return eventStates[part][p];
  }

  /** As lookups see it. */
  PopulationState byLookup(int part, int p) {
    return lookupStates[part][p];
  }

  /** As lookup kernels take it. */
  LookupArgs lookupArgs(int p, PopulationState state) {
    return new LookupArgs(model.lookupNetwork(), p, state, planes);
  }

  /** True if the image drives a population with constant currents. */
  boolean drivenByImage(int p) {
    return forms.drivenByImage(p);
  }

  /** True if lookups may update a population in some step. */
  boolean mayLookUp(int p) {
    return forms.mayLookUp(p);
  }

  /** True if events may update a population in some step. */
  boolean mayUseChannels(int p) {
    return forms.mayUseChannels(p);
  }

  /** True if its target reads spike words even by lookup: planes are of one lane type. */
  boolean readsWordsByLookup(Projection out) {
    return forms.readsWordsByLookup(out);
  }

  /** True if its target reads the event list if it is updated by events. */
  boolean readsList(Projection out) {
    return forms.readsList(out);
  }

  private void allocate(int p) {
    boolean two = forms.two(p);
    eventStates[0][p] = state(p, !mayUseChannels(p), false);
    lookupStates[0][p] = two ? state(p, true, true) : eventStates[0][p];
    for (int k = 1; k < accumulators.length; k++) {
      eventStates[k][p] = eventStates[0][p].twin(accumulators[k], arena);
      lookupStates[k][p] =
          two ? lookupStates[0][p].twin(accumulators[k], arena) : eventStates[k][p];
    }
  }

  /**
   * @param byPixel its lanes are pixels
   * @param second spike words are another state's
   */
  private PopulationState state(int p, boolean byPixel, boolean second) {
    Population population = network.populations().get(p);
    PopulationState s =
        new PopulationState(
            arena,
            forms.form(p, byPixel),
            steps(),
            forms.needs(p, byPixel, second),
            accumulators[0]);
    // Of no code would a lane of padding, whose V is 0, reach this many thresholds.
    int silent = (s.wide ? Integer.MAX_VALUE : Short.MAX_VALUE) >> s.codeSteps();
    fillLanes(s, s.theta, population.theta(), silent);
    fillLanes(s, s.bias, constant(population), 0);
    return s;
  }

  /** What flows in besides spikes: with V(0) where all of it comes once an image. */
  private static int[] constant(Population p) {
    int[] constant = p.bias().clone();
    if (!p.model().constantEachStep()) {
      Arrays.setAll(constant, c -> constant[c] + p.v0()[c]);
    }
    return constant;
  }

  private static void fillLanes(
      PopulationState s, MemorySegment lanes, int[] perChannel, int padding) {
    for (int i = 0; i < s.allLanes(); i++) {
      s.set(lanes, i, i < s.channels ? perChannel[i] : padding);
    }
  }

  /** Another place for spike counts of a population: as its max-pool gate sees them. */
  PopulationState countsOf(int p) {
    PopulationState s = eventStates[0][p];
    return new PopulationState(
        arena, StateForms.counts(s.form()), 1, StateForms.COUNTS, accumulators[0]);
  }
}
