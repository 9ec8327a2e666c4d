// SPDX-License-Identifier: Apache-2.0
package io.snnsim.cli;

import static io.snnsim.fixture.Bundled.IMAGES;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.snnsim.error.Category;
import io.snnsim.fixture.Bundled;
import io.snnsim.fixture.Models;
import io.snnsim.fixture.Nets;
import io.snnsim.format.ModelContents;
import io.snnsim.network.Network;
import io.snnsim.network.NeuronModel;
import io.snnsim.network.Population;
import io.snnsim.store.Mode;
import io.snnsim.store.ModelFile;
import io.snnsim.store.ModelStore;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code snnsim compare} on the bundled network, and on conversions that go wrong on purpose. */
@Tag("slow")
class CompareCommandTest {
  @TempDir static Path shared;
  @TempDir Path dir;

  private static String model() {
    return shared.resolve("m.snn").toString();
  }

  @BeforeAll
  static void convert() {
    Bundled.model(shared);
  }

  private static JsonNode json(String model, String... more) throws IOException {
    List<String> args =
        new ArrayList<>(List.of("compare", model, IMAGES, "--limit", "20", "--json", "-"));
    args.addAll(List.of(more));
    Bundled.Done d = Bundled.execute(args.toArray(String[]::new)).ok();
    return new ObjectMapper().readTree(d.out());
  }

  private String planted(String name, String... more) {
    Path model = dir.resolve(name);
    List<String> args = new ArrayList<>(List.of(Bundled.convert(model, "--precision", "i16")));
    args.addAll(List.of("--limit-calibration", "100"));
    args.addAll(List.of(more));
    Bundled.execute(args.toArray(String[]::new)).ok();
    return model.toString();
  }

  @Test
  void aSoundConversionFollowsTheAnnEverywhere() throws IOException {
    JsonNode j = json(model(), "--steps", "128");
    assertEquals(20, j.path("samples").asInt());
    assertEquals(9, j.path("layers").size());
    assertEquals(0, j.path("notCompared").size());
    assertTrue(j.path("firstWrong").isNull(), j.path("verdict").asText());
    assertTrue(j.path("verdict").asText().startsWith("no layer goes wrong"));
    assertTrue(j.path("agreement").asDouble() >= 0.95);
    for (JsonNode l : j.path("layers")) {
      assertTrue(l.path("correlation").asDouble() > 0.95, l.toString());
      double parts = l.path("inheritedError").asDouble() + l.path("cutError").asDouble();
      parts += l.path("earlyError").asDouble() + l.path("unevenError").asDouble();
      assertTrue(l.path("meanError").asDouble() <= parts + 1e-12, "triangle inequality: " + l);
      assertTrue(l.path("relativeError").asDouble() < 0.5, l.toString());
    }
    // The image drives the first layer by a constant current: nothing but rounding comes in wrong,
    // and the membrane is left with half a spike or less.
    JsonNode first = j.path("layers").get(0);
    assertTrue(first.path("inheritedError").asDouble() < 0.01, first.toString());
    assertEquals(0, first.path("earlyError").asDouble(), 1e-12);
    assertTrue(first.path("unevenError").asDouble() <= 0.51 / 128, first.toString());
    assertEquals("input", j.path("layers").get(8).path("readout").asText());
  }

  @Test
  void aNetworkThatAnswersOnceIsComparedAfterThatManySteps() throws IOException {
    String model = planted("few.snn", "--preset", "few-spike", "--steps-per-layer", "4");
    for (String steps : List.of("3", "5", "8")) {
      Bundled.Done d = Bundled.execute("compare", model, IMAGES, "--limit", "1", "--steps", steps);
      assertEquals(Category.USAGE.exitCode(), d.code(), d.err());
      assertTrue(d.err().contains("--steps: found " + steps + ", expected 4"), d.err());
    }
    assertTrue(json(model, "--steps", "4").path("agreement").asDouble() > 0.8);
  }

  @Test
  void spikeCountsAndAnswersAreThoseOfRun() throws IOException {
    JsonNode compared = json(model(), "--steps", "32");
    JsonNode run =
        new ObjectMapper()
            .readTree(
                Bundled.execute(
                        "run", model(), IMAGES, "--steps", "32", "--limit", "20", "--json", "-")
                    .ok()
                    .out());
    assertEquals(run.path("accuracyAtStep").get(31), compared.path("snnAccuracy"));
    assertEquals(run.path("annAccuracy"), compared.path("annAccuracy"));
    for (int p = 0; p < 8; p++) {
      assertEquals(
          run.path("layers").get(p).path("firingRate").asDouble(),
          compared.path("layers").get(p).path("meanRate").asDouble(),
          1e-12);
    }
    assertEquals(
        run.path("energy").path("synapticOpsPerImage").asDouble(),
        compared.path("energy").path("synapticOpsPerImage").asDouble(),
        1e-3);
    assertEquals(
        run.path("energy").path("annMacsPerImage"),
        compared.path("energy").path("annMacsPerImage"));
  }

  /** A quantile far too small brings more than a spike a step: V grows up to the end of 16 bits. */
  @Test
  void saturatedPotentialsAreCountedByRunAndCompareAndNamed() throws IOException {
    String cut = planted("saturated.snn", "--percentile", "90");
    JsonNode compared = json(cut, "--steps", "64").path("layers");
    Bundled.Done done =
        Bundled.execute("run", cut, IMAGES, "--steps", "64", "--limit", "20", "--json", "-").ok();
    JsonNode run = new ObjectMapper().readTree(done.out());
    long sum = 0;
    for (int p = 0; p < 9; p++) {
      JsonNode found = run.path("layers").get(p).path("saturatedPotentials");
      assertEquals(found, compared.get(p).path("saturatedPotentials"));
      sum += found.asLong();
    }
    assertTrue(sum > 100, "saturated " + sum);
    assertEquals(sum, run.path("saturatedPotentials").asLong());
    String saturated = "saturated: " + sum + " membrane potentials in the last step of 20 images";
    assertTrue(text(cut, "run", "64").contains(saturated));
    assertTrue(text(cut, "compare", "64").contains(" membrane potentials saturated in the last"));
  }

  @Test
  void aNetworkWithoutSaturatedPotentialsDoesNotMentionThem() throws IOException {
    String model =
        planted(
            "fitted.snn",
            "--preset",
            "low-latency",
            "--target-steps",
            "8",
            "--spike-penalty",
            "0.05");
    for (JsonNode layer : json(model, "--steps", "8").path("layers")) {
      assertEquals(0, layer.path("saturatedPotentials").asLong(), layer.toString());
    }
    assertFalse(text(model, "run", "8").contains("saturated"));
    assertFalse(text(model, "compare", "8").contains("saturated"));
  }

  private static String text(String model, String command, String steps) {
    return Bundled.execute(command, model, IMAGES, "--steps", steps, "--limit", "20").ok().out();
  }

  @Test
  void threadsDoNotChangeABit() throws IOException {
    assertEquals(
        json(model(), "--steps", "8", "--threads", "1").path("layers"),
        json(model(), "--steps", "8", "--threads", "3").path("layers"));
  }

  @Test
  void aLambdaThatIsTooSmallIsNamedAsTheCause() throws IOException {
    JsonNode j = json(planted("cut.snn", "--percentile", "90"), "--steps", "64");
    assertEquals(j.path("layers").get(0).path("name"), j.path("firstWrong"));
    assertTrue(j.path("verdict").asText().contains("exceeds one spike a step"), j.toString());
    assertTrue(j.path("layers").get(0).path("clippedShare").asDouble() > 0.05);
    assertTrue(j.path("layers").get(0).path("saturatedShare").asDouble() > 0.05);
  }

  @Test
  void tooFewStepsAreNamedAsTheCause() throws IOException {
    JsonNode j = json(model(), "--steps", "2", "--tolerance", "0.3");
    assertFalse(j.path("firstWrong").isNull());
    assertTrue(
        j.path("verdict")
            .asText()
            .contains("run more steps, or convert with --preset low-latency --target-steps 2"),
        j.path("verdict").asText());
    assertTrue(j.path("layers").get(3).path("deadNeurons").asInt() > 0);
  }

  @Test
  void silentLayersAreDead() throws IOException {
    JsonNode j = json(planted("silent.snn", "--v0", "0"), "--steps", "1");
    JsonNode last = j.path("layers").get(7);
    assertTrue(last.path("firstSpikeStep").isNull(), last.toString());
    assertTrue(last.path("correlation").isNull(), last.toString());
    assertEquals(0, last.path("meanRate").asDouble());
    assertEquals(1, last.path("relativeError").asDouble(), 1e-12);
  }

  @Test
  void theTextNamesEveryLayerAndTheVerdict() {
    String text =
        Bundled.execute("compare", model(), IMAGES, "--steps", "2", "--limit", "5").ok().out();
    assertTrue(text.contains("5 images, 2 steps; SNN and ANN agree in "), text);
    assertEquals(9, text.lines().filter(l -> l.contains(" | ") && !l.contains("corr")).count());
    assertTrue(text.contains("energy loihi"), text);
    assertTrue(text.contains("<-- first wrong\n"), text);
  }

  @Test
  void thePlotIsAPictureOfAllLayers() throws IOException {
    Path plot = dir.resolve("layers.PNG");
    Bundled.execute(
            "compare", model(), IMAGES, "--steps", "4", "--limit", "3", "--plot", plot.toString())
        .ok();
    BufferedImage picture = ImageIO.read(plot.toFile());
    assertEquals(3 * 300, picture.getWidth());
    assertEquals(3 * 260, picture.getHeight());
    for (int k = 0; k < 9; k++) {
      int blue = 0;
      for (int y = k / 3 * 260; y < k / 3 * 260 + 260; y++) {
        for (int x = k % 3 * 300; x < k % 3 * 300 + 300; x++) {
          int rgb = picture.getRGB(x, y);
          blue += (rgb & 0xff) > (rgb >> 16 & 0xff) + 20 ? 1 : 0;
        }
      }
      assertTrue(blue > 20, "points of layer " + k + ": " + blue);
    }
  }

  private static void refused(Category category, String part, String... args) {
    Bundled.Done d = Bundled.execute(args);
    assertEquals(category.exitCode(), d.code(), d.err());
    assertTrue(d.error().contains(part), d.error());
    assertEquals("", d.out());
  }

  @Test
  void whatCannotBeMeantIsRefusedInOneLine() throws IOException {
    String m = model();
    String[] head = {"compare", m, IMAGES, "--steps"};
    Object[][] cases = {
      {"--steps: found 0, expected 1..", "0"},
      {"--limit: found 0, expected 1..", "4", "--limit", "0"},
      {"--tolerance: found 0.0, expected above 0", "4", "--tolerance", "0"},
      {"--tolerance: found NaN", "4", "--tolerance", "NaN"},
      {"--readout: found best", "4", "--readout", "best"},
      {"--plot: found x.svg, expected a name that ends in .png", "4", "--plot", "x.svg"},
      {"--energy: found free, expected 45nm, 45nm-int8, loihi, or", "4", "--energy", "free"},
      {"--energy: found mac=1, expected", "4", "--energy", "mac=1"},
      {"--energy: found synop=1,synop=2,", "4", "--energy", "synop=1,synop=2"},
      {"--energy: found synop=-1,", "4", "--energy", "synop=-1"},
      {"--energy: found synop=1,x=2,", "4", "--energy", "synop=1,x=2"},
      {"is also another file of this command", "4", "--json", m},
    };
    for (Object[] c : cases) {
      List<String> args = new ArrayList<>(List.of(head));
      for (int i = 1; i < c.length; i++) {
        args.add((String) c[i]);
      }
      refused(Category.USAGE, (String) c[0], args.toArray(String[]::new));
    }
    refused(Category.INPUT_MISSING, "no such file", "compare", "none.snn", IMAGES, "--steps", "4");
    Path taken = Files.writeString(dir.resolve("taken.png"), "mine");
    refused(
        Category.IO, "exists", "compare", m, IMAGES, "--steps", "4", "--plot", taken.toString());
    assertEquals("mine", Files.readString(taken));
  }

  @Test
  void aModelWithoutItsAnnIsRefused() throws IOException {
    Path bare = dir.resolve("bare.snn");
    try (ModelFile file = ModelStore.open(Path.of(model()), Mode.RESIDENT)) {
      Models.file(bare, file.network());
    }
    refused(
        Category.BAD_DATA,
        bare + ": found no ANN in the model",
        "compare",
        bare.toString(),
        IMAGES,
        "--steps",
        "4");
  }

  /** The bundled network with signed neurons in place of the others. */
  private Path signed() {
    Path target = dir.resolve("signed.snn");
    try (ModelFile file = ModelStore.open(Path.of(model()), Mode.RESIDENT)) {
      Network n = file.network();
      List<Population> populations =
          n.populations().stream().map(p -> Nets.with(p, NeuronModel.SIGNED_IF)).toList();
      Network changed =
          new Network(n.name(), n.precision(), n.input(), populations, n.projections(), n.output());
      Map<String, byte[]> ann =
          Map.of(
              ModelContents.ANN_GRAPH, file.extra(ModelContents.ANN_GRAPH),
              ModelContents.ANN_TENSORS, file.extra(ModelContents.ANN_TENSORS));
      ModelStore.publish(target, new ModelContents(changed, ann), false);
    }
    return target;
  }

  @Test
  void signedNeuronsTakeBackWhatComesTooEarly() throws IOException {
    JsonNode plain = json(model(), "--steps", "16");
    JsonNode signed = json(signed().toString(), "--steps", "16");
    for (int p = 1; p < 7; p++) {
      JsonNode before = plain.path("layers").get(p);
      JsonNode after = signed.path("layers").get(p);
      assertEquals(0, before.path("negativeSpikeShare").asDouble());
      double share = after.path("negativeSpikeShare").asDouble();
      assertTrue(share > 0 && share < 0.5, "never below zero spikes in all: " + after);
      assertTrue(
          after.path("earlyError").asDouble() < before.path("earlyError").asDouble(),
          before + " " + after);
      assertTrue(
          after.path("relativeError").asDouble() < before.path("relativeError").asDouble(),
          before + " " + after);
    }
  }

  @Test
  void labelsAreNotNeeded() throws IOException {
    Path unlabelled = Bundled.unlabelled(dir);
    String text =
        Bundled.execute("compare", model(), unlabelled.toString(), "--steps", "4", "--limit", "4")
            .ok()
            .out();
    assertFalse(text.contains("accuracy"), text);
  }

  @Test
  void ownCostsOfOperationsAreCounted() throws IOException {
    JsonNode e =
        json(model(), "--steps", "4", "--energy", "synop=2,update=3,spike=5,mac=7", "--energy=45nm")
            .path("energy");
    JsonNode own = e.path("models").get(0);
    double expected =
        2 * e.path("synapticOpsPerImage").asDouble()
            + 3 * e.path("neuronUpdatesPerImage").asDouble()
            + 5 * e.path("spikesPerImage").asDouble()
            + 7 * e.path("inputMacsPerImage").asDouble();
    assertEquals(expected * 1e-6, own.path("snnMicrojoules").asDouble(), 1e-9 * expected);
    assertEquals(
        7e-6 * e.path("annMacsPerImage").asDouble(), own.path("annMicrojoules").asDouble(), 1e-9);
    assertEquals("45nm", e.path("models").get(1).path("model").path("name").asText());
    assertEquals(2, e.path("models").size());
  }
}
