package io.snnsim.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.snnsim.TestData;
import io.snnsim.ann.AnnBatch;
import io.snnsim.ann.AnnForward;
import io.snnsim.convert.BatchNormFolding;
import io.snnsim.convert.Calibration;
import io.snnsim.convert.Conversion;
import io.snnsim.convert.ConvertOptions;
import io.snnsim.convert.Converter;
import io.snnsim.convert.Lowering;
import io.snnsim.dump.Architectures;
import io.snnsim.dump.ImageSet;
import io.snnsim.dump.Imported;
import io.snnsim.dump.WeightDump;
import io.snnsim.format.ModelContents;
import io.snnsim.network.Precision;
import io.snnsim.store.Mode;
import io.snnsim.store.ModelFile;
import io.snnsim.store.ModelStore;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The whole path on ResNet-20 and CIFAR-10: import, calibrate, convert, store, run. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RealNetworkTest {
  private static final float[] MEAN = {0.485f, 0.456f, 0.406f};
  private static final float[] STD = {0.229f, 0.224f, 0.225f};

  private Imported imported;
  private Calibration.Result calibration;
  private ImageSet test;

  @BeforeAll
  void calibrate() {
    Path data = TestData.dir();
    imported = Architectures.build(WeightDump.read(data.resolve("resnet20_cifar10.npz")), null);
    ImageSet images =
        ImageSet.read(data.resolve("cifar10_calibration.npz"), imported.graph().inputShape());
    Lowering lowering = new Lowering(BatchNormFolding.fold(imported.graph()).graph());
    calibration =
        Calibration.run(lowering, images.subset(0, 500), MEAN, STD, 99.9, 2, n -> {}, () -> false);
    test = ImageSet.read(data.resolve("cifar10_test.npz"), imported.graph().inputShape());
  }

  private Conversion convert(Precision precision) {
    return Converter.convert(
        calibration, new ConvertOptions(0.5, 1, precision, MEAN, STD), List.of());
  }

  @Test
  void annAccuracyIsThePublishedOne() {
    ImageSet first = test.subset(0, 1000);
    int[] folded =
        AnnBatch.predict(
            new AnnForward(calibration.lowering().graph()), first, MEAN, STD, 2, () -> false);
    int right = 0;
    for (int i = 0; i < folded.length; i++) {
      right += folded[i] == first.label(i) ? 1 : 0;
    }
    assertEquals(915, right, 1);
  }

  @Test
  void npzAndHdf5GiveTheSameNetwork() {
    Imported h5 =
        Architectures.build(WeightDump.read(TestData.dir().resolve("resnet20_cifar10.h5")), null);
    var a = imported.graph().parameters();
    var b = h5.graph().parameters();
    assertEquals(a.keySet(), b.keySet());
    a.forEach((name, t) -> assertArrayEquals(t.data(), b.get(name).data(), name));
  }

  @ParameterizedTest
  @EnumSource(Precision.class)
  void scalarEqualsVector(Precision precision) {
    try (Model scalar = Model.of(convert(precision).network(), KernelChoice.SCALAR);
        Model vector = Model.of(convert(precision).network(), KernelChoice.VECTOR);
        Session s = scalar.newSession(true);
        Session v = vector.newSession(true)) {
      assertTrue(v.network().populations().size() > 20);
      float[] image = new float[3 * 32 * 32];
      for (int i = 0; i < 2; i++) {
        test.read(i, image);
        s.present(image, i);
        v.present(image, i);
        for (int t = 0; t < 8; t++) {
          s.step();
          v.step();
          for (int p = 0; p < s.network().populations().size(); p++) {
            String where = "image " + i + " step " + t + " population " + p;
            assertArrayEquals(s.potentials(p), v.potentials(p), where);
            assertArrayEquals(s.spikeCounts(p), v.spikeCounts(p), where);
          }
        }
        assertTrue(s.spikeTotal(0) > 1000, "the first layer must fire");
      }
    }
  }

  @Test
  void storedNetworkRunsAsTheConvertedOneMappedAndResident(@TempDir Path dir) {
    Conversion c = convert(Precision.I8);
    Path file = dir.resolve("m.snn");
    ModelStore.publish(
        file, new ModelContents(c.network(), Map.of("provenance", new byte[3])), false);
    int[] direct = counts(c.network());
    for (Mode mode : Mode.values()) {
      try (ModelFile open = ModelStore.open(file, mode)) {
        assertArrayEquals(direct, counts(open.network()), mode.toString());
      }
    }
  }

  private int[] counts(io.snnsim.network.Network network) {
    try (Model model = Model.of(network, KernelChoice.AUTO);
        Session s = model.newSession()) {
      float[] image = new float[3 * 32 * 32];
      test.read(3, image);
      s.present(image, 3);
      for (int t = 0; t < 24; t++) {
        s.step();
      }
      return s.spikeCounts(network.output());
    }
  }

  @Test
  void sixtyFourStepsComeNearTheAnnAndThreadsDoNotMatter() {
    ImageSet some = test.subset(0, 60);
    long[] first = null;
    for (int threads = 1; threads <= 2; threads++) {
      AtomicInteger right = new AtomicInteger();
      try (Model model = Model.of(convert(Precision.I8).network(), KernelChoice.AUTO)) {
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
        BatchResult r =
            BatchRunner.run(
                model,
                source,
                BatchOptions.of(source, 64, threads),
                new BatchObserver() {
                  @Override
                  public void afterImage(int image, Session s, long nanos) {
                    int best = 0;
                    for (int k = 1; k < s.classes(); k++) {
                      best = s.outputCount(k) > s.outputCount(best) ? k : best;
                    }
                    right.addAndGet(best == some.label(image) ? 1 : 0);
                  }
                });
        first = first == null ? r.spikes() : first;
        assertArrayEquals(first, r.spikes());
      }
      assertTrue(right.get() >= 51, "right=" + right.get() + " of 60");
    }
  }
}
