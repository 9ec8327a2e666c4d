// SPDX-License-Identifier: Apache-2.0
package io.snnsim.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.snnsim.ann.Normalisation;
import io.snnsim.convert.ConvertOptions;
import io.snnsim.convert.scheme.BatchNormFolding;
import io.snnsim.convert.scheme.Calibration;
import io.snnsim.convert.scheme.Converter;
import io.snnsim.convert.scheme.Lowering;
import io.snnsim.dump.Architectures;
import io.snnsim.dump.ImageSet;
import io.snnsim.dump.Imported;
import io.snnsim.dump.WeightDump;
import io.snnsim.engine.plan.Plan;
import io.snnsim.engine.plan.UpdateMethod;
import io.snnsim.fixture.Nets;
import io.snnsim.fixture.TestData;
import io.snnsim.fixture.Ways;
import io.snnsim.format.ModelContents;
import io.snnsim.format.NetworkRules;
import io.snnsim.network.Network;
import io.snnsim.network.NeuronModel;
import io.snnsim.network.Precision;
import io.snnsim.readout.Readout;
import io.snnsim.store.Mode;
import io.snnsim.store.ModelFile;
import io.snnsim.store.ModelStore;
import io.snnsim.work.Execution;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * ResNet-20 on CIFAR-10 images: every kernel, thread count and mode of holding the file gives the
 * same predictions, and the same spike count and potential of every neuron. {@code
 * -Dsnnsim.vectorBits=64} (128, 256, 512) forces another vector width.
 */
@Tag("slow")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SameBitsTest {
  private static final Normalisation NORMALISATION =
      new Normalisation(new float[] {0.485f, 0.456f, 0.406f}, new float[] {0.229f, 0.224f, 0.225f});
  private static final int IMAGES = 3;
  private static final int STEPS = 6;

  @TempDir Path dir;

  private Calibration.Result calibration;
  private ImageSet test;

  @BeforeAll
  void calibrate() {
    Path data = TestData.dir();
    Imported imported =
        Architectures.build(WeightDump.read(data.resolve("resnet20_cifar10.npz")), null);
    ImageSet images =
        ImageSet.read(data.resolve("cifar10_calibration.npz"), imported.graph().inputShape());
    Lowering lowering = new Lowering(BatchNormFolding.fold(imported.graph()).graph());
    calibration =
        Calibration.run(lowering, images.subset(0, 40), NORMALISATION, 99.9, Execution.on(2));
    test = ImageSet.read(data.resolve("cifar10_test.npz"), imported.graph().inputShape());
  }

  @ParameterizedTest
  @EnumSource(Precision.class)
  void kernelsThreadsAndModesGiveTheSameBits(Precision precision) {
    Network network =
        Converter.convert(
                calibration, new ConvertOptions(0.5, 1, precision, NORMALISATION), List.of())
            .network();
    Seen specification = run(network, KernelChoice.SCALAR, 1);
    assertTrue(specification.spikes[0] > 1000L * IMAGES, "the first layer must fire");
    assertTrue(specification.spikes[15] > 100, "and so must a late one");

    assertSame(network, specification, run(network, KernelChoice.VECTOR, 2), "vector, 2 threads");
    if (Integer.getInteger("snnsim.vectorBits") != null) {
      return; // Widths that the machine lacks are slow, and the rest does not depend on them.
    }
    assertSame(network, specification, run(network, KernelChoice.VECTOR, 1), "vector, 1 thread");
    Path file = dir.resolve(precision + ".snn");
    ModelStore.publish(file, new ModelContents(network, Map.of("provenance", new byte[3])), false);
    for (Mode mode : Mode.values()) {
      try (ModelFile open = ModelStore.open(file, mode)) {
        Seen stored = run(open.network(), KernelChoice.VECTOR, 2);
        assertSame(network, specification, stored, "vector, 2 threads, " + mode);
      }
    }
  }

  /** The same network with signed neurons, which it was not converted for but can be run with. */
  @ParameterizedTest
  @EnumSource(
      value = Precision.class,
      names = {"I8", "I32"})
  void signedNeuronsGiveTheSameBitsToo(Precision precision) {
    Network plain =
        Converter.convert(
                calibration, new ConvertOptions(0.5, 1, precision, NORMALISATION), List.of())
            .network();
    Network network =
        new Network(
            plain.name(),
            plain.precision(),
            plain.input(),
            plain.populations().stream().map(Nets::signed).toList(),
            plain.projections(),
            plain.output());
    NetworkRules.check(network, "signed");
    Seen specification = run(network, KernelChoice.SCALAR, 1);
    assertTrue(specification.negativeSpikes[1] > 1000L, "an early layer must take spikes back");
    assertTrue(specification.negativeSpikes[15] > 100, "and so must a late one");
    assertSame(network, specification, run(network, KernelChoice.VECTOR, 2), "vector, 2 threads");
    if (Integer.getInteger("snnsim.vectorBits") != null) {
      return;
    }
    assertSame(network, specification, run(network, KernelChoice.ARRAY, 1), "array");
    int n = network.populations().size();
    for (UpdateMethod method : UpdateMethod.values()) {
      List<UpdateMethod> methods = new ArrayList<>();
      for (int p = 0; p < n; p++) {
        methods.add(Ways.where(network, p, method));
      }
      if (method == UpdateMethod.ADAPTIVE) {
        network.input().projections().forEach(a -> methods.set(a.target(), UpdateMethod.LOOKUP));
      }
      Seen seen = run(network, KernelChoice.VECTOR, 2, new Plan(methods, 3));
      assertSame(network, specification, seen, "vector, 2 threads, " + method);
    }
  }

  /** What a batch left behind, [image][population] where there are two. */
  private static final class Seen {
    private final int[][] predictions = new int[IMAGES][];
    private final int[][][] counts = new int[IMAGES][][];
    private final int[][][] potentials = new int[IMAGES][][];
    private long[] spikes;
    private long[] negativeSpikes;
    private long[] synapticOps;
  }

  private Seen run(Network network, KernelChoice kernel, int threads) {
    return run(network, kernel, threads, null);
  }

  private Seen run(Network network, KernelChoice kernel, int threads, Plan plan) {
    Seen seen = new Seen();
    ImageSource source =
        new ImageSource() {
          @Override
          public int count() {
            return IMAGES;
          }

          @Override
          public void read(int index, float[] into) {
            test.read(index, into);
          }
        };
    BatchObserver observer =
        new BatchObserver() {
          @Override
          public void afterImage(int image, Simulation s, long nanos) {
            int n = network.populations().size();
            int[][] counts = new int[n][];
            int[][] potentials = new int[n][];
            for (int p = 0; p < n; p++) {
              boolean gate = network.populations().get(p).model() == NeuronModel.MAX_GATE;
              counts[p] = s.spikeCounts(p);
              potentials[p] = gate ? new int[0] : s.potentials(p);
            }
            seen.counts[image] = counts;
            seen.potentials[image] = potentials;
            seen.predictions[image] =
                Arrays.stream(Readout.values()).mapToInt(r -> r.decide(s)).toArray();
          }
        };
    try (Simulator model = Simulator.of(network, kernel, plan)) {
      assertKernel(kernel, model.kernelName());
      BatchOptions options = new BatchOptions(STEPS, threads, 0, IMAGES, null, true, () -> false);
      BatchResult r = BatchRunner.run(model, source, options, observer);
      assertEquals(IMAGES, r.imagesDone());
      seen.spikes = r.spikes();
      seen.negativeSpikes = r.negativeSpikes();
      seen.synapticOps = r.synapticOps();
    }
    return seen;
  }

  private static void assertKernel(KernelChoice kernel, String name) {
    Integer bits = Integer.getInteger("snnsim.vectorBits");
    if (kernel == KernelChoice.SCALAR || kernel == KernelChoice.ARRAY) {
      assertEquals(kernel.name().toLowerCase(Locale.ROOT), name);
    } else {
      assertTrue(bits == null ? name.startsWith("vector") : name.equals("vector" + bits), name);
    }
  }

  private static void assertSame(Network network, Seen expected, Seen found, String what) {
    for (int i = 0; i < IMAGES; i++) {
      for (int p = 0; p < network.populations().size(); p++) {
        String where = what + ": image " + i + " population " + network.populations().get(p).name();
        assertFirst(expected.counts[i][p], found.counts[i][p], where + " count of neuron ");
        assertFirst(expected.potentials[i][p], found.potentials[i][p], where + " V of neuron ");
      }
      assertFirst(
          expected.predictions[i], found.predictions[i], what + ": image " + i + " readout ");
    }
    assertEquals(Arrays.toString(expected.spikes), Arrays.toString(found.spikes), what);
    assertEquals(
        Arrays.toString(expected.negativeSpikes), Arrays.toString(found.negativeSpikes), what);
    assertEquals(Arrays.toString(expected.synapticOps), Arrays.toString(found.synapticOps), what);
  }

  private static void assertFirst(int[] expected, int[] found, String where) {
    int at = Arrays.mismatch(expected, found);
    if (at >= 0) {
      assertEquals(expected[at], found[at], where + at);
    }
  }
}
