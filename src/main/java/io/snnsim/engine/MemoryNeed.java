// SPDX-License-Identifier: Apache-2.0
package io.snnsim.engine;

import io.snnsim.engine.plan.Plan;
import io.snnsim.engine.plan.UpdateMethod;
import io.snnsim.geometry.ConvGeometry;
import io.snnsim.geometry.MapShape;
import io.snnsim.geometry.Window;
import io.snnsim.kernel.Kernels;
import io.snnsim.kernel.lookup.LookupSizes;
import io.snnsim.kernel.state.PopulationState;
import io.snnsim.network.ChannelwiseProjection;
import io.snnsim.network.ConvProjection;
import io.snnsim.network.GateProjection;
import io.snnsim.network.InputStage;
import io.snnsim.network.LaneLayout;
import io.snnsim.network.Network;
import io.snnsim.network.Population;
import io.snnsim.network.Projection;
import java.lang.foreign.MemorySegment;

/**
 * What a network will take to run by a plan, known before any of it is allocated: the one place
 * where that is computed. Immutable; may take a little more than is allocated in the end.
 */
final class MemoryNeed {
  /** Source rows of which kernels of 3x3 windows keep lists. */
  private static final int KEPT_ROWS = 4;

  /** Of a vector, and of what is read or written beyond the last value. */
  private static final int SLACK = 64;

  /** More than any machine has, and so little that sums of it do not overflow. */
  private static final double MOST = 0x1p56;

  private final Network network;
  private final Plan plan;
  private final Kernels kernels;
  private final LookupSizes lookups;
  private final long patternBytes;

  MemoryNeed(Network network, Plan plan, Kernels kernels, LookupSizes lookups, long patternBytes) {
    this.network = network;
    this.plan = plan;
    this.kernels = kernels;
    this.lookups = lookups;
    this.patternBytes = patternBytes;
  }

  /** Off-heap bytes that all simulations share, besides weights that are off-heap already. */
  long shared() {
    long bytes = lookups.tableBytes() + lookups.maskBytes() + patternBytes;
    for (Projection p : network.projections()) {
      if (p instanceof ConvProjection c && plan.methods().get(p.target()).mayUseChannels()) {
        if (network.signed(c.source())) {
          bytes += ConvWeights.signedBytes(c);
        } else if (!c.weights().isNative()) {
          bytes += c.weights().byteSize();
        }
      }
    }
    return bytes;
  }

  /** Off-heap bytes of a simulation. */
  long offHeap(SimulationOptions options) {
    StateForms forms = new StateForms(network, plan, kernels.events(), options);
    MeasuringArena arena = new MeasuringArena();
    arena.allocate(plan.blockSteps() * lookups.slotBytes());
    for (int k = 0; k < options.threads(); k++) {
      arena.allocate(forms.accumulatorBytes(lookups.accumulatorBytes()));
    }
    for (int p = 0; p < network.populations().size(); p++) {
      state(forms, p, !forms.mayUseChannels(p), false, options, arena);
      if (forms.two(p)) {
        state(forms, p, true, true, options, arena);
      }
      update(forms, p, options, arena);
    }
    currents(forms, arena);
    return arena.bytes();
  }

  private void state(
      StateForms forms,
      int p,
      boolean byPixel,
      boolean second,
      SimulationOptions options,
      MeasuringArena arena) {
    PopulationState s =
        new PopulationState(
            arena,
            forms.form(p, byPixel),
            plan.blockSteps(),
            forms.needs(p, byPixel, second),
            MemorySegment.NULL);
    for (int k = 1; k < options.threads(); k++) {
      s.twin(MemorySegment.NULL, arena);
    }
  }

  /** What the update of a population takes besides its state, of each thread that shares in it. */
  private void update(StateForms forms, int p, SimulationOptions options, MeasuringArena arena) {
    int shares = Assembly.shares(network, plan, p, options);
    for (int k = 0; k < shares; k++) {
      if (forms.mayLookUp(p)) {
        arena.allocate(lookups.gateBytes()[p]);
      }
      if (!forms.mayUseChannels(p)) {
        continue;
      }
      for (Projection j : network.into(p)) {
        switch (j) {
          case ConvProjection c -> arena.allocate(lists(forms, c));
          case ChannelwiseProjection c -> arena.allocate(weights(c));
          case GateProjection g -> {
            if (network.populations().get(p).model().keepsCounts()) {
              PopulationState.Form source = forms.form(g.source(), false);
              new PopulationState(
                  arena, StateForms.counts(source), 1, StateForms.COUNTS, MemorySegment.NULL);
            }
          }
        }
      }
    }
  }

  /** Kernels of 3x3 windows that read no event list keep lists of their own, of columns of taps. */
  private long lists(StateForms forms, ConvProjection c) {
    Window w = c.geometry().window();
    boolean rolls = w.kernelH() == 3 && w.kernelW() == 3 && w.strideH() == 1 && w.strideW() == 1;
    if (kernels.lookups() == null
        || !rolls
        || forms.readsList(c)
        || PatternWeights.serve(c, plan)) {
      return 0;
    }
    MapShape s = network.populations().get(c.source()).shape();
    long bits = PopulationState.bits(s.channels(), network.signed(c.source()));
    long rows = c.geometry().outChannels() > PopulationState.BLOCK ? s.height() : 1;
    return 4 * (rows * (3 * bits * s.width() + SLACK) + KEPT_ROWS * s.width() * (bits + SLACK));
  }

  private long weights(ChannelwiseProjection c) {
    boolean wide = network.populations().get(c.target()).wide();
    return (long) c.geometry().taps() * lanes(c.target()) * (wide ? 4 : 2);
  }

  private int lanes(int p) {
    Population population = network.populations().get(p);
    return LaneLayout.of(population.shape().channels(), population.wide()).paddedChannels();
  }

  /** What turns the image into currents. */
  private void currents(StateForms forms, MeasuringArena arena) {
    for (InputStage.AnalogProjection a : network.input().projections()) {
      ConvGeometry g = a.geometry();
      long lanes = lanes(a.target());
      arena.allocate(4 * lanes * (1 + (long) g.taps() * g.inChannels()));
      boolean several = network.fromImage(a.target()).size() > 1;
      boolean sums = forms.mayUseChannels(a.target()) || several;
      arena.allocate(sums ? 4 * lanes * g.out().plane() : padded(g));
    }
  }

  /** The image with its border, by phases of the columns. */
  private static long padded(ConvGeometry g) {
    Window w = g.window();
    long reach = (long) (w.kernelW() - 1) * w.dilationW() / w.strideW();
    double row = (g.outWidth() + reach + SLACK) * (double) w.strideW();
    double rows = (g.outHeight() - 1.0) * w.strideH() + (w.kernelH() - 1.0) * w.dilationH() + 1;
    // Of a window that lies mostly beyond the map this may be more than a long holds.
    return (long) Math.min(MOST, 4 * row * rows * g.inChannels());
  }

  /** Heap bytes of a simulation, and of the image that is given to it. */
  long heap() {
    long bytes = 3 * 4L * network.input().shape().size();
    long outputs = network.populations().get(network.output()).shape().size();
    bytes += outputs * (4 + 2 * 4L * plan.blockSteps());
    for (InputStage.AnalogProjection a : network.input().projections()) {
      boolean byPixel = plan.methods().get(a.target()) == UpdateMethod.LOOKUP;
      // Sums of four channels, rounded and narrowed.
      bytes += byPixel ? (4 * 4 + 4 + 2L) * a.geometry().out().plane() : 0;
      bytes += 8L * a.geometry().taps() * a.geometry().inChannels();
    }
    for (Projection p : network.projections()) {
      bytes += 4L * (p.geometry().in().height() + p.geometry().in().width());
    }
    return bytes;
  }
}
