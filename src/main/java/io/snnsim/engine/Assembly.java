// SPDX-License-Identifier: Apache-2.0
package io.snnsim.engine;

import io.snnsim.engine.plan.UpdateMethod;
import io.snnsim.engine.plan.UpdateMethodChoice;
import io.snnsim.geometry.ConvGeometry;
import io.snnsim.geometry.MapShape;
import io.snnsim.kernel.Kernels;
import io.snnsim.kernel.contract.ChannelwiseArgs;
import io.snnsim.kernel.contract.ConvArgs;
import io.snnsim.kernel.contract.EventKernels;
import io.snnsim.kernel.lookup.LookupArgs;
import io.snnsim.kernel.state.NeuronKind;
import io.snnsim.kernel.state.PopulationState;
import io.snnsim.kernel.state.RowKernel;
import io.snnsim.kernel.state.Share;
import io.snnsim.kernel.state.SlotStep;
import io.snnsim.kernel.state.SlotUpdate;
import io.snnsim.metrics.PlanSwitchEvent;
import io.snnsim.network.ChannelwiseProjection;
import io.snnsim.network.ConvProjection;
import io.snnsim.network.GateProjection;
import io.snnsim.network.InputStage;
import io.snnsim.network.Network;
import io.snnsim.network.NeuronModel;
import io.snnsim.network.Population;
import io.snnsim.network.Projection;
import io.snnsim.network.WeightLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * The buffers of a session and the order of work on them: one program a population. Confined to the
 * session's thread; allocates only in the constructor.
 */
final class Assembly {
  /** One population's turn: its update, then what its targets need of its spikes. */
  record Program(SlotUpdate[] shares, SpikeForms forms) {
    /** The first thread's part of what must wait until the whole population has fired. */
    void finish(int slots) {
      forms.make(slots);
    }
  }

  /** A population whose lanes are channels: its row kernels, step by step. */
  private record EventUpdate(
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

  /** As the methods in use keep them. */
  final PopulationState[] states;

  final Program[] programs;

  /** By population: updated by lookup in the next block. */
  final boolean[] byLookup;

  /** By population: of the adaptive ones; null of all others. */
  private final UpdateMethodChoice[] choices;

  /** Populations whose spikes the choices rest on. */
  private final int[] watched;

  /** By population: spikes of the image before the last block, and in it, of those watched. */
  private final long[] spikesBefore;

  private final long[] spikesOfBlock;

  /** Spike counts that max-pool gates keep of their sources, as of the step they are at. */
  private final List<PopulationState> gateCounts = new ArrayList<>();

  private final Simulator model;
  private final Network network;
  private final Kernels kernels;
  private final Arena arena;
  private final int parts;
  private final MemorySegment[] accumulators;

  /**
   * By thread and population: the states as events see them and as lookups do, which are two only
   * of adaptive populations; of the threads after the first, their twins. Spike words are those of
   * the first kind.
   */
  private final PopulationState[][] eventStates;

  private final PopulationState[][] lookupStates;

  private final MemorySegment planes;
  private final boolean[] drivenByImage;
  private final int slots;
  private final SlotStep outputObserver;

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
    parts = options.threads();
    this.outputObserver = outputObserver;
    this.network = model.network();
    this.kernels = kernels;
    this.arena = arena;
    this.slots = model.plan().blockSteps();
    List<Population> populations = network.populations();
    int n = populations.size();
    int widest = 1;
    for (Population p : populations) {
      widest = Math.max(widest, p.shape().width());
    }
    accumulators = new MemorySegment[parts];
    for (int k = 0; k < parts; k++) {
      long lookups = model.lookupNetwork().accumulatorBytes();
      accumulators[k] = arena.allocate(Math.max(widest * 64L * 4, lookups), 64);
    }
    planes = arena.allocate(slots * model.lookupNetwork().slotBytes(), 64);
    drivenByImage = new boolean[n];
    for (InputStage.AnalogProjection a : network.input().projections()) {
      drivenByImage[a.target()] = true;
    }
    eventStates = new PopulationState[parts][n];
    lookupStates = new PopulationState[parts][n];
    states = new PopulationState[n];
    byLookup = new boolean[n];
    choices = new UpdateMethodChoice[n];
    spikesBefore = new long[n];
    spikesOfBlock = new long[n];
    for (int p = 0; p < n; p++) {
      byLookup[p] = method(p) != UpdateMethod.EVENTS;
      if (method(p) == UpdateMethod.ADAPTIVE) {
        choices[p] = new UpdateMethodChoice(network, p, slots, model.costs());
      }
      states(p, options);
      states[p] = byLookup[p] ? lookupStates[0][p] : eventStates[0][p];
    }
    watched =
        Arrays.stream(choices)
            .filter(Objects::nonNull)
            .flatMapToInt(c -> Arrays.stream(c.sources()))
            .distinct()
            .toArray();
    programs = new Program[n];
    for (int p = 0; p < n; p++) {
      programs[p] = program(p, options);
    }
    follow();
  }

  /**
   * Once before every block: lets populations change their method, given the last steps.
   *
   * @param step the first of the block
   */
  void adapt(int lastSteps, int step) {
    if (lastSteps == 0) {
      return;
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
    if (changed) {
      follow();
    }
  }

  private void change(int p, int step) {
    boolean now = choices[p].byLookup();
    PopulationState to = now ? lookupStates[0][p] : eventStates[0][p];
    states[p].moveTo(to);
    states[p] = to;
    byLookup[p] = now;
    PlanSwitchEvent.emit(
        network.populations().get(p).name(),
        step,
        UpdateMethod.inUse(!now).name(),
        UpdateMethod.inUse(now).name());
  }

  /** Changes of method since the session was opened. */
  long methodChanges() {
    long n = 0;
    for (UpdateMethodChoice choice : choices) {
      n += choice == null ? 0 : choice.changes();
    }
    return n;
  }

  /** Forgets the image before, as far as the states do not hold it. */
  void reset() {
    Arrays.fill(spikesBefore, 0);
    // By index: C2 does not always see that an iterator goes nowhere, and this runs once an image.
    for (int i = 0; i < gateCounts.size(); i++) {
      gateCounts.get(i).clearSpikes();
    }
    for (Program program : programs) {
      for (SlotUpdate share : program.shares()) {
        share.reset();
      }
    }
  }

  private void follow() {
    for (Program program : programs) {
      program.forms().follow(byLookup);
    }
  }

  /** Holder of a population's spike words. */
  PopulationState words(int p) {
    return eventStates[0][p];
  }

  private UpdateMethod method(int p) {
    return model.plan().methods().get(p);
  }

  private boolean mayLookUp(int p) {
    return method(p) != UpdateMethod.EVENTS;
  }

  private boolean mayUseEvents(int p) {
    return method(p) != UpdateMethod.LOOKUP;
  }

  private void states(int p, SimulationOptions options) {
    boolean two = mayLookUp(p) && mayUseEvents(p);
    eventStates[0][p] = state(p, !mayUseEvents(p), false, options);
    lookupStates[0][p] = two ? state(p, true, true, options) : eventStates[0][p];
    for (int k = 1; k < parts; k++) {
      eventStates[k][p] = eventStates[0][p].twin(accumulators[k], arena);
      lookupStates[k][p] =
          two ? lookupStates[0][p].twin(accumulators[k], arena) : eventStates[k][p];
    }
  }

  private boolean readsWordsByLookup(Projection out) {
    List<Population> populations = network.populations();
    return populations.get(out.source()).wide() != populations.get(out.target()).wide();
  }

  private boolean readsList(Projection out) {
    return out instanceof ConvProjection c
        && kernels.events().needsEvents(c.geometry().window(), !c.layout().dense());
  }

  /**
   * @param byPixel its lanes are pixels
   * @param second spike words are another state's
   */
  private PopulationState state(int p, boolean byPixel, boolean second, SimulationOptions options) {
    Population population = network.populations().get(p);
    boolean listed = false;
    boolean words = options.spikesEverywhere() || !byPixel;
    for (Projection out : network.outOf(p)) {
      boolean byEvents = mayUseEvents(out.target());
      words |= byEvents || readsWordsByLookup(out);
      listed |= byEvents && readsList(out);
    }
    boolean counts =
        options.countEverywhere() || p == network.output() || population.model().keepsCounts();
    PopulationState s =
        new PopulationState(
            arena,
            new PopulationState.Form(population.shape(), kind(p), population.wide(), byPixel),
            slots,
            new PopulationState.Needs(
                drivenByImage[p], counts, listed && !second, words && !second),
            accumulators[0]);
    fillLanes(s, s.theta, population.theta(), s.wide ? Integer.MAX_VALUE : Short.MAX_VALUE);
    fillLanes(s, s.bias, population.bias(), 0);
    return s;
  }

  private NeuronKind kind(int p) {
    return switch (network.populations().get(p).model()) {
      case NeuronModel.IntegrateAndFire m -> new NeuronKind.IntegrateAndFire();
      case NeuronModel.SignedIntegrateAndFire m -> new NeuronKind.SignedIntegrateAndFire();
      case NeuronModel.MaxGate m -> new NeuronKind.MaxGate(network.signed(p));
    };
  }

  private static void fillLanes(
      PopulationState s, MemorySegment lanes, int[] perChannel, int padding) {
    for (int i = 0; i < s.allLanes(); i++) {
      s.set(lanes, i, i < s.channels ? perChannel[i] : padding);
    }
  }

  private Program program(int p, SimulationOptions options) {
    boolean shared =
        p != network.output()
            && (mayLookUp(p) || network.populations().get(p).model().integrates());
    SlotUpdate[] shares = new SlotUpdate[shared ? parts : 1];
    for (int k = 0; k < shares.length; k++) {
      Share share = new Share(k, shares.length);
      SlotUpdate lookup =
          mayLookUp(p)
              ? kernels.lookups().update(lookupArgs(p, lookupStates[k][p]), arena, share)
              : null;
      SlotUpdate events = mayUseEvents(p) ? events(p, share) : null;
      shares[k] =
          lookup == null || events == null
              ? lookup == null ? events : lookup
              : new EitherUpdate(lookup, events, byLookup, p);
    }
    return new Program(shares, forms(p, options));
  }

  private SpikeForms forms(int p, SimulationOptions options) {
    PopulationState t = eventStates[0][p];
    LookupArgs args = lookupArgs(p, t);
    SpikeForms.Reader[] readers =
        network.outOf(p).stream()
            .map(o -> new SpikeForms.Reader(o.target(), readsWordsByLookup(o), readsList(o)))
            .toArray(SpikeForms.Reader[]::new);
    SlotStep list = null;
    if (t.events != null) {
      Runnable events = kernels.events().events(t);
      list =
          slot -> {
            t.slot(slot);
            events.run();
          };
    }
    boolean words = mayLookUp(p) && t.spikes != null;
    boolean both = mayLookUp(p) && mayUseEvents(p);
    return new SpikeForms(
        p,
        readers,
        options.spikesEverywhere(),
        words ? kernels.lookups().words(args) : null,
        both ? kernels.lookups().planes(args) : null,
        kernels.lookups() == null
            ? new SlotStep[0]
            : kernels.lookups().derivedPlanes(args).toArray(new SlotStep[0]),
        list);
  }

  private LookupArgs lookupArgs(int p, PopulationState state) {
    return new LookupArgs(model.lookupNetwork(), p, state, planes);
  }

  private SlotUpdate events(int p, Share share) {
    EventKernels kernels = this.kernels.events();
    PopulationState[] mine = eventStates[share.part()];
    PopulationState t = mine[p];
    List<RowKernel> rows = new ArrayList<>();
    List<PopulationState> sources = new ArrayList<>();
    List<Projection> into = network.into(p);
    PopulationState counted = null;
    for (Projection j : into) {
      sources.add(mine[j.source()]);
    }
    if (!network.populations().get(p).model().integrates()) {
      Projection gate = into.getFirst();
      counted = countsOf(gate.source());
      rows.add(kernels.gate(counted, t, gate.geometry().window()));
    } else {
      rows.add(drivenByImage[p] ? kernels.current(t) : kernels.bias(t));
      for (Projection j : into) {
        switch (j) {
          case ConvProjection c -> rows.add(kernels.conv(convArgs(c, share.part())));
          case ChannelwiseProjection c ->
              rows.add(kernels.channelwise(channelwiseArgs(c, share.part())));
          case GateProjection g ->
              throw new IllegalArgumentException(
                  "population " + p + " is no max-pool gate but has a gate projection");
        }
      }
      rows.add(kernels.fire(t));
    }
    return new EventUpdate(
        t,
        sources.toArray(new PopulationState[0]),
        rows.toArray(new RowKernel[0]),
        counted,
        p == network.output() ? outputObserver : null,
        share);
  }

  /** A place for the spike counts of a population as its gate sees them. */
  private PopulationState countsOf(int p) {
    PopulationState s = states[p];
    MapShape shape = new MapShape(s.channels, s.height, s.width);
    PopulationState counts =
        new PopulationState(
            arena,
            new PopulationState.Form(shape, new NeuronKind.IntegrateAndFire(), s.wide, false),
            1,
            new PopulationState.Needs(false, true, false, false),
            accumulators[0]);
    gateCounts.add(counts);
    return counts;
  }

  private ConvArgs convArgs(ConvProjection c, int part) {
    WeightLayout layout = c.layout();
    ConvWeights weights = model.weights(network.projections().indexOf(c));
    return new ConvArgs(
        eventStates[part][c.source()],
        eventStates[part][c.target()],
        c.geometry().window(),
        weights.memory(),
        c.type().bytes(),
        weights.blockOffset(),
        IntStream.range(0, layout.blocks()).map(layout::firstSource).toArray(),
        IntStream.range(0, layout.blocks()).map(layout::endSource).toArray(),
        arena);
  }

  private ChannelwiseArgs channelwiseArgs(ChannelwiseProjection c, int part) {
    PopulationState t = eventStates[part][c.target()];
    ConvGeometry g = c.geometry();
    int all = t.allLanes();
    MemorySegment weights = arena.allocate((long) g.taps() * all * (t.wide ? 4 : 2), 64);
    for (int channel = 0; channel < g.inChannels(); channel++) {
      for (int tap = 0; tap < g.taps(); tap++) {
        t.set(
            weights,
            (long) tap * all + channel + c.channelOffset(),
            c.weights()[channel * g.taps() + tap]);
      }
    }
    return new ChannelwiseArgs(
        eventStates[part][c.source()], t, g.window(), c.channelOffset(), weights);
  }
}
