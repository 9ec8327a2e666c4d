// SPDX-License-Identifier: Apache-2.0
package io.snnsim.convert.fit;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.snnsim.ann.AnnGraph;
import io.snnsim.ann.AnnNode;
import io.snnsim.ann.Images;
import io.snnsim.ann.Normalisation;
import io.snnsim.ann.op.Conv2d;
import io.snnsim.ann.op.Flatten;
import io.snnsim.ann.op.Input;
import io.snnsim.ann.op.Linear;
import io.snnsim.ann.op.Relu;
import io.snnsim.ann.op.Tensor;
import io.snnsim.convert.ConvertOptions;
import io.snnsim.convert.Preset;
import io.snnsim.convert.scheme.Lowering;
import io.snnsim.geometry.MapShape;
import io.snnsim.geometry.Window;
import io.snnsim.network.Population;
import io.snnsim.network.Precision;
import io.snnsim.work.Execution;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a ReLU cuts off of most of its inputs is cut off by fitted networks as well. */
class ClippedReluTest {
  private static final float MOST = 0.5f;
  private static final int SIDE = 6;
  private static final int JUDGES = 10;

  private record Random(int count) implements Images {
    @Override
    public void read(int index, float[] into) {
      SplittableRandom r = new SplittableRandom(index);
      for (int i = 0; i < into.length; i++) {
        into[i] = (float) r.nextDouble();
      }
    }
  }

  private static float[] random(int seed, int size, double most) {
    SplittableRandom r = new SplittableRandom(seed);
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) r.nextDouble(-most, most);
    }
    return values;
  }

  private static AnnGraph graph() {
    Window point = Window.square(1, 1, 0);
    Tensor first = Tensor.of(new float[] {4, 3}, 2, 1, 1, 1);
    Tensor second = Tensor.of(new float[] {5, 4, -3, 4}, 2, 2, 1, 1);
    Tensor last = Tensor.of(random(1, 3 * 2 * SIDE * SIDE, 1), 3, 2 * SIDE * SIDE);
    return new AnnGraph(
        "clipped",
        List.of(
            new AnnNode("input", new Input(new MapShape(1, SIDE, SIDE)), List.of()),
            new AnnNode("c1", new Conv2d(first, null, point, 1), List.of("input")),
            new AnnNode("r1", new Relu(MOST), List.of("c1")),
            new AnnNode("c2", new Conv2d(second, null, point, 1), List.of("r1")),
            new AnnNode("r2", new Relu(MOST), List.of("c2")),
            new AnnNode("flat", new Flatten(), List.of("r2")),
            new AnnNode("fc", new Linear(last, null), List.of("flat"))));
  }

  @ParameterizedTest
  @EnumSource(
      value = Preset.class,
      names = {"FEW_SPIKE", "LOW_LATENCY"})
  void isCutOffInFittedNetworksToo(Preset preset) {
    Lowering lowering = new Lowering(graph());
    ConvertOptions options =
        new ConvertOptions(
            0.5,
            1,
            Precision.I16,
            new Normalisation(new float[] {0}, new float[] {1}),
            preset.scheme(8));
    LayerwiseConversion.Result result =
        LayerwiseConversion.run(
            lowering,
            new FitImages(new Random(60), JUDGES),
            null,
            options,
            List.of(),
            Execution.on(1));
    List<Population> populations = result.conversion().network().populations();
    for (Population p : populations.subList(0, populations.size() - 1)) {
      for (float lambda : p.lambda()) {
        // Candidates go a little above the largest activation.
        assertTrue(lambda <= 1.05 * MOST, p.name() + ": lambda=" + lambda);
      }
    }
    assertTrue(result.noise() < 0.05, "noise=" + result.noise());
  }
}
