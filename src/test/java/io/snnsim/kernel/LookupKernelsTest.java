// SPDX-License-Identifier: Apache-2.0
package io.snnsim.kernel;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.snnsim.geometry.MapShape;
import io.snnsim.geometry.Window;
import io.snnsim.kernel.contract.AnalogArgs;
import io.snnsim.kernel.contract.ConvArgs;
import io.snnsim.kernel.contract.EventKernels;
import io.snnsim.kernel.lookup.LookupArgs;
import io.snnsim.kernel.lookup.LookupBuilder;
import io.snnsim.kernel.lookup.LookupKernels;
import io.snnsim.kernel.lookup.LookupNetwork;
import io.snnsim.kernel.lookup.LookupPopulation;
import io.snnsim.kernel.lookup.Synapses;
import io.snnsim.kernel.state.NeuronKind;
import io.snnsim.kernel.state.PopulationState;
import io.snnsim.kernel.state.RowKernel;
import io.snnsim.kernel.state.Share;
import io.snnsim.kernel.state.SlotStep;
import io.snnsim.kernel.state.SlotUpdate;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The lookup kernels, a population at a time, against the scalar kernels of events, bit for bit:
 * sums, neurons and the forms that spikes are brought into. Maps have sizes around the lanes, since
 * lanes are pixels.
 */
class LookupKernelsTest {
  private static final EventKernels SCALAR = KernelProvider.scalar().events();
  private static final LookupKernels LOOKUPS = KernelProvider.vector().lookups();
  private static final long SEED = Long.getLong("snnsim.seed", 20_240_608);

  private static final Window SAME = new Window(3, 3, 1, 1, 1, 1, 1, 1);

  /** Read in place, subsampled, and, as the map's width changes, gathered. */
  private static final List<Window> WINDOWS =
      List.of(
          SAME,
          new Window(3, 3, 2, 2, 1, 1, 1, 1),
          new Window(2, 2, 1, 1, 0, 0, 1, 1),
          new Window(1, 1, 1, 1, 0, 0, 1, 1));

  /**
   * @param slots steps of each of two blocks
   * @param counted the counts of every neuron are kept, for which kernels go other ways
   */
  private record Trial(
      MapShape source,
      NeuronKind sources,
      int channels,
      NeuronKind targets,
      boolean wide,
      Window window,
      int slots,
      boolean counted) {}

  /** In which lanes sums lie, and how large weights are: some fit a byte only in parts. */
  private enum Tables {
    WHOLE(0),
    SMALL_PAIRS(9),
    PAIRS(60),
    SLICED_PAIRS(127),
    WIDE_AND_PAIRS(0);

    final int most;

    Tables(int most) {
      this.most = most;
    }

    boolean serve(Trial t) {
      return !t.wide && !(t.targets instanceof NeuronKind.MaxGate);
    }
  }

  private static Trial trial(MapShape source, int channels, boolean wide) {
    return new Trial(source, KernelCase.IF, channels, KernelCase.IF, wide, SAME, 4, false);
  }

  @Test
  void mapsOfSizesAroundTheLanes() {
    for (boolean wide : new boolean[] {false, true}) {
      for (int width : KernelCase.sizesAround(wide)) {
        check(trial(new MapShape(7, 2, width), 5, wide));
      }
    }
  }

  @Test
  void tablesOfFourAndFiveChannelsAndLess() {
    for (boolean wide : new boolean[] {false, true}) {
      for (int channels : new int[] {1, 3, 4, 5, 6, 9, 11, 64, 65}) {
        check(trial(new MapShape(7, 3, 5), channels, wide));
      }
    }
  }

  @Test
  void blocksOfOneToNineSteps() {
    for (boolean wide : new boolean[] {false, true}) {
      for (int slots = 1; slots <= 9; slots++) {
        for (boolean counted : new boolean[] {false, true}) {
          Trial t = trial(new MapShape(6, 5, 9), 7, wide);
          check(new Trial(t.source, t.sources, 7, t.targets, wide, SAME, slots, counted));
        }
      }
    }
  }

  @Tag("slow")
  @Test
  void signedSourcesAndTargets() {
    for (boolean wide : new boolean[] {false, true}) {
      for (NeuronKind source : new NeuronKind[] {KernelCase.IF, KernelCase.SIGNED}) {
        for (NeuronKind target : new NeuronKind[] {KernelCase.IF, KernelCase.SIGNED}) {
          for (boolean counted : new boolean[] {false, true}) {
            check(new Trial(new MapShape(35, 5, 9), source, 70, target, wide, SAME, 5, counted));
          }
        }
      }
    }
  }

  @Tag("slow")
  @Test
  void windowsReadInPlaceSubsampledAndGathered() {
    for (boolean wide : new boolean[] {false, true}) {
      for (NeuronKind source : new NeuronKind[] {KernelCase.IF, KernelCase.SIGNED}) {
        for (Window window : WINDOWS) {
          check(
              new Trial(new MapShape(9, 6, 10), source, 6, KernelCase.IF, wide, window, 3, false));
        }
      }
    }
  }

  /** Tables of many chunks. */
  @Tag("slow")
  @Test
  void moreTablesThanACacheHolds() {
    for (boolean wide : new boolean[] {false, true}) {
      check(trial(new MapShape(130, 5, 8), 6, wide));
      Trial t = trial(new MapShape(130, 5, 8), 6, wide);
      check(new Trial(t.source, t.sources, 6, t.targets, wide, SAME, 1, false));
    }
  }

  @Test
  void maxPoolGates() {
    for (NeuronKind source : new NeuronKind[] {KernelCase.IF, KernelCase.SIGNED}) {
      for (Window window : WINDOWS) {
        for (int channels : new int[] {1, 6, 65}) {
          MapShape shape = new MapShape(channels, 6, 10);
          NeuronKind gate = new NeuronKind.MaxGate(source.signed());
          check(new Trial(shape, source, channels, gate, false, window, 3, true));
        }
      }
    }
  }

  @Test
  void currentsOfAnImage() {
    for (boolean wide : new boolean[] {false, true}) {
      for (Window window : WINDOWS) {
        for (int width : KernelCase.sizesAround(true)) {
          String where = "width=" + width + " " + window + " wide=" + wide;
          try (Arena arena = Arena.ofConfined()) {
            MapShape from = new MapShape(3, 5, width + 1);
            MapShape to = KernelCase.target(from, 6, window);
            KernelCase random = new KernelCase(arena, SEED);
            PopulationState expected = random.population(to, KernelCase.IF, wide, false);
            AnalogArgs args = EventKernelsTest.analog(random, from, expected, window);
            args.currents().fill((byte) 0);
            RowKernel scalar = SCALAR.analog(args);
            for (int y = 0; y < expected.height; y++) {
              scalar.row(0, y);
            }
            PopulationState found = random.population(to, KernelCase.IF, wide, true);
            found.bias.copyFrom(expected.bias);
            AnalogArgs pixels =
                new AnalogArgs(
                    args.image(),
                    args.inChannels(),
                    args.inHeight(),
                    args.inWidth(),
                    found,
                    window,
                    args.weights(),
                    args.bias(),
                    args.low(),
                    args.high(),
                    null);
            LOOKUPS.currents(pixels, arena).run();
            for (int i = 0; i < to.size(); i++) {
              int c = i / to.plane();
              int y = i % to.plane() / to.width();
              int x = i % to.width();
              int current = args.currents().getAtIndex(JAVA_INT, expected.index(c, y, x));
              assertEquals(
                  current + expected.get(expected.bias, c),
                  found.get(found.current, found.index(c, y, x)),
                  where + " neuron " + i);
            }
          }
        }
      }
    }
  }

  private static void check(Trial trial) {
    for (int parts : new int[] {1, 2}) {
      for (Tables tables : Tables.values()) {
        if (tables != Tables.WHOLE && !tables.serve(trial)) {
          continue;
        }
        String where = trial + " parts=" + parts + " " + tables + " -Dsnnsim.seed=" + SEED;
        try (Arena arena = Arena.ofConfined()) {
          check(trial, parts, tables, new KernelCase(arena, SEED), where);
        }
      }
    }
  }

  /** Runs two blocks by lookup, each step by scalar kernels too. */
  private static void check(
      Trial trial, int parts, Tables tables, KernelCase random, String where) {
    Window window = trial.window;
    boolean gate = trial.targets instanceof NeuronKind.MaxGate;
    MapShape to = KernelCase.target(trial.source, trial.channels, window);
    PopulationState source =
        random.population(trial.source, trial.sources, trial.wide, false, trial.slots, true);
    PopulationState expected =
        random.population(to, trial.targets, trial.wide, false, trial.slots, true);
    PopulationState found =
        random.population(to, trial.targets, trial.wide, true, trial.slots, trial.counted);
    found.theta.copyFrom(expected.theta);
    found.bias.copyFrom(expected.bias);
    neurons(random, expected, found, gate);

    ConvArgs conv =
        tables == Tables.WHOLE
            ? random.conv(source, expected, window, trial.wide ? 4 : 2, false)
            : tables == Tables.WIDE_AND_PAIRS
                ? random.conv(source, expected, window, 2, false, 200)
                : random.conv(source, expected, window, 1, false, tables.most);
    LookupNetwork network = network(trial, tables, source, expected, conv, random.arena);
    assertEquals(tables != Tables.WHOLE, network.usesPairs(1), where);
    assertTrue(expected.accumulator.byteSize() >= network.accumulatorBytes(), where);
    MemorySegment planes = random.arena.allocate(trial.slots * network.slotBytes(), 64);
    LookupArgs mine = new LookupArgs(network, 1, found, planes);
    List<SlotUpdate> shares = new ArrayList<>();
    for (int part = 0; part < parts; part++) {
      shares.add(LOOKUPS.update(mine, random.arena, new Share(part, parts)));
    }
    SlotStep words = LOOKUPS.words(mine);
    SlotStep fromWords = LOOKUPS.planes(mine);
    List<SlotStep> derived = LOOKUPS.derivedPlanes(new LookupArgs(network, 0, source, planes));
    assertTrue(!derived.isEmpty(), where);
    List<RowKernel> rows =
        gate
            ? List.of(SCALAR.gate(source, expected, window))
            : List.of(SCALAR.bias(expected), SCALAR.conv(conv), SCALAR.fire(expected));
    for (int block = 0; block < 2; block++) {
      for (int slot = 0; slot < trial.slots; slot++) {
        source.slot(slot);
        random.spike(source, 0.3);
        if (gate) {
          source.countWords(source);
        }
        expected.slot(slot);
        for (int b = 0; b < expected.blocks; b++) {
          for (int y = 0; y < expected.height; y++) {
            for (RowKernel row : rows) {
              row.row(b, y);
            }
          }
        }
      }
      for (int slot = 0; slot < trial.slots; slot++) {
        for (SlotStep step : derived) {
          step.run(slot);
        }
      }
      for (SlotUpdate share : shares) {
        share.run(trial.slots);
      }
      for (int slot = 0; slot < trial.slots; slot++) {
        words.run(slot);
        expected.slot(slot);
        found.slot(slot);
        KernelCase.assertWords(expected, found, where + " block " + block + " slot " + slot);
      }
    }
    if (parts == 1) {
      compareNeurons(expected, found, gate, where);
    }
    // Planes made from the words are those that the lookup wrote.
    MemorySegment written = random.arena.allocate(planes.byteSize(), 64);
    written.copyFrom(planes);
    for (int slot = 0; slot < trial.slots; slot++) {
      fromWords.run(slot);
    }
    assertEquals(-1, written.mismatch(planes), where + ": planes from words");
  }

  private static void compareNeurons(
      PopulationState expected, PopulationState found, boolean gate, String where) {
    if (!gate) {
      KernelCase.assertNeurons(expected, found, where);
    }
    assertEquals(expected.spikeTotal(), found.spikeTotal(), where);
  }

  /** V and N alike in both; those of gates are 0. */
  private static void neurons(
      KernelCase random, PopulationState a, PopulationState b, boolean gate) {
    for (int i = 0; !gate && i < a.channels * a.height * a.width; i++) {
      int c = i / (a.height * a.width);
      int y = i / a.width % a.height;
      int v = random.lane(a.wide);
      a.set(a.v, a.index(c, y, i % a.width), v);
      b.set(b.v, b.index(c, y, i % a.width), v);
      if (a.net != null) {
        a.set(a.net, a.index(c, y, i % a.width), i % 3);
        b.set(b.net, b.index(c, y, i % a.width), i % 3);
      }
    }
  }

  private static LookupNetwork network(
      Trial trial,
      Tables tables,
      PopulationState s,
      PopulationState t,
      ConvArgs conv,
      Arena arena) {
    int[] bias = new int[t.channels];
    for (int c = 0; c < bias.length; c++) {
      bias[c] = t.get(t.bias, c);
    }
    double pairCost = tables == Tables.WHOLE ? Double.POSITIVE_INFINITY : 0;
    LookupBuilder builder = new LookupBuilder(2, pairCost);
    builder.population(
        0,
        new LookupPopulation(trial.source, trial.wide, s.signed, new int[s.channels], 0, 0, false));
    builder.population(
        1,
        new LookupPopulation(
            t.form().shape(), trial.wide, t.signed, bias, 50, t.codeSteps(), true));
    Synapses synapses = new ConvSynapses(conv);
    if (trial.targets instanceof NeuronKind.MaxGate) {
      builder.gate(1, synapses);
    } else {
      builder.synapses(1, synapses);
    }
    return builder.build(arena);
  }

  /** A convolution's synapses, read from its weights as event kernels have them. */
  private record ConvSynapses(ConvArgs conv) implements Synapses {
    @Override
    public int source() {
      return 0;
    }

    @Override
    public Window geometry() {
      return conv.geometry();
    }

    @Override
    public boolean connects(int ocFrom, int ocTo, int icFrom, int icTo) {
      return true;
    }

    @Override
    public int weight(int oc, int ic, int ky, int kx) {
      int b = oc / 64;
      long row = (long) (ky * conv.geometry().kernelW() + kx) * conv.rows(b) + ic;
      long at = conv.blockOffset()[b] / conv.weightBytes() + row * conv.target().lanes(b) + oc % 64;
      return switch (conv.weightBytes()) {
        case 4 -> conv.weights().getAtIndex(JAVA_INT, at);
        case 2 -> conv.weights().getAtIndex(JAVA_SHORT, at);
        default -> conv.weights().get(JAVA_BYTE, at);
      };
    }
  }
}
