// SPDX-License-Identifier: Apache-2.0
package io.snnsim.engine;

import io.snnsim.geometry.ConvGeometry;
import io.snnsim.kernel.Kernels;
import io.snnsim.kernel.contract.ChannelwiseArgs;
import io.snnsim.kernel.contract.ConvArgs;
import io.snnsim.kernel.contract.EventKernels;
import io.snnsim.kernel.pattern.PatternKernels;
import io.snnsim.kernel.pattern.PatternTables;
import io.snnsim.kernel.state.PopulationState;
import io.snnsim.kernel.state.RowKernel;
import io.snnsim.kernel.state.Share;
import io.snnsim.kernel.state.SlotStep;
import io.snnsim.kernel.state.SlotUpdate;
import io.snnsim.network.ChannelwiseProjection;
import io.snnsim.network.ConvProjection;
import io.snnsim.network.GateProjection;
import io.snnsim.network.Network;
import io.snnsim.network.Projection;
import io.snnsim.network.WeightLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Makes the updates by events or patterns of a simulation's populations, whose lanes are channels:
 * which kernels run, in which order, on which buffers. Confined to the simulation's thread;
 * allocates only while the simulation is made.
 */
final class EventUpdates {
  private final Simulator model;
  private final Network network;
  private final EventKernels kernels;
  private final PatternKernels patterns;
  private final PopulationStates states;
  private final Arena arena;

  /** Spike counts that max-pool gates keep of their sources, as of the step they are at. */
  private final List<PopulationState> gateCounts = new ArrayList<>();

  EventUpdates(Simulator model, Kernels kernels, PopulationStates states, Arena arena) {
    this.model = model;
    this.kernels = kernels.events();
    patterns = kernels.patterns();
    this.states = states;
    this.arena = arena;
    network = model.network();
  }

  /** Forgets the image before, as far as the states do not hold it. */
  void reset() {
    // By index: C2 does not always see that an iterator goes nowhere, and this runs once an image.
    for (int i = 0; i < gateCounts.size(); i++) {
      gateCounts.get(i).clearSpikes();
    }
  }

  /**
   * One part of a population's update.
   *
   * @param observer called after each step; may be null
   */
  SlotUpdate of(int p, Share share, SlotStep observer) {
    PopulationState t = states.byEvents(share.part(), p);
    List<RowKernel> rows = new ArrayList<>();
    List<PopulationState> sources = new ArrayList<>();
    List<Projection> into = network.into(p);
    PopulationState counted = null;
    for (Projection j : into) {
      sources.add(states.byEvents(share.part(), j.source()));
    }
    if (!network.populations().get(p).model().integrates()) {
      Projection gate = into.getFirst();
      if (network.populations().get(p).model().keepsCounts()) {
        counted = states.countsOf(gate.source());
        gateCounts.add(counted);
        rows.add(kernels.gate(counted, t, gate.geometry().window()));
      } else {
        rows.add(kernels.race(sources.getFirst(), t, gate.geometry().window()));
      }
    } else {
      if (!network.populations().get(p).model().constantEachStep()) {
        rows.add((b, y) -> t.clearAccumulator(b));
      } else {
        rows.add(states.drivenByImage(p) ? kernels.current(t) : kernels.bias(t));
      }
      for (Projection j : into) {
        switch (j) {
          case ConvProjection c -> rows.add(conv(c, share.part()));
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
        observer,
        share);
  }

  private RowKernel conv(ConvProjection c, int part) {
    ConvArgs args = convArgs(c, part);
    PatternTables tables = model.patterns().of(c);
    return tables == null ? kernels.conv(args) : patterns.conv(args, tables);
  }

  private ConvArgs convArgs(ConvProjection c, int part) {
    WeightLayout layout = c.layout();
    ConvWeights weights = model.weights(network.indexOf(c));
    return new ConvArgs(
        states.byEvents(part, c.source()),
        states.byEvents(part, c.target()),
        c.geometry().window(),
        weights.memory(),
        c.type().bytes(),
        weights.blockOffset(),
        IntStream.range(0, layout.blocks()).map(layout::firstSource).toArray(),
        IntStream.range(0, layout.blocks()).map(layout::endSource).toArray(),
        arena);
  }

  private ChannelwiseArgs channelwiseArgs(ChannelwiseProjection c, int part) {
    PopulationState t = states.byEvents(part, c.target());
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
        states.byEvents(part, c.source()), t, g.window(), c.channelOffset(), weights);
  }
}
