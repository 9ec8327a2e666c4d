package io.snnsim.engine;

import io.snnsim.kernel.ChannelwiseArgs;
import io.snnsim.kernel.ConvArgs;
import io.snnsim.kernel.Kernels;
import io.snnsim.kernel.LookupNetwork;
import io.snnsim.kernel.PopulationState;
import io.snnsim.kernel.RowKernel;
import io.snnsim.kernel.Share;
import io.snnsim.kernel.SlotStep;
import io.snnsim.kernel.SlotUpdate;
import io.snnsim.network.ChannelwiseProjection;
import io.snnsim.network.ConvGeometry;
import io.snnsim.network.ConvProjection;
import io.snnsim.network.GateProjection;
import io.snnsim.network.InputStage;
import io.snnsim.network.LaneLayout;
import io.snnsim.network.Network;
import io.snnsim.network.NeuronModel;
import io.snnsim.network.Population;
import io.snnsim.network.Projection;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * The buffers of a session and the order of work on them: one program a population. Confined to the
 * session's thread; allocates only in the constructor.
 */
final class Assembly {
  /** One population's turn: its update, then what its targets need of its spikes. */
  record Program(SlotUpdate[] shares, SlotStep[] after) {
    /** The first thread's part of what must wait until the whole population has fired. */
    void finish(int slots) {
      for (SlotStep step : after) {
        for (int slot = 0; slot < slots; slot++) {
          step.run(slot);
        }
      }
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

  final PopulationState[] states;
  final Program[] programs;

  /** Spike counts that max-pool gates keep of their sources, as of the step they are at. */
  final List<PopulationState> gateCounts = new ArrayList<>();

  private final Model model;
  private final Network network;
  private final Kernels kernels;
  private final Arena arena;
  private final int parts;
  private final MemorySegment[] accumulators;
  private final MemorySegment[] scratches;

  /** By thread and population: the states, and their twins for the threads after the first. */
  private final PopulationState[][] statesOf;

  private final MemorySegment planes;
  private final boolean[] drivenByImage;
  private final int slots;
  private final SlotStep outputObserver;

  /**
   * @param outputObserver called after each step of the output population
   */
  Assembly(
      Model model, Kernels kernels, SessionOptions options, Arena arena, SlotStep outputObserver) {
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
    int mostChannels = 1;
    for (Population p : populations) {
      widest = Math.max(widest, p.shape().width());
      mostChannels = Math.max(mostChannels, p.shape().channels());
    }
    accumulators = new MemorySegment[parts];
    scratches = new MemorySegment[parts];
    for (int k = 0; k < parts; k++) {
      long lookups = model.lookupNetwork().accumulatorBytes();
      accumulators[k] = arena.allocate(Math.max(widest * 64L * 4, lookups), 64);
      // The events of three pixels, and a vector of slack.
      scratches[k] = arena.allocate((3L * mostChannels + 16) * 4, 64);
    }
    planes = arena.allocate(slots * model.lookupNetwork().slotBytes(), 64);
    drivenByImage = new boolean[n];
    for (InputStage.AnalogProjection a : network.input().projections()) {
      drivenByImage[a.target()] = true;
    }
    states = new PopulationState[n];
    for (int p = 0; p < n; p++) {
      states[p] = state(p, options);
    }
    statesOf = new PopulationState[parts][];
    statesOf[0] = states;
    for (int k = 1; k < parts; k++) {
      statesOf[k] = new PopulationState[n];
      for (int p = 0; p < n; p++) {
        statesOf[k][p] = states[p].twin(accumulators[k], arena);
      }
    }
    programs = new Program[n];
    for (int p = 0; p < n; p++) {
      programs[p] = program(p);
    }
  }

  private boolean byLookup(int p) {
    return model.plan().methods().get(p) == Plan.Method.LOOKUP;
  }

  private PopulationState state(int p, SessionOptions options) {
    Population population = network.populations().get(p);
    boolean listed = false;
    boolean words = options.spikesEverywhere() || !byLookup(p);
    for (Projection out : network.outOf(p)) {
      boolean byEvents = !byLookup(out.target());
      words |= byEvents;
      words |= population.wide() != network.populations().get(out.target()).wide();
      listed |=
          byEvents
              && out instanceof ConvProjection c
              && kernels.needsEvents(
                  NetworkSynapses.geometry(c.geometry()), !ConvWeights.dense(c.geometry()));
    }
    boolean counts =
        options.countEverywhere()
            || p == network.output()
            || population.model() == NeuronModel.MAX_GATE;
    PopulationState s =
        new PopulationState(
            arena,
            population.shape().channels(),
            population.shape().height(),
            population.shape().width(),
            population.wide(),
            byLookup(p),
            network.signed(p),
            slots,
            new PopulationState.Needs(
                drivenByImage[p],
                counts,
                listed,
                words,
                population.model() == NeuronModel.SIGNED_IF),
            accumulators[0]);
    fillLanes(s, s.theta, population.theta(), s.wide ? Integer.MAX_VALUE : Short.MAX_VALUE);
    fillLanes(s, s.bias, population.bias(), 0);
    return s;
  }

  private static void fillLanes(
      PopulationState s, MemorySegment lanes, int[] perChannel, int padding) {
    for (int i = 0; i < s.allLanes(); i++) {
      s.set(lanes, i, i < s.channels ? perChannel[i] : padding);
    }
  }

  private Program program(int p) {
    LookupNetwork lookups = model.lookupNetwork();
    PopulationState t = states[p];
    boolean shared =
        p != network.output()
            && (byLookup(p) || network.populations().get(p).model() != NeuronModel.MAX_GATE);
    SlotUpdate[] shares = new SlotUpdate[shared ? parts : 1];
    for (int k = 0; k < shares.length; k++) {
      Share share = new Share(k, shares.length);
      shares[k] =
          byLookup(p)
              ? kernels.lookup(lookups, p, statesOf[k][p], planes, arena, share)
              : events(p, share);
    }
    List<SlotStep> after = new ArrayList<>(kernels.conversions(lookups, p, t, planes));
    if (t.events != null) {
      Runnable list = kernels.events(t);
      after.add(
          slot -> {
            t.slot(slot);
            list.run();
          });
    }
    return new Program(shares, after.toArray(new SlotStep[0]));
  }

  private SlotUpdate events(int p, Share share) {
    PopulationState[] mine = statesOf[share.part()];
    PopulationState t = mine[p];
    List<RowKernel> rows = new ArrayList<>();
    List<PopulationState> sources = new ArrayList<>();
    List<Projection> into = network.into(p);
    PopulationState counted = null;
    for (Projection j : into) {
      sources.add(mine[j.source()]);
    }
    if (network.populations().get(p).model() == NeuronModel.MAX_GATE) {
      Projection gate = into.getFirst();
      counted = countsOf(gate.source());
      rows.add(kernels.gate(counted, t, NetworkSynapses.geometry(gate.geometry())));
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
    PopulationState counts =
        new PopulationState(
            arena,
            s.channels,
            s.height,
            s.width,
            s.wide,
            false,
            false,
            1,
            new PopulationState.Needs(false, true, false, false, false),
            accumulators[0]);
    gateCounts.add(counts);
    return counts;
  }

  private ConvArgs convArgs(ConvProjection c, int part) {
    ConvGeometry g = c.geometry();
    int blocks = LaneLayout.of(g.outChannels(), false).blocks();
    ConvWeights weights = model.weights(network.projections().indexOf(c));
    int[] icStart = new int[blocks];
    int[] icEnd = new int[blocks];
    for (int b = 0; b < blocks; b++) {
      icStart[b] = ConvProjection.icStart(g, b);
      icEnd[b] = ConvProjection.icEnd(g, b);
    }
    return new ConvArgs(
        statesOf[part][c.source()],
        statesOf[part][c.target()],
        NetworkSynapses.geometry(g),
        weights.memory(),
        c.type().bytes(),
        weights.blockOffset(),
        icStart,
        icEnd,
        scratches[part]);
  }

  private ChannelwiseArgs channelwiseArgs(ChannelwiseProjection c, int part) {
    PopulationState t = statesOf[part][c.target()];
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
        statesOf[part][c.source()], t, NetworkSynapses.geometry(g), c.channelOffset(), weights);
  }
}
