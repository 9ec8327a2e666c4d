// SPDX-License-Identifier: Apache-2.0
package io.snnsim.engine;

import io.snnsim.engine.plan.UpdateMethod;
import io.snnsim.engine.plan.UpdateMethodChoice;
import io.snnsim.kernel.state.PopulationState;
import io.snnsim.metrics.PlanSwitchEvent;
import io.snnsim.network.Network;
import java.util.Arrays;
import java.util.Objects;

/**
 * By which update method each population of a simulation runs now, and the change from one to the
 * other. Confined to the simulation's thread; allocates only in the constructor.
 */
final class MethodsInUse {
  /** As the methods in use keep them. */
  final PopulationState[] states;

  /** By population: updated by lookup in the next step block. */
  final boolean[] byLookup;

  private final Network network;
  private final PopulationStates all;

  /** By population: of the adaptive ones; null of all others. */
  private final UpdateMethodChoice[] choices;

  /** Populations whose spikes the choices rest on. */
  private final int[] watched;

  /** By population: spikes of the image before the last step block, and in it, of those watched. */
  private final long[] spikesBefore;

  private final long[] spikesOfBlock;

  MethodsInUse(Simulator model, PopulationStates all) {
    this.all = all;
    network = model.network();
    int n = network.populations().size();
    states = new PopulationState[n];
    byLookup = new boolean[n];
    choices = new UpdateMethodChoice[n];
    spikesBefore = new long[n];
    spikesOfBlock = new long[n];
    for (int p = 0; p < n; p++) {
      UpdateMethod method = model.plan().methods().get(p);
      byLookup[p] = method.mayLookUp();
      if (method == UpdateMethod.ADAPTIVE) {
        choices[p] = new UpdateMethodChoice(network, p, model.plan().blockSteps(), model.costs());
      }
      states[p] = byLookup[p] ? all.byLookup(0, p) : all.byEvents(0, p);
    }
    watched =
        Arrays.stream(choices)
            .filter(Objects::nonNull)
            .flatMapToInt(c -> Arrays.stream(c.sources()))
            .distinct()
            .toArray();
  }

  /**
   * Once before every step block: lets populations change their method, given the last steps.
   *
   * @param step the first of the step block
   * @return true if one did
   */
  boolean adapt(int lastSteps, int step) {
    if (lastSteps == 0) {
      return false;
    }
    for (int p : watched) {
      long spikes = states[p].spikeTotal();
      spikesOfBlock[p] = spikes - spikesBefore[p];
      spikesBefore[p] = spikes;
    }
    boolean changed = false;
    for (int p = 0; p < choices.length; p++) {
      if (choices[p] != null && choices[p].changesAfter(spikesOfBlock, lastSteps)) {
        changed = true;
        change(p, step);
      }
    }
    return changed;
  }

  private void change(int p, int step) {
    boolean now = choices[p].byLookup();
    PopulationState to = now ? all.byLookup(0, p) : all.byEvents(0, p);
    states[p].moveTo(to);
    states[p] = to;
    byLookup[p] = now;
    PlanSwitchEvent.emit(
        network.populations().get(p).name(),
        step,
        UpdateMethod.ADAPTIVE.inUse(!now).name(),
        UpdateMethod.ADAPTIVE.inUse(now).name());
  }

  /** Changes of method since the simulation was made. */
  long changes() {
    long n = 0;
    for (UpdateMethodChoice choice : choices) {
      n += choice == null ? 0 : choice.changes();
    }
    return n;
  }

  /** Forgets the image before. */
  void reset() {
    Arrays.fill(spikesBefore, 0);
  }
}
