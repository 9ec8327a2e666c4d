// SPDX-License-Identifier: Apache-2.0
package io.snnsim.ann;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.snnsim.dump.ImageSet;
import io.snnsim.dump.NetworkFile;
import io.snnsim.fixture.TestData;
import io.snnsim.work.Execution;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The accuracy of the imported networks is the one measured in PyTorch, of the Keras one by NumPy.
 * Over all 10,000 test images with {@code mvn test -Dtest=AnnAccuracyTest -Dsnnsim.long=true}, else
 * over the first ones.
 */
@Tag("slow")
class AnnAccuracyTest {
  private static final Normalisation IMAGENET =
      new Normalisation(new float[] {0.485f, 0.456f, 0.406f}, new float[] {0.229f, 0.224f, 0.225f});

  /** Pixels 0..255 as they are. */
  private static final Normalisation PIXELS =
      new Normalisation(new float[3], new float[] {1 / 255f, 1 / 255f, 1 / 255f});

  @ParameterizedTest
  @CsvSource({
    "resnet20_cifar10.npz, 9173, 500, 455",
    "resnet44_cifar10.npz, 9310, 200, 182",
    "models/mlperf_tiny_resnet8.h5, 8719, 500, 445"
  })
  void correctImages(String dump, int allRight, int first, int firstRight) {
    Path data = TestData.dir();
    AnnGraph graph = NetworkFile.read(data.resolve(dump), null).graph();
    ImageSet images = ImageSet.read(data.resolve("cifar10_test.npz"), graph.inputShape());
    boolean all = Boolean.getBoolean("snnsim.long");
    ImageSet some = all ? images : images.subset(0, first);
    int[] predicted =
        AnnBatch.predict(
            new AnnForward(graph),
            some,
            dump.endsWith(".h5") ? PIXELS : IMAGENET,
            Execution.on(2, () -> false));
    int right = 0;
    for (int i = 0; i < predicted.length; i++) {
      right += predicted[i] == some.label(i) ? 1 : 0;
    }
    System.out.println(graph.name() + ": " + right + " of " + predicted.length + " correct");
    assertEquals(all ? allRight : firstRight, right, all ? 3 : 1);
  }
}
