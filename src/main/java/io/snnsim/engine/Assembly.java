// SPDX-License-Identifier: Apache-2.0
package io.snnsim.engine;

import io.snnsim.engine.plan.Plan;
import io.snnsim.kernel.Kernels;
import io.snnsim.kernel.lookup.LookupArgs;
import io.snnsim.kernel.state.PopulationState;
import io.snnsim.kernel.state.Share;
import io.snnsim.kernel.state.SlotStep;
import io.snnsim.kernel.state.SlotUpdate;
import io.snnsim.network.Network;
import java.lang.foreign.Arena;

/**
 * The work of a simulation: one program a population, on the buffers of {@link PopulationStates},
 * by the methods that {@link MethodsInUse} has chosen. Confined to the simulation's thread;
 * allocates only in the constructor.
 */
final class Assembly {
  /** One population's turn: its update, then what its targets need of its spikes. */
  record Program(SlotUpdate[] shares, SpikeForms forms) {
    /** The first thread's part of what must wait until the whole population has fired. */
    void finish(int slots) {
      forms.make(slots);
    }
  }

  final MethodsInUse methods;

  final Program[] programs;

  private final Simulator model;
  private final Network network;
  private final Kernels kernels;
  private final SimulationOptions options;
  private final Arena arena;
  private final SlotStep outputObserver;
  private final PopulationStates all;
  private final EventUpdates events;

  /**
   * @param outputObserver called after each step of the output population
   */
  Assembly(
      Simulator model,
      Kernels kernels,
      SimulationOptions options,
      Arena arena,
      SlotStep outputObserver) {
    this.model = model;
    network = model.network();
    this.kernels = kernels;
    this.options = options;
    this.arena = arena;
    this.outputObserver = outputObserver;
    all = new PopulationStates(model, kernels.events(), options, arena);
    methods = new MethodsInUse(model, all);
    events = new EventUpdates(model, kernels, all, arena);
    programs = new Program[network.populations().size()];
    for (int p = 0; p < programs.length; p++) {
      programs[p] = program(p);
    }
    follow();
  }

  /**
   * Once before every step block: lets populations change their method, given the last steps.
   *
   * @param step the first of the step block
   */
  void adapt(int lastSteps, int step) {
    if (methods.adapt(lastSteps, step)) {
      follow();
    }
  }

  /** Forgets the image before, as far as the states do not hold it. */
  void reset() {
    methods.reset();
    events.reset();
    for (Program program : programs) {
      for (SlotUpdate share : program.shares()) {
        share.reset();
      }
    }
  }

  private void follow() {
    for (Program program : programs) {
      program.forms().follow(methods.byLookup);
    }
  }

  /** Holder of a population's spike words. */
  PopulationState words(int p) {
    return all.byEvents(0, p);
  }

  /** How many threads share in the update of a population. */
  static int shares(Network network, Plan plan, int p, SimulationOptions options) {
    boolean mayLookUp = plan.methods().get(p).mayLookUp();
    boolean shared =
        p != network.output() && (mayLookUp || network.populations().get(p).model().integrates());
    return shared ? options.threads() : 1;
  }

  private Program program(int p) {
    SlotUpdate[] shares = new SlotUpdate[shares(network, model.plan(), p, options)];
    SlotStep observer = p == network.output() ? outputObserver : null;
    for (int k = 0; k < shares.length; k++) {
      Share share = new Share(k, shares.length);
      SlotUpdate lookup =
          all.mayLookUp(p)
              ? kernels.lookups().update(all.lookupArgs(p, all.byLookup(k, p)), arena, share)
              : null;
      SlotUpdate byEvents = all.mayUseChannels(p) ? events.of(p, share, observer) : null;
      shares[k] =
          lookup == null || byEvents == null
              ? lookup == null ? byEvents : lookup
              : new EitherUpdate(lookup, byEvents, methods.byLookup, p);
    }
    return new Program(shares, forms(p));
  }

  private SpikeForms forms(int p) {
    PopulationState t = all.byEvents(0, p);
    LookupArgs args = all.lookupArgs(p, t);
    SpikeForms.Reader[] readers =
        network.outOf(p).stream()
            .map(
                o -> new SpikeForms.Reader(o.target(), all.readsWordsByLookup(o), all.readsList(o)))
            .toArray(SpikeForms.Reader[]::new);
    SlotStep list = null;
    if (t.events != null) {
      Runnable write = kernels.events().events(t);
      list =
          slot -> {
            t.slot(slot);
            write.run();
          };
    }
    boolean words = all.mayLookUp(p) && t.spikes != null;
    boolean both = all.mayLookUp(p) && all.mayUseChannels(p);
    return new SpikeForms(
        p,
        readers,
        options.spikesEverywhere(),
        new SpikeForms.Makers(
            words ? kernels.lookups().words(args) : null,
            both ? kernels.lookups().planes(args) : null,
            kernels.lookups() == null
                ? new SlotStep[0]
                : kernels.lookups().derivedPlanes(args).toArray(new SlotStep[0]),
            list));
  }
}
