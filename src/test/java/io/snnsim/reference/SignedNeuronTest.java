// SPDX-License-Identifier: Apache-2.0
package io.snnsim.reference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.snnsim.encode.InputEncoder;
import io.snnsim.engine.KernelChoice;
import io.snnsim.engine.Simulation;
import io.snnsim.engine.Simulator;
import io.snnsim.engine.plan.Plan;
import io.snnsim.engine.plan.UpdateMethod;
import io.snnsim.fixture.DenseReference;
import io.snnsim.fixture.Nets;
import io.snnsim.fixture.RandomNetworks;
import io.snnsim.fixture.SumRule;
import io.snnsim.fixture.Ways;
import io.snnsim.geometry.ConvGeometry;
import io.snnsim.geometry.MapShape;
import io.snnsim.geometry.Window;
import io.snnsim.network.ChannelwiseProjection;
import io.snnsim.network.ConvProjection;
import io.snnsim.network.GateProjection;
import io.snnsim.network.InputStage;
import io.snnsim.network.Network;
import io.snnsim.network.Population;
import io.snnsim.network.Projection;
import io.snnsim.network.WeightType;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Facts of signed neurons that no kernel may break, worked out without any simulator. */
@Tag("slow")
class SignedNeuronTest {
  private static final MapShape ONE = new MapShape(1, 1, 1);

  /** The input of a step, whatever the image is. */
  private record Scripted(java.util.function.IntUnaryOperator current) implements InputEncoder {
    @Override
    public boolean constant() {
      return false;
    }

    @Override
    public void begin(long imageIndex, float[] x, int steps) {}

    @Override
    public void frame(int t, float[] out) {
      java.util.Arrays.fill(out, current.applyAsInt(t));
    }
  }

  /** Every channel of the first population gets the image's only pixel as its current. */
  private static InputStage.AnalogProjection copies(int channels) {
    float[] ones = new float[channels];
    java.util.Arrays.fill(ones, 1);
    return new InputStage.AnalogProjection(
        "in", 0, Nets.pointwise(ONE, channels), ones, new float[channels], -30000, 30000);
  }

  /** Events and, where that can be, lookups. */
  private static List<Plan> plans(Network network) {
    List<UpdateMethod> lookups = new ArrayList<>();
    for (int p = 0; p < network.populations().size(); p++) {
      lookups.add(Ways.canLookUp(network, p) ? UpdateMethod.LOOKUP : UpdateMethod.EVENTS);
    }
    List<UpdateMethod> events = lookups.stream().map(m -> UpdateMethod.EVENTS).toList();
    return List.of(new Plan(events, 1), new Plan(lookups, 1), new Plan(lookups, 4));
  }

  /** By hand: theta 10, V(0) 5; V before the spike is in the comments. */
  @ParameterizedTest
  @EnumSource(value = KernelChoice.class, mode = EnumSource.Mode.EXCLUDE, names = "AUTO")
  void spikesAreTakenBackButNoMoreThanWereSent(KernelChoice kernel) {
    int[] input = {4, 1, 25, 0, -30, -10, -10, 0, -7, 9, 40};
    int[] spike = {0, 1, 1, 1, -1, -1, -1, 0, 0, 0, 1};
    // 9, 10, 25, 15, -25, -25, -25, -15, -22, -13, 27
    int[] potential = {9, 0, 15, 5, -15, -15, -15, -15, -22, -13, 17};
    Network network =
        Nets.of(
            ONE,
            List.of(copies(3)),
            List.of(Nets.signed("a", new MapShape(3, 1, 1), false, 10, 5)),
            List.of());
    DenseReference reference = new DenseReference(network);
    reference.present(new float[1]);
    try (Simulator model = Simulator.of(network, kernel);
        Simulation session = model.newSimulation()) {
      session.encodeWith(new Scripted(t -> input[t]));
      session.present(new float[1], 0);
      int count = 0;
      int spikes = 0;
      int negative = 0;
      for (int t = 0; t < input.length; t++) {
        session.step();
        reference.setFrame(new float[] {input[t]});
        reference.step();
        count += spike[t];
        spikes += Math.abs(spike[t]);
        negative += spike[t] < 0 ? 1 : 0;
        for (int c = 0; c < 3; c++) {
          assertEquals(spike[t], reference.spikes(0)[c][0][0], "spike " + t);
          assertEquals(count, session.outputCount(c), "count " + t);
          assertEquals(potential[t], session.outputPotential(c), "potential " + t);
        }
        assertEquals(3L * spikes, session.spikeTotal(0));
        assertEquals(3L * negative, session.negativeSpikeTotal(0));
      }
    }
  }

  /**
   * theta * N + V - V(0) is the input so far, N is not negative: of every neuron after every step,
   * the input being that which the spikes of the independent reference bring.
   */
  @ParameterizedTest
  @EnumSource(value = KernelChoice.class, mode = EnumSource.Mode.EXCLUDE, names = "AUTO")
  void thresholdTimesCountPlusPotentialIsTheIntegratedInput(KernelChoice kernel) {
    long checked = 0;
    long saturated = 0;
    long takenBack = 0;
    for (long seed = 1; seed <= 25; seed++) {
      RandomNetworks.Case random = RandomNetworks.of(seed);
      SumRule.Seen seen =
          SumRule.check(random.network(), random.image(), kernel, null, 12, "seed " + seed);
      checked += seen.checked();
      saturated += seen.saturated();
      takenBack += seen.takenBack();
    }
    assertTrue(checked > 50_000 && saturated < checked / 4, checked + " " + saturated);
    assertTrue(takenBack > 500, "negative spikes " + takenBack);
  }

  @ParameterizedTest
  @EnumSource(value = KernelChoice.class, mode = EnumSource.Mode.EXCLUDE, names = "AUTO")
  void theSumRuleHoldsOnADeepSignedNetwork(KernelChoice kernel) {
    Network network = deep();
    float[] image = new float[network.input().shape().size()];
    SplittableRandom random = new SplittableRandom(9);
    for (int i = 0; i < image.length; i++) {
      image[i] = (float) random.nextDouble();
    }
    List<Plan> plans = kernel == KernelChoice.VECTOR ? plans(network) : List.of();
    for (int i = 0; i < Math.max(1, plans.size()); i++) {
      Plan plan = plans.isEmpty() ? null : plans.get(i);
      SumRule.Seen seen = SumRule.check(network, image, kernel, plan, 60, "plan " + i);
      assertEquals(0, seen.saturated(), "nothing saturates");
      assertTrue(seen.takenBack() > 10_000, "negative spikes " + seen.takenBack());
    }
  }

  /** Eight populations, with a gate, a pool, a shortcut and channel counts around a word. */
  private static Network deep() {
    MapShape image = new MapShape(3, 8, 8);
    SplittableRandom random = new SplittableRandom(4);
    List<Population> populations = new ArrayList<>();
    List<Projection> projections = new ArrayList<>();
    ConvGeometry in = window(image, 20, 3, 1);
    float[] w = new float[20 * 3 * 9];
    for (int i = 0; i < w.length; i++) {
      w[i] = random.nextInt(-20, 24);
    }
    InputStage.AnalogProjection analog =
        new InputStage.AnalogProjection("in", 0, in, w, new float[20], -250, 250);
    populations.add(Nets.signed("a", new MapShape(20, 8, 8), false, 100, 50));
    conv(populations, projections, 40, 3, 1, random);
    conv(populations, projections, 40, 3, 1, random);
    ConvGeometry same = window(new MapShape(40, 8, 8), 40, 1, 1);
    int[] shortcut = new int[40];
    java.util.Arrays.fill(shortcut, 20);
    projections.add(new ChannelwiseProjection("shortcut", 1, 2, same, 0, shortcut));
    MapShape before = populations.getLast().shape();
    ConvGeometry pool = window(before, 40, 3, 2);
    projections.add(new GateProjection("pool", 2, 3, pool));
    populations.add(Nets.gate("pool", new MapShape(40, pool.outHeight(), pool.outWidth())));
    conv(populations, projections, 70, 3, 1, random);
    conv(populations, projections, 64, 1, 1, random);
    conv(populations, projections, 10, 1, 1, random);
    return Nets.of(image, List.of(analog), populations, projections);
  }

  private static void conv(
      List<Population> populations,
      List<Projection> projections,
      int channels,
      int kernel,
      int stride,
      SplittableRandom random) {
    int source = populations.size() - 1;
    ConvGeometry g = window(populations.getLast().shape(), channels, kernel, stride);
    int fanIn = g.inChannels() * g.taps();
    int[] w = new int[channels * fanIn];
    int most = Math.min(30, 2500 / fanIn);
    for (int i = 0; i < w.length; i++) {
      w[i] = random.nextInt(-most, most + 1);
    }
    projections.add(ConvProjection.pack("conv" + source, source, source + 1, g, WeightType.I8, w));
    populations.add(
        Nets.signed(
            "p" + source,
            new MapShape(channels, g.outHeight(), g.outWidth()),
            false,
            20 + random.nextInt(30),
            10));
  }

  private static ConvGeometry window(MapShape from, int channels, int kernel, int stride) {
    int pad = kernel / 2;
    int h = (from.height() + 2 * pad - kernel) / stride + 1;
    int v = (from.width() + 2 * pad - kernel) / stride + 1;
    return new ConvGeometry(
        new MapShape(from.channels(), from.height(), from.width()),
        new MapShape(channels, h, v),
        new Window(kernel, kernel, stride, stride, pad, pad, 1, 1),
        1);
  }

  /**
   * More spikes than 16 bits count, all taken back again and not one more, whether counts are kept
   * or not; in the second population, which reads the first one's spikes, too.
   */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void countsPastSixteenBitsAreTakenBackToZero(boolean wide) {
    int up = 70_000;
    int steps = 2 * up + 10;
    WeightType type = wide ? WeightType.I32 : WeightType.I8;
    MapShape three = new MapShape(3, 1, 1);
    Network network =
        Nets.of(
            ONE,
            List.of(copies(3)),
            List.of(
                Nets.signed("a", three, wide, 50, 0),
                Nets.signed("b", three, wide, 50, 0),
                Nets.fire("out", ONE, wide, 30000, 0, 0)),
            List.of(
                ConvProjection.pack(
                    "ab",
                    0,
                    1,
                    Nets.pointwise(three, 3),
                    type,
                    new int[] {50, 0, 0, 0, 50, 0, 0, 0, 50}),
                ConvProjection.pack(
                    "out", 1, 2, Nets.pointwise(three, 1), type, new int[] {1, 1, 1})));
    for (KernelChoice kernel :
        List.of(KernelChoice.SCALAR, KernelChoice.ARRAY, KernelChoice.VECTOR)) {
      for (Plan plan :
          kernel == KernelChoice.VECTOR ? plans(network) : List.of(plans(network).getFirst())) {
        for (boolean counted : new boolean[] {false, kernel == KernelChoice.VECTOR}) {
          String where = kernel + " " + plan.methods() + " " + plan.blockSteps() + " " + counted;
          try (Simulator model = Simulator.of(network, kernel, plan);
              Simulation session = model.newSimulation(counted)) {
            session.encodeWith(new Scripted(t -> t < up ? 50 : t < steps - 10 ? -50 : -7));
            session.present(new float[1], 0);
            while (session.steps() < up) {
              session.step();
            }
            assertEquals(3L * up, session.spikeTotal(1), where);
            assertEquals(0, session.negativeSpikeTotal(1), where);
            while (session.steps() < steps) {
              session.step();
            }
            for (int p = 0; p < 2; p++) {
              assertEquals(6L * up, session.spikeTotal(p), where);
              assertEquals(3L * up, session.negativeSpikeTotal(p), where);
            }
            assertArrayEquals(new int[] {-70, -70, -70}, session.potentials(0), where);
            assertArrayEquals(new int[] {0, 0, 0}, session.potentials(1), where);
            // 3 * 70,000 in, which is 7 thresholds, and out again; those 7 spikes stay.
            assertEquals(7, session.outputCount(0), where);
          }
        }
      }
    }
  }

  /**
   * A spike taken back lifts V to just below a threshold at the end of the type, from where the
   * input of the next step of the same block would leave it: V is clamped there.
   */
  @Test
  void takingBackASpikeMayEndAtTheEndOfTheType() {
    int theta = Integer.MAX_VALUE - 5;
    MapShape two = new MapShape(2, 1, 1);
    // The first neuron fires in steps 2, 5, ... (from 0), the second in 3, 7, ...
    Population clock =
        Nets.fire("clock", two, true, new int[] {300, 400}, new int[2], new int[] {100, 100});
    Network network =
        Nets.of(
            List.of(
                clock,
                Nets.signed("b", ONE, true, theta, theta),
                Nets.fire("out", ONE, true, 1, 0, 0)),
            List.of(
                ConvProjection.pack(
                    "cb", 0, 1, Nets.pointwise(two, 1), WeightType.I32, new int[] {-10, 100}),
                ConvProjection.pack(
                    "out", 1, 2, Nets.pointwise(ONE, 1), WeightType.I32, new int[] {1})));
    for (Plan plan : plans(network)) {
      try (Simulator model = Simulator.of(network, KernelChoice.VECTOR, plan);
          Simulation session = model.newSimulation()) {
        session.present(new float[1], 0);
        while (session.steps() < 4) {
          session.runStepBlock(4 - session.steps());
        }
        // Sent, nothing, taken back: V = theta - 10; then clamped to the type and sent again.
        assertEquals(3, session.spikeTotal(1), plan.toString());
        assertEquals(1, session.negativeSpikeTotal(1), plan.toString());
        assertArrayEquals(new int[] {5}, session.potentials(1), plan.toString());
      }
    }
  }
}
