// SPDX-License-Identifier: Apache-2.0
package io.snnsim.kernel;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.snnsim.geometry.MapShape;
import io.snnsim.geometry.Window;
import io.snnsim.kernel.contract.AnalogArgs;
import io.snnsim.kernel.contract.ChannelwiseArgs;
import io.snnsim.kernel.contract.EventKernels;
import io.snnsim.kernel.state.NeuronKind;
import io.snnsim.kernel.state.PopulationState;
import io.snnsim.kernel.state.RowKernel;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Every kernel of the families array and vector alone, against the scalar one, bit for bit. */
class EventKernelsTest {
  private static final EventKernels SCALAR = KernelProvider.scalar().events();
  private static final List<EventKernels> OTHERS =
      List.of(KernelProvider.array().events(), KernelProvider.vector().events());

  private static final Window ROLLED = new Window(3, 3, 1, 1, 1, 1, 1, 1);
  private static final List<Window> WINDOWS =
      List.of(
          ROLLED,
          new Window(3, 3, 2, 2, 1, 1, 1, 1),
          new Window(1, 1, 1, 1, 0, 0, 1, 1),
          new Window(2, 3, 1, 2, 1, 0, 2, 1),
          new Window(3, 2, 1, 1, 2, 1, 1, 2));

  private static final long SEED = Long.getLong("snnsim.seed", 20_240_607);

  /** One kernel of both families on populations of the same contents. */
  private interface Trial {
    void run(KernelCase random, EventKernels kernels, List<PopulationState> made);
  }

  /** Runs a trial with the scalar kernels and with the others, each on its own populations. */
  private static void compare(
      String what, Trial trial, BiFunction<PopulationState, PopulationState, String> compared) {
    for (EventKernels other : OTHERS) {
      String where = other.name() + " " + what + " -Dsnnsim.seed=" + SEED;
      try (Arena arena = Arena.ofConfined()) {
        List<PopulationState> expected = new ArrayList<>();
        trial.run(new KernelCase(arena, SEED), SCALAR, expected);
        List<PopulationState> found = new ArrayList<>();
        trial.run(new KernelCase(arena, SEED), other, found);
        for (int i = 0; i < expected.size(); i++) {
          assertEquals("", compared.apply(expected.get(i), found.get(i)));
        }
      } catch (AssertionError e) {
        throw new AssertionError(where + ": " + e.getMessage(), e);
      }
    }
  }

  /**
   * @param before is told of each block before its next row
   */
  private static void rows(RowKernel kernel, PopulationState t, IntConsumer before) {
    for (int b = 0; b < t.blocks; b++) {
      for (int y = 0; y < t.height; y++) {
        before.accept(b);
        kernel.row(b, y);
      }
    }
  }

  /** Runs a kernel that leaves sums, every row of them from the same random ones. */
  private static void sums(
      KernelCase random, RowKernel kernel, PopulationState t, PopulationState kept) {
    random.fill(t, t.current);
    long[] at = {0};
    for (int b = 0; b < t.blocks; b++) {
      for (int y = 0; y < t.height; y++) {
        int n = t.width * t.lanes(b);
        for (int i = 0; i < n; i++) {
          t.set(t.accumulator, i, i % 5 == 0 ? i : 0);
        }
        kernel.row(b, y);
        for (int i = 0; i < n; i++) {
          kept.set(kept.v, at[0]++, t.get(t.accumulator, i));
        }
      }
    }
  }

  private static String sameV(PopulationState a, PopulationState b) {
    return a.v.mismatch(b.v) < 0 ? "" : "V differs at byte " + a.v.mismatch(b.v);
  }

  private static String sameNeurons(PopulationState a, PopulationState b) {
    KernelCase.assertNeurons(a, b, "");
    return "";
  }

  /** A trial of a kernel that leaves sums in the accumulator, at every size. */
  private static void compareSums(
      String what, BiFunction<EventKernels, PopulationState, RowKernel> kernel) {
    for (boolean wide : new boolean[] {false, true}) {
      for (int channels : KernelCase.sizesAround(wide)) {
        compare(
            what + " wide=" + wide + " channels=" + channels,
            (random, kernels, made) -> {
              MapShape shape = new MapShape(channels, 2, 3);
              PopulationState t = random.population(shape, KernelCase.IF, wide, false);
              PopulationState kept = random.population(shape, KernelCase.IF, wide, false);
              random.fill(t, t.current);
              sums(random, kernel.apply(kernels, t), t, kept);
              made.add(kept);
            },
            EventKernelsTest::sameV);
      }
    }
  }

  @Test
  void bias() {
    compareSums("bias", EventKernels::bias);
  }

  @Test
  void current() {
    compareSums("current", EventKernels::current);
  }

  @Test
  void fill() {
    for (boolean wide : new boolean[] {false, true}) {
      int granule = wide ? 16 : 32;
      compare(
          "fill wide=" + wide,
          (random, kernels, made) -> {
            PopulationState t =
                random.population(new MapShape(64, 2, 2), KernelCase.IF, wide, false);
            random.fill(t, t.v);
            kernels.fill(t.v, t.laneBytes(), granule, 3L * granule, random.lane(wide));
            made.add(t);
          },
          EventKernelsTest::sameV);
    }
  }

  @Test
  void convolutionsOfEveryTypeWindowAndSize() {
    for (int bytes : new int[] {1, 2, 4}) {
      boolean wide = bytes == 4;
      for (Window window : WINDOWS) {
        for (int channels : KernelCase.sizesAround(wide)) {
          conv(new ConvTrial(bytes, window, channels, 9, KernelCase.IF, 0.2, false));
        }
        conv(new ConvTrial(bytes, window, 20, 33, KernelCase.SIGNED, 0.3, false));
        conv(new ConvTrial(bytes, window, 20, 70, KernelCase.SIGNED, 0.3, false));
      }
    }
  }

  @Test
  void convolutionsWithoutSpikesAndWithNothingElse() {
    for (int bytes : new int[] {1, 2, 4}) {
      for (Window window : WINDOWS) {
        for (double rate : new double[] {0, 1}) {
          conv(new ConvTrial(bytes, window, 40, 65, KernelCase.IF, rate, false));
        }
      }
    }
  }

  @Tag("slow")
  @Test
  void groupedConvolutions() {
    for (int bytes : new int[] {1, 2, 4}) {
      for (Window window : WINDOWS) {
        for (NeuronKind kind : new NeuronKind[] {KernelCase.IF, KernelCase.SIGNED}) {
          for (int channels : new int[] {1, 63, 65, 140}) {
            conv(new ConvTrial(bytes, window, channels, 100, kind, 0.2, true));
          }
        }
      }
    }
  }

  private record ConvTrial(
      int bytes,
      Window window,
      int channels,
      int sources,
      NeuronKind source,
      double rate,
      boolean partial) {}

  private static void conv(ConvTrial trial) {
    boolean wide = trial.bytes == 4;
    compare(
        trial.toString(),
        (random, kernels, made) -> {
          MapShape from = new MapShape(trial.sources, 4, 5);
          MapShape to = KernelCase.target(from, trial.channels, trial.window);
          PopulationState s = random.population(from, trial.source, false, false);
          PopulationState t = random.population(to, KernelCase.IF, wide, false);
          PopulationState kept = random.population(to, KernelCase.IF, wide, false);
          random.spike(s, trial.rate);
          // A list that the kernel did not ask for would do no harm.
          kernels.events(s).run();
          var args = random.conv(s, t, trial.window, trial.bytes, trial.partial);
          assertEquals(!trial.partial, args.dense(), trial.toString());
          sums(random, kernels.conv(args), t, kept);
          made.add(kept);
        },
        EventKernelsTest::sameV);
  }

  /** So that none of them goes untested unnoticed at the width that this JVM has. */
  @Test
  void everyConvolutionKernelIsReached() {
    Set<String> reached = new TreeSet<>();
    try (Arena arena = Arena.ofConfined()) {
      KernelCase random = new KernelCase(arena, SEED);
      for (int bytes : new int[] {1, 2, 4}) {
        for (Window window : WINDOWS) {
          for (boolean partial : new boolean[] {false, true}) {
            MapShape from = new MapShape(8, 4, 5);
            PopulationState s = random.population(from, KernelCase.IF, false, false);
            MapShape to = KernelCase.target(from, 4, window);
            PopulationState t = random.population(to, KernelCase.IF, bytes == 4, false);
            var kernel = OTHERS.getLast().conv(random.conv(s, t, window, bytes, partial));
            reached.add(kernel.getClass().getSimpleName());
          }
        }
      }
    }
    boolean narrow = KernelProvider.vectorBits() == 64;
    assertEquals(
        narrow
            ? Set.of(
                "Conv8Narrow", "Conv16", "Conv32", "GroupedConv8", "GroupedConv16", "GroupedConv32")
            : Set.of(
                "Conv8",
                "Conv16",
                "Conv32",
                "Roll8",
                "Roll16",
                "Roll32",
                "GroupedConv8",
                "GroupedConv16",
                "GroupedConv32"),
        reached);
  }

  @Test
  void channelwise() {
    for (boolean wide : new boolean[] {false, true}) {
      for (NeuronKind kind : new NeuronKind[] {KernelCase.IF, KernelCase.SIGNED}) {
        for (Window window : WINDOWS.subList(1, 3)) {
          for (int channels : KernelCase.sizesAround(wide)) {
            for (int offset : new int[] {0, 5, 64}) {
              compare(
                  "channelwise " + wide + kind + window + " " + channels + " from " + offset,
                  (random, kernels, made) -> {
                    MapShape from = new MapShape(channels, 4, 5);
                    MapShape to = KernelCase.target(from, channels + offset + 1, window);
                    PopulationState s = random.population(from, kind, false, false);
                    PopulationState t = random.population(to, KernelCase.IF, wide, false);
                    PopulationState kept = random.population(to, KernelCase.IF, wide, false);
                    random.spike(s, 0.4);
                    int taps = window.kernelH() * window.kernelW();
                    MemorySegment weights =
                        random.arena.allocate((long) taps * t.allLanes() * t.laneBytes(), 64);
                    for (int tap = 0; tap < taps; tap++) {
                      for (int c = 0; c < channels; c++) {
                        t.set(
                            weights,
                            (long) tap * t.allLanes() + c + offset,
                            random.random.nextInt(-900, 901));
                      }
                    }
                    var args = new ChannelwiseArgs(s, t, window, offset, weights);
                    sums(random, kernels.channelwise(args), t, kept);
                    made.add(kept);
                  },
                  EventKernelsTest::sameV);
            }
          }
        }
      }
    }
  }

  @Test
  void fireOfEveryKindAtTheEndsOfTheTypeToo() {
    for (boolean wide : new boolean[] {false, true}) {
      for (NeuronKind kind : new NeuronKind[] {KernelCase.IF, KernelCase.SIGNED}) {
        for (int channels : KernelCase.sizesAround(wide)) {
          compare(
              "fire " + kind + " wide=" + wide + " channels=" + channels,
              (random, kernels, made) -> {
                MapShape shape = new MapShape(channels, 2, 3);
                PopulationState t = random.population(shape, kind, wide, false);
                neurons(random, t);
                RowKernel fire = kernels.fire(t);
                for (int step = 0; step < 4; step++) {
                  rows(fire, t, b -> input(random, t, b));
                }
                made.add(t);
              },
              EventKernelsTest::sameNeurons);
        }
      }
    }
  }

  /** Padding lanes stay 0, as in a simulation. */
  private static void neurons(KernelCase random, PopulationState t) {
    for (int c = 0; c < t.channels; c++) {
      for (int p = 0; p < t.height * t.width; p++) {
        t.set(t.v, t.index(c, p / t.width, p % t.width), random.lane(t.wide));
        if (t.net != null) {
          t.set(t.net, t.index(c, p / t.width, p % t.width), random.random.nextInt(3));
        }
      }
    }
  }

  private static void input(KernelCase random, PopulationState t, int b) {
    int lanes = t.lanes(b);
    for (int i = 0; i < t.width * lanes; i++) {
      boolean padding = b * 64 + i % lanes >= t.channels;
      t.set(t.accumulator, i, padding ? 0 : random.lane(t.wide));
    }
  }

  @Test
  void gates() {
    for (boolean signed : new boolean[] {false, true}) {
      for (Window window : WINDOWS) {
        for (int channels : KernelCase.sizesAround(true)) {
          compare(
              "gate signed=" + signed + " " + window + " channels=" + channels,
              (random, kernels, made) -> {
                MapShape from = new MapShape(channels, 4, 5);
                MapShape to = KernelCase.target(from, channels, window);
                PopulationState s = random.population(from, KernelCase.IF, false, false);
                PopulationState t =
                    random.population(to, new NeuronKind.MaxGate(signed), false, false);
                RowKernel gate = kernels.gate(s, t, window);
                for (int step = 0; step < 3; step++) {
                  for (int i = 0; i < channels * 20; i++) {
                    long at = s.index(i / 20, i % 20 / 5, i % 5);
                    s.counts.setAtIndex(JAVA_INT, at, random.random.nextInt(3));
                  }
                  rows(gate, t, b -> {});
                }
                made.add(t);
              },
              EventKernelsTest::sameNeurons);
        }
      }
    }
  }

  @Test
  void eventLists() {
    for (NeuronKind kind : new NeuronKind[] {KernelCase.IF, KernelCase.SIGNED}) {
      for (int channels : new int[] {1, 15, 16, 17, 32, 33, 63, 64, 65, 130}) {
        for (double rate : new double[] {0, 0.1, 1}) {
          compare(
              "events " + kind + " channels=" + channels + " rate=" + rate,
              (random, kernels, made) -> {
                PopulationState s =
                    random.population(new MapShape(channels, 3, 4), kind, false, false);
                random.spike(s, rate);
                kernels.events(s).run();
                made.add(s);
              },
              (a, b) -> {
                long starts = a.eventStarts.mismatch(b.eventStarts);
                assertTrue(starts < 0, "starts differ at byte " + starts);
                int n = a.eventStarts.getAtIndex(JAVA_INT, 12);
                long differs = a.events.asSlice(0, 4L * n).mismatch(b.events.asSlice(0, 4L * n));
                return differs < 0 ? "" : "events differ at byte " + differs;
              });
        }
      }
    }
  }

  @Test
  void analogInput() {
    for (Window window : WINDOWS) {
      for (int channels : KernelCase.sizesAround(true)) {
        compare(
            "analog " + window + " channels=" + channels,
            (random, kernels, made) -> {
              MapShape from = new MapShape(3, 4, 5);
              MapShape to = KernelCase.target(from, channels, window);
              PopulationState t = random.population(to, KernelCase.IF, true, false);
              rows(kernels.analog(analog(random, from, t, window)), t, b -> {});
              made.add(t);
            },
            EventKernelsTest::sameV);
      }
    }
  }

  /** Of a wide population the currents are added to V's memory, which is as large. */
  static AnalogArgs analog(KernelCase random, MapShape from, PopulationState t, Window window) {
    MemorySegment image = floats(random, from.size(), 1);
    long taps = (long) window.kernelH() * window.kernelW() * from.channels();
    int lanes = t.allLanes();
    // A vector of slack.
    MemorySegment weights = floats(random, taps * lanes + 64, 40);
    MemorySegment bias = floats(random, lanes + 64, 3);
    return new AnalogArgs(
        image,
        from.channels(),
        from.height(),
        from.width(),
        t,
        window,
        weights,
        bias,
        -100,
        110,
        t.wide ? t.v : random.arena.allocate(t.rowStart(t.blocks - 1, t.height) * 4, 64));
  }

  private static MemorySegment floats(KernelCase random, long n, float size) {
    MemorySegment m = random.arena.allocate(n * 4, 64);
    for (long i = 0; i < n; i++) {
      m.setAtIndex(JAVA_FLOAT, i, (random.random.nextFloat() - 0.5f) * 2 * size);
    }
    return m;
  }
}
