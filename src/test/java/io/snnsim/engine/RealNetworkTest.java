// SPDX-License-Identifier: Apache-2.0
package io.snnsim.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.snnsim.ann.AnnBatch;
import io.snnsim.ann.AnnForward;
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
import io.snnsim.fixture.TestData;
import io.snnsim.network.Network;
import io.snnsim.network.Precision;
import io.snnsim.readout.Readout;
import io.snnsim.work.Execution;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** ResNet-20 on CIFAR-10: the ANN's accuracy, and that the spiking network comes near it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RealNetworkTest {
  private static final Normalisation NORMALISATION =
      new Normalisation(new float[] {0.485f, 0.456f, 0.406f}, new float[] {0.229f, 0.224f, 0.225f});

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
        Calibration.run(lowering, images.subset(0, 500), NORMALISATION, 99.9, Execution.on(2));
    test = ImageSet.read(data.resolve("cifar10_test.npz"), imported.graph().inputShape());
  }

  @Tag("slow")
  @Test
  void annAccuracyIsThePublishedOne() {
    ImageSet first = test.subset(0, 1000);
    int[] folded =
        AnnBatch.predict(
            new AnnForward(calibration.lowering().graph()),
            first,
            NORMALISATION,
            Execution.on(2, () -> false));
    int right = 0;
    for (int i = 0; i < folded.length; i++) {
      right += folded[i] == first.label(i) ? 1 : 0;
    }
    assertEquals(915, right, 1);
  }

  @Tag("slow")
  @Test
  void sixtyFourStepsComeNearTheAnn() {
    ImageSet some = test.subset(0, 60);
    AtomicInteger right = new AtomicInteger();
    ImageSource source =
        new ImageSource() {
          @Override
          public int count() {
            return some.count();
          }

          @Override
          public void read(int index, float[] into) {
            some.read(index, into);
          }
        };
    BatchObserver observer =
        new BatchObserver() {
          @Override
          public void afterImage(int image, Simulation s, long nanos) {
            int answer = Readout.SPIKES_SOFTMAX.decide(s);
            right.addAndGet(answer == some.label(image) ? 1 : 0);
          }
        };
    ConvertOptions options = new ConvertOptions(0.5, 1, Precision.I8, NORMALISATION);
    Network network = Converter.convert(calibration, options, List.of()).network();
    try (Simulator model = Simulator.of(network, KernelChoice.AUTO)) {
      BatchRunner.run(model, source, BatchOptions.of(source, 64, 2), observer);
    }
    assertTrue(right.get() >= 51, "right=" + right.get() + " of 60");
  }

  @Test
  void anotherSessionHoldsItsStateOnly() {
    ConvertOptions options = new ConvertOptions(0.5, 1, Precision.I8, NORMALISATION);
    Network network = Converter.convert(calibration, options, List.of()).network();
    try (Simulator model = Simulator.of(network, KernelChoice.AUTO)) {
      long bytes = model.nativeBytes();
      try (Simulation first = model.newSimulation();
          Simulation second = model.newSimulation()) {
        assertEquals(first.nativeBytes(), second.nativeBytes());
        assertTrue(second.nativeBytes() <= 2_000_000, second.nativeBytes() + " bytes");
        assertEquals(bytes, model.nativeBytes(), "weights and tables are the model's");
      }
    }
  }
}
