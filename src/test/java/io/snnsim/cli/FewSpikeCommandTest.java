// SPDX-License-Identifier: Apache-2.0
package io.snnsim.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.snnsim.fixture.Bundled;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The few-spike preset and its models on the command line, with the bundled network. */
@Tag("slow")
class FewSpikeCommandTest {
  private static final String[] FEW_SPIKE = {
    "--preset", "few-spike", "--precision", "i8", "--limit-calibration", "60"
  };

  @TempDir static Path shared;

  @TempDir Path dir;

  private static Path model;

  @BeforeAll
  static void convert() {
    model = shared.resolve("few.snn");
    convert(model, "--steps-per-layer", "4").ok();
  }

  private static Bundled.Done convert(Path to, String... more) {
    List<String> args = new ArrayList<>(Arrays.asList(FEW_SPIKE));
    args.addAll(Arrays.asList(more));
    return Bundled.execute(Bundled.convert(to, args.toArray(String[]::new)));
  }

  private static JsonNode run(String... more) throws IOException {
    List<String> args =
        new ArrayList<>(
            List.of("run", model.toString(), Bundled.IMAGES, "--limit", "100", "--json", "-"));
    args.addAll(Arrays.asList(more));
    return new ObjectMapper().readTree(Bundled.execute(args.toArray(String[]::new)).ok().out());
  }

  @Test
  void answersOnceAsWellAsTheAnn() throws IOException {
    JsonNode j = run();
    assertEquals(4, j.path("steps").asInt(), "the model knows its steps");
    assertEquals(4, j.path("accuracyAtStep").size());
    for (int t = 0; t < 3; t++) {
      assertTrue(j.path("accuracyAtStep").get(t).isNull(), "no answer before the last step");
    }
    double accuracy = j.path("accuracyAtStep").get(3).asDouble();
    assertEquals(j.path("annAccuracy").asDouble(), accuracy, 0.021);
    assertEquals(0, j.path("saturatedPotentials").asInt());
    String text =
        Bundled.execute("run", model.toString(), Bundled.IMAGES, "--limit", "20").ok().out();
    assertTrue(text.contains("     4 "), text);
    assertTrue(text.lines().noneMatch(l -> l.startsWith("     1 ")), text);
  }

  /** Two populations take the image, half a threshold apart: each stands for the same layer. */
  @Test
  void everyPopulationIsComparedAndInfoSaysHowItWasChosen() throws IOException {
    JsonNode j =
        new ObjectMapper()
            .readTree(
                Bundled.execute(
                        "compare", model.toString(), Bundled.IMAGES, "--limit", "20", "--json", "-")
                    .ok()
                    .out());
    assertEquals(0, j.path("notCompared").size(), j.path("notCompared").toString());
    JsonNode copy = null;
    for (JsonNode layer : j.path("layers")) {
      copy = layer.path("name").asText().endsWith(".copy2") ? layer : copy;
    }
    assertTrue(copy != null && copy.path("correlation").asDouble() > 0.95, String.valueOf(copy));
    String info = Bundled.execute("info", model.toString()).ok().out();
    assertTrue(info.contains("lambda and V(0) of least error"), info);
    assertFalse(info.contains("percentile"), info);
  }

  @Test
  void kernelsThreadsAndModesAgree() throws IOException {
    JsonNode reference = run("--kernel", "scalar", "--threads", "1");
    for (String[] other :
        new String[][] {
          {"--kernel", "array"},
          {"--kernel", "vector"},
          {"--threads", "2"},
          {"--threads", "2", "--parallel", "within", "--kernel", "vector"},
          {"--mode", "mapped"}
        }) {
      JsonNode j = run(other);
      for (String field : List.of("predictions", "accuracyAtStep", "layers")) {
        assertEquals(reference.path(field), j.path(field), String.join(" ", other));
      }
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          --steps 8                  | --steps: found 8, expected 4 or no --steps
          --input poisson            | --input poisson: found with a few-spike model
          --input ttfs               | --input ttfs: found with a few-spike model
          --early-exit=2             | --early-exit: found with a few-spike model
          --readout-after 2          | --readout-after: found with a few-spike model
          """)
  void whatDoesNotGoWithCodesIsRefusedInOneLine(String options, String message) {
    List<String> args = new ArrayList<>(List.of("run", model.toString(), Bundled.IMAGES));
    args.addAll(Arrays.asList(options.split(" ")));
    Bundled.Done done = Bundled.execute(args.toArray(String[]::new));
    assertEquals(2, done.code(), done.err());
    assertTrue(done.error().contains(message), done.err());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          --preset few-spike --steps-per-layer 0      | --steps-per-layer: found 0, expected auto or 1..10
          --preset few-spike --steps-per-layer 11     | --steps-per-layer: found 11, expected auto or 1..10
          --preset few-spike --steps-per-layer x      | --steps-per-layer: found x, expected auto or 1..10
          --preset s-resnet --steps-per-layer 4       | expected --preset few-spike
          --preset low-latency --steps-per-layer 4    | expected --preset few-spike
          --preset few-spike --target-steps 4         | expected --steps-per-layer
          --preset few-spike --neuron signed          | which has neurons of its own
          --preset few-spike --lambda-choice balance  | expected quantile or error
          --preset few-spike --most-loss 1            | needs --steps-per-layer auto
          """)
  void optionsOfOtherPresetsAreRefused(String options, String message) {
    Bundled.Done done = Bundled.execute(Bundled.convert(dir.resolve("x.snn"), options.split(" +")));
    assertEquals(2, done.code(), done.err());
    assertTrue(done.error().contains(message), done.err());
    assertTrue(Files.notExists(dir.resolve("x.snn")));
  }

  @Test
  void autoTakesTheFewestStepsWithinTheLoss() {
    Path auto = dir.resolve("auto.snn");
    Bundled.Done done =
        Bundled.execute(
            Bundled.convert(
                auto,
                "--preset",
                "few-spike",
                "--precision",
                "i8",
                "--limit-calibration",
                "160",
                "--steps-per-layer",
                "auto",
                "--most-loss",
                "2.6"));
    done.ok();
    List<String> tried = done.err().lines().filter(l -> l.startsWith("  K = ")).toList();
    assertTrue(tried.getFirst().startsWith("  K = 2 "), done.err());
    assertTrue(tried.getLast().endsWith("taken"), done.err());
    String steps = tried.getLast().substring(6, 8).strip();
    String info = Bundled.execute("info", auto.toString()).ok().out();
    assertTrue(info.contains("K = " + steps + " steps per layer"), info);
    JsonNode found = json("run", auto.toString(), Bundled.IMAGES, "--limit", "10", "--json", "-");
    assertEquals(Integer.parseInt(steps), found.path("steps").asInt());
  }

  /** Where lambda is a quantile, what is left to be chosen is chosen at K steps all the same. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          --steps-per-layer auto --most-loss 3 --precision i8           |   K = 2
          --steps-per-layer 3 --weight-calibration off --bias-calibration off |   i32  kappa 1.00
          """)
  void quantilesGoWithWhatIsChosen(String options, String table) {
    List<String> args = new ArrayList<>(Arrays.asList(options.strip().split(" ")));
    args.addAll(List.of("--preset", "few-spike", "--lambda-choice", "quantile"));
    args.addAll(List.of("--limit-calibration", "120"));
    Bundled.Done done =
        Bundled.execute(Bundled.convert(dir.resolve("q.snn"), args.toArray(String[]::new))).ok();
    assertTrue(done.err().contains("  " + table.strip()), done.err());
  }

  private static JsonNode json(String... args) {
    try {
      return new ObjectMapper().readTree(Bundled.execute(args).ok().out());
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Test
  void theSameBytesForAnyNumberOfThreads() throws IOException {
    Path one = dir.resolve("one.snn");
    Path two = dir.resolve("two.snn");
    convert(one, "--steps-per-layer", "3", "--threads", "1").ok();
    convert(two, "--steps-per-layer", "3", "--threads", "2").ok();
    assertEquals(-1, Files.mismatch(one, two));
  }

  @Test
  void comparesTheAnnsActivationsWithTheNumbersSent() {
    JsonNode j = json("compare", model.toString(), Bundled.IMAGES, "--limit", "20", "--json", "-");
    for (JsonNode layer : j.path("layers")) {
      assertTrue(layer.path("correlation").asDouble() > 0.9, layer.toString());
    }
  }
}
