// SPDX-License-Identifier: Apache-2.0
package io.snnsim.bench;

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
import io.snnsim.engine.plan.PlanFile;
import io.snnsim.format.ModelContents;
import io.snnsim.geometry.MapShape;
import io.snnsim.network.Network;
import io.snnsim.network.Precision;
import io.snnsim.store.Mode;
import io.snnsim.store.ModelFile;
import io.snnsim.store.ModelStore;
import io.snnsim.work.Execution;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * A network and images for it, from files or from the demo. Confined to one thread; closing it
 * closes the file.
 *
 * @param file null for the demo
 * @param hint the plan stored in the file, or null
 * @param images [image][channel, y, x]
 */
record BenchmarkModel(ModelFile file, Network network, Plan hint, float[][] images)
    implements AutoCloseable {
  private static final String DEMO = "demo";

  static BenchmarkModel open(String model, String images, int most) {
    if (model.equals(DEMO) != images.equals(DEMO)) {
      throw new IllegalArgumentException(
          "model=" + model + " images=" + images + ", expected two files or neither");
    }
    if (model.equals(DEMO)) {
      return demo(most);
    }
    ModelFile file = ModelStore.open(Path.of(model), Mode.RESIDENT);
    MapShape s = file.network().input().shape();
    ImageSet set =
        ImageSet.read(Path.of(images), new MapShape(s.channels(), s.height(), s.width()));
    byte[] hint = file.extra(ModelContents.PLAN);
    Plan plan = hint == null ? null : PlanFile.parse(hint, file.network(), model).plan();
    return new BenchmarkModel(file, file.network(), plan, read(set, 0, most));
  }

  /** The bundled MNIST network as the demo converts it, 8 bits. */
  private static BenchmarkModel demo(int most) {
    Path weights = Path.of(System.getProperty("snnsim.home", ".")).resolve("weights");
    Imported imported =
        Architectures.build(WeightDump.read(weights.resolve("mnist_resnet8.npz")), "resnet-mnist");
    ImageSet set =
        ImageSet.read(weights.resolve("mnist_test_300.npz"), imported.graph().inputShape());
    Normalisation normalisation = new Normalisation(new float[] {0.1307f}, new float[] {0.3081f});
    Calibration.Result calibration =
        Calibration.run(
            new Lowering(BatchNormFolding.fold(imported.graph()).graph()),
            set.subset(0, 100),
            normalisation,
            99.9,
            Execution.on(1));
    Network network =
        Converter.convert(
                calibration, new ConvertOptions(0.5, 1, Precision.I8, normalisation), List.of())
            .network();
    return new BenchmarkModel(null, network, null, read(set, 100, most));
  }

  /** A made-up image of that many values, the same every time. */
  static float[] noise(int size) {
    float[] image = new float[size];
    Random random = new Random(1);
    for (int i = 0; i < size; i++) {
      image[i] = random.nextFloat();
    }
    return image;
  }

  /** The demo's network as a temporary file, which the caller deletes. */
  static Path demoFile() throws IOException {
    Path file = Files.createTempFile("snnsim-demo", ".snn");
    ModelStore.publish(file, new ModelContents(demo(1).network(), Map.of()), true);
    return file;
  }

  private static float[][] read(ImageSet set, int first, int most) {
    int n = Math.min(set.count() - first, most);
    float[][] images = new float[n][set.shape().size()];
    for (int i = 0; i < n; i++) {
      set.read(first + i, images[i]);
    }
    return images;
  }

  @Override
  public void close() {
    if (file != null) {
      file.close();
    }
  }
}
