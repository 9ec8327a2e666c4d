// SPDX-License-Identifier: Apache-2.0
package io.snnsim.engine;

import io.snnsim.engine.plan.CostModel;
import io.snnsim.engine.plan.Plan;
import io.snnsim.engine.plan.UpdateMethod;
import io.snnsim.engine.plan.Work;
import io.snnsim.engine.plan.WorkEstimate;
import io.snnsim.error.SnnsimException;
import io.snnsim.kernel.Kernels;
import io.snnsim.kernel.lookup.LookupBuilder;
import io.snnsim.kernel.lookup.LookupNetwork;
import io.snnsim.kernel.lookup.LookupPopulation;
import io.snnsim.kernel.lookup.LookupSizes;
import io.snnsim.network.ChannelwiseProjection;
import io.snnsim.network.ConvProjection;
import io.snnsim.network.GateProjection;
import io.snnsim.network.InputStage;
import io.snnsim.network.Network;
import io.snnsim.network.Population;
import io.snnsim.network.Projection;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * A network ready to run: its weights in off-heap memory and the kernels that were chosen for it.
 * Immutable and safe to share between threads; every thread runs its own {@link Simulation}.
 *
 * <p>Weights that lie off-heap already (a model file's) are used where they are, so the file must
 * stay open as long as the simulator; weights on the heap are copied, and so are those of signed
 * sources, with their opposites.
 */
public final class Simulator implements AutoCloseable {
  private final Network network;
  private final Kernels kernels;
  private final String kernelReason;
  private final Plan plan;
  private final CostModel costs;
  private final LookupNetwork lookups;
  private final MemoryGuard guard;
  private final MemoryNeed need;
  private final CountingArena arena;
  private final List<ConvWeights> weights = new ArrayList<>();
  private final PatternWeights patterns;

  private Simulator(Network network, Chosen chosen, CostModel costs, Limits limits) {
    this.network = network;
    kernels = chosen.kernels();
    kernelReason = chosen.reason();
    plan = chosen.plan();
    this.costs = costs;
    guard = new MemoryGuard(network, limits);
    guard.requireWork();
    LookupBuilder builder = lookups();
    guard.require(0, (long) builder.measuringBytes(), 1);
    LookupSizes sizes = builder.measure();
    need =
        new MemoryNeed(network, plan, kernels, sizes, PatternWeights.bytes(network, plan, costs));
    int n = Math.max(1, limits.simulations());
    SimulationOptions each = new SimulationOptions(limits.simulations() > 0, false, 1, false);
    guard.requirePlanes(sizes.slotBytes());
    guard.require(need.shared() + n * need.offHeap(each), n * need.heap(), n);
    arena = new CountingArena(Arena.ofShared(), guard);
    try {
      for (Projection p : network.projections()) {
        boolean read = plan.methods().get(p.target()).mayUseChannels();
        weights.add(read && p instanceof ConvProjection c ? weights(c) : null);
      }
      patterns = new PatternWeights(network, plan, costs, weights, arena);
      lookups = builder.build(arena);
    } catch (RuntimeException | Error e) {
      // Too little memory, most likely: what was had must not stay.
      arena.close();
      throw e;
    }
  }

  private ConvWeights weights(ConvProjection c) {
    return network.signed(c.source())
        ? ConvWeights.signed(c, arena)
        : ConvWeights.stored(c, offHeap(c.weights()));
  }

  private LookupBuilder lookups() {
    LookupBuilder builder = new LookupBuilder(network.populations().size(), costs.pairCost());
    for (int p = 0; p < network.populations().size(); p++) {
      Population population = network.populations().get(p);
      builder.population(
          p,
          new LookupPopulation(
              population.shape(),
              population.wide(),
              network.signed(p),
              // The image's current holds the bias; some models take it once an image.
              driven(p) || !population.model().constantEachStep()
                  ? new int[population.shape().channels()]
                  : population.bias(),
              constantBound(p),
              population.model().codeSteps(),
              plan.methods().get(p).mayLookUp()));
    }
    for (Projection p : network.projections()) {
      switch (p) {
        case ConvProjection c -> builder.synapses(c.target(), new NetworkSynapses(c));
        case ChannelwiseProjection c -> builder.synapses(c.target(), new NetworkSynapses(c));
        case GateProjection g -> builder.gate(g.target(), new NetworkSynapses(g));
      }
    }
    return builder;
  }

  /** True if the image's constant current drives population {@code p}. */
  public boolean driven(int p) {
    return !network.fromImage(p).isEmpty();
  }

  /**
   * A simulator of {@code network}.
   *
   * @throws SnnsimException (no kernel) if vector kernels are demanded and not available
   */
  public static Simulator of(Network network, KernelChoice choice) {
    return of(network, choice, null);
  }

  /**
   * A simulator of {@code network} that runs by {@code plan}, or by one of its own choice if that
   * is null. Scalar kernels run every plan by events, step by step.
   *
   * @throws SnnsimException (no kernel) if vector kernels are demanded and not available; (usage)
   *     if the plan does not fit the network
   */
  public static Simulator of(Network network, KernelChoice choice, Plan plan) {
    return of(network, choice, plan, CostModel.ofThisJvm());
  }

  /** As above, with costs by which populations change their method. */
  public static Simulator of(Network network, KernelChoice choice, Plan plan, CostModel costs) {
    return new Simulator(network, Chosen.of(network, choice, plan), costs, Limits.OWN);
  }

  /**
   * As above, of a network from elsewhere.
   *
   * @param limits what it may take
   * @throws SnnsimException (limit) if it would take more, before anything is allocated; (no
   *     memory) if the machine has not as much; as above
   */
  public static Simulator of(Network network, KernelChoice choice, Plan plan, Limits limits) {
    return new Simulator(network, Chosen.of(network, choice, plan), CostModel.ofThisJvm(), limits);
  }

  /** True if the output population is best read by the input that it integrated. */
  public boolean integralOutput() {
    return network.populations().get(network.output()).model().integralOutput();
  }

  /** The network. */
  public Network network() {
    return network;
  }

  /** Name of the kernels in use, for instance {@code vector512} or {@code scalar}. */
  public String kernelName() {
    return kernels.name();
  }

  /** Why these kernels were chosen. */
  public String kernelReason() {
    return kernelReason;
  }

  /** Largest size of what a population gets in a step besides spikes. */
  private long constantBound(int p) {
    long bound = 0;
    for (int b : network.populations().get(p).bias()) {
      bound = Math.max(bound, Math.abs((long) b));
    }
    for (InputStage.AnalogProjection a : network.fromImage(p)) {
      bound += Math.max(Math.abs((long) a.low()), Math.abs((long) a.high()));
    }
    return bound;
  }

  /**
   * Refuses a number of steps that the network cannot run.
   *
   * @throws SnnsimException (usage) if its neurons send codes of another length
   */
  public void checkSteps(int steps) {
    int code = network.codeSteps();
    if (code > 0 && steps != code) {
      throw SnnsimException.usage(
          "steps "
              + steps
              + ": this network answers once, after "
              + code
              + " steps a layer; expected "
              + code);
    }
  }

  /** What it takes the methods to cost. */
  public CostModel costs() {
    return costs;
  }

  /** How it runs. */
  public Plan plan() {
    return plan;
  }

  /** Time steps that an image may run. */
  int mostSteps() {
    for (int p = 0; p < network.populations().size(); p++) {
      boolean counts = network.populations().get(p).model().keepsCounts();
      if (counts && plan.methods().get(p) == UpdateMethod.LOOKUP) {
        return LookupNetwork.MOST_GATE_STEPS;
      }
    }
    return Integer.MAX_VALUE;
  }

  /**
   * What every population does in a time step in which so many synaptic operations go through the
   * projections.
   *
   * @param synapticOps one a projection, mean of a step as {@link Simulation#synapticOpsThrough}
   *     counts them
   * @param byLookup populations that look up, of those that are adaptive
   */
  public List<Work> work(double[] synapticOps, boolean[] byLookup) {
    WorkEstimate estimate = new WorkEstimate(this, synapticOps, byLookup);
    List<Work> result = new ArrayList<>();
    for (int p = 0; p < network.populations().size(); p++) {
      result.add(estimate.of(p));
    }
    return List.copyOf(result);
  }

  public LookupNetwork lookupNetwork() {
    return lookups;
  }

  /** Off-heap bytes of the tables of sums, which all simulations share. */
  public long tableBytes() {
    return lookups.tableBytes() + patterns.bytes();
  }

  /** Off-heap bytes that the simulator itself owns (weights used in place belong to their file). */
  public long nativeBytes() {
    return arena.bytes();
  }

  /** Simulations that were not closed yet. */
  public int liveSimulations() {
    return guard.simulations();
  }

  /** A simulation that keeps only what running needs. */
  public Simulation newSimulation() {
    return newSimulation(false);
  }

  /** As {@link #newSimulation(SimulationOptions)}. */
  public Simulation newSimulation(boolean countEverywhere) {
    return newSimulation(countEverywhere, 1);
  }

  /** As {@link #newSimulation(SimulationOptions)}. */
  public Simulation newSimulation(boolean countEverywhere, int threads) {
    return newSimulation(new SimulationOptions(countEverywhere, false, threads, false));
  }

  /** A simulation with its own state. */
  public Simulation newSimulation(SimulationOptions options) {
    guard.require(need.offHeap(options), need.heap(), guard.simulations() + 1);
    Simulation s = new Simulation(this, kernels, options);
    guard.opened();
    return s;
  }

  /**
   * Refuses more simulations at a time than there may be, before the first is opened.
   *
   * @throws SnnsimException (limit) if together they would take more than the limits allow; (no
   *     memory) if the machine has not as much
   */
  public void requireRoom(int simulations, SimulationOptions options) {
    guard.require(
        Math.multiplyExact(simulations, need.offHeap(options)),
        Math.multiplyExact(simulations, need.heap()),
        guard.simulations() + simulations);
  }

  /** An arena of a simulation's own, whose bytes count for the limits. */
  CountingArena arena(Arena within) {
    return new CountingArena(within, guard);
  }

  /** What it was reckoned to take. */
  MemoryNeed need() {
    return need;
  }

  /** Tables of the projections that are added by patterns. */
  PatternWeights patterns() {
    return patterns;
  }

  ConvWeights weights(int projection) {
    return weights.get(projection);
  }

  void simulationClosed() {
    guard.closed();
  }

  /**
   * Frees the weights that the simulator owns.
   *
   * @throws IllegalStateException if simulations are still open; the simulator then stays usable
   */
  @Override
  public void close() {
    if (guard.simulations() > 0) {
      throw new IllegalStateException(
          "model " + network.name() + ": " + guard.simulations() + " sessions are still open");
    }
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }

  private MemorySegment offHeap(MemorySegment segment) {
    if (segment.isNative()) {
      return segment;
    }
    MemorySegment copy = arena.allocate(segment.byteSize(), 64);
    copy.copyFrom(segment);
    return copy;
  }
}
