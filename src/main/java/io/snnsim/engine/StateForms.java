// SPDX-License-Identifier: Apache-2.0
package io.snnsim.engine;

import io.snnsim.engine.plan.Plan;
import io.snnsim.geometry.MapShape;
import io.snnsim.kernel.contract.EventKernels;
import io.snnsim.kernel.state.NeuronKind;
import io.snnsim.kernel.state.PopulationLayout;
import io.snnsim.kernel.state.PopulationState;
import io.snnsim.network.ConvProjection;
import io.snnsim.network.InputStage;
import io.snnsim.network.Network;
import io.snnsim.network.NeuronModel;
import io.snnsim.network.Population;
import io.snnsim.network.Projection;
import java.util.List;

/**
 * Which buffers the populations of a simulation need, by who reads them: asked where they are
 * allocated and where it is computed what they will take. Immutable.
 */
final class StateForms {
  /** Of a place for spike counts alone. */
  static final PopulationState.Needs COUNTS = new PopulationState.Needs(false, true, false, false);

  private final Network network;
  private final Plan plan;
  private final EventKernels kernels;
  private final SimulationOptions options;
  private final boolean[] drivenByImage;

  StateForms(Network network, Plan plan, EventKernels kernels, SimulationOptions options) {
    this.network = network;
    this.plan = plan;
    this.kernels = kernels;
    this.options = options;
    drivenByImage = new boolean[network.populations().size()];
    for (InputStage.AnalogProjection a : network.input().projections()) {
      drivenByImage[a.target()] = true;
    }
  }

  /** True if the image drives a population with constant currents. */
  boolean drivenByImage(int p) {
    return drivenByImage[p];
  }

  /** True if lookups may update a population in some step. */
  boolean mayLookUp(int p) {
    return plan.methods().get(p).mayLookUp();
  }

  /** True if lanes of a population are channels in some step. */
  boolean mayUseChannels(int p) {
    return plan.methods().get(p).mayUseChannels();
  }

  /** True if a population has two states, one whose lanes are channels, one as lookups see it. */
  boolean two(int p) {
    return mayLookUp(p) && mayUseChannels(p);
  }

  /** True if its target reads spike words even by lookup: planes are of one lane type. */
  boolean readsWordsByLookup(Projection out) {
    List<Population> populations = network.populations();
    return populations.get(out.source()).wide() != populations.get(out.target()).wide();
  }

  /** True if its target reads the event list if it is updated by events. */
  boolean readsList(Projection out) {
    return out instanceof ConvProjection c
        && !PatternWeights.serve(c, plan)
        && kernels.needsEvents(c.geometry().window(), !c.layout().dense());
  }

  /** Bytes of a thread's buffer for sums, given what lookups need of it. */
  long accumulatorBytes(long lookups) {
    int widest = 1;
    for (Population p : network.populations()) {
      widest = Math.max(widest, p.shape().width());
    }
    // Kernels by patterns read a pixel beyond the last.
    return Math.max((widest + 1L) * 64 * 4, lookups);
  }

  /** What decides the layout of a population's state. */
  PopulationState.Form form(int p, boolean byPixel) {
    Population population = network.populations().get(p);
    return new PopulationState.Form(population.shape(), kind(p), population.wide(), byPixel);
  }

  /** The same of a place for the counts of a population, as its max-pool gate sees them. */
  static PopulationState.Form counts(PopulationLayout.Form of) {
    MapShape shape = of.shape();
    return new PopulationState.Form(shape, new NeuronKind.IntegrateAndFire(), of.wide(), false);
  }

  /**
   * What a state of a population holds besides V, theta and bias.
   *
   * @param byPixel its lanes are pixels
   * @param second spike words are another state's
   */
  PopulationState.Needs needs(int p, boolean byPixel, boolean second) {
    boolean listed = false;
    boolean words = options.spikesEverywhere() || !byPixel;
    for (Projection out : network.outOf(p)) {
      boolean byEvents = mayUseChannels(out.target());
      words |= byEvents || readsWordsByLookup(out);
      listed |= byEvents && readsList(out);
    }
    boolean counts =
        options.countEverywhere()
            || p == network.output()
            || network.populations().get(p).model().keepsCounts();
    return new PopulationState.Needs(drivenByImage[p], counts, listed && !second, words && !second);
  }

  private NeuronKind kind(int p) {
    return switch (network.populations().get(p).model()) {
      case NeuronModel.IntegrateAndFire m -> new NeuronKind.IntegrateAndFire();
      case NeuronModel.SignedIntegrateAndFire m -> new NeuronKind.SignedIntegrateAndFire();
      case NeuronModel.MaxGate m -> new NeuronKind.MaxGate(network.signed(p));
      case NeuronModel.FewSpike m -> new NeuronKind.FewSpike(m.steps());
      case NeuronModel.MaxRace m -> new NeuronKind.MaxRace(m.steps());
    };
  }
}
