// SPDX-License-Identifier: Apache-2.0
package io.snnsim.cli;

import static io.snnsim.fixture.DumpFiles.fixture;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.snnsim.fixture.Bundled;
import io.snnsim.fixture.TestData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Keras files on the command line. */
class KerasCommandTest {
  @TempDir Path dir;

  private Bundled.Done convert(Path network, String... more) {
    String[] all = new String[more.length + 5];
    all[0] = "convert";
    all[1] = network.toString();
    all[2] = "-o";
    all[3] = dir.resolve("net.snn").toString();
    all[4] = "--force";
    System.arraycopy(more, 0, all, 5, more.length);
    return Bundled.execute(all);
  }

  /** Pixels 0..255 as they are. */
  private static final String[] PIXELS = {"--mean", "0,0,0", "--std", std()};

  private static String std() {
    String one = Double.toString(1 / 255.0);
    return one + "," + one + "," + one;
  }

  @Tag("slow")
  @Test
  void theRealModelBecomesFewSpikesThatAnswerAsItDoes() throws IOException {
    Path data = TestData.dir();
    Bundled.Done done =
        convert(
            data.resolve("models/mlperf_tiny_resnet8.h5"),
            "--calibration",
            data.resolve("cifar10_calibration.npz").toString(),
            "--limit-calibration",
            "400",
            PIXELS[0],
            PIXELS[1],
            PIXELS[2],
            PIXELS[3],
            "--preset",
            "few-spike",
            "--steps-per-layer",
            "5");
    assertTrue(done.ok().err().contains("ANN: 94.0 % of 100 calibration images right"), done.err());
    String out =
        Bundled.execute(
                "run",
                dir.resolve("net.snn").toString(),
                data.resolve("cifar10_test.npz").toString(),
                "--limit",
                "500",
                "--json",
                "-")
            .ok()
            .out();
    JsonNode json = new ObjectMapper().readTree(out);
    assertEquals(0.89, json.path("annAccuracy").asDouble(), 0.0021);
    assertEquals(0.89, json.path("accuracyAtStep").get(4).asDouble(), 0.02);
  }

  @ParameterizedTest
  @ValueSource(strings = {"weights2.h5", "stub2.h5"})
  void weightsAloneConvertAndSayWhatTheyWereTakenFor(String name) {
    Bundled.Done done =
        convert(
            fixture("keras/" + name),
            "--calibration",
            Bundled.IMAGES,
            "--limit-calibration",
            "40",
            "--precision",
            "i32");
    assertTrue(done.ok().err().contains("note: no model in the file: taken for 1"), done.err());
  }

  @Test
  void whatCannotBeImportedIsOneLineOfBadData() throws IOException {
    byte[] sound = Files.readAllBytes(fixture("keras/residual2.h5"));
    Path cut = Files.write(dir.resolve("cut.h5"), Arrays.copyOf(sound, 20_000));
    Bundled.Done done = convert(cut, "--calibration", Bundled.IMAGES);
    assertEquals(65, done.code(), done.err());
    assertTrue(done.error().startsWith("snnsim: " + cut), done.err());
  }
}
