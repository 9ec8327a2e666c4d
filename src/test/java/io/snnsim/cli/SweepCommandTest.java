// SPDX-License-Identifier: Apache-2.0
package io.snnsim.cli;

import static io.snnsim.fixture.Bundled.IMAGES;
import static io.snnsim.fixture.Bundled.NET;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.snnsim.error.Category;
import io.snnsim.fixture.Bundled;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code snnsim sweep} on the bundled network. */
@Tag("slow")
class SweepCommandTest {
  @TempDir static Path shared;
  @TempDir Path dir;

  private static String model() {
    return shared.resolve("m.snn").toString();
  }

  @BeforeAll
  static void convert() {
    Bundled.model(shared);
  }

  private static List<String> sweep(String network, String... more) {
    List<String> args = new ArrayList<>(List.of("sweep", network, IMAGES, "--limit", "20"));
    args.addAll(List.of(more));
    return args;
  }

  private static Bundled.Done execute(List<String> args) {
    return Bundled.execute(args.toArray(String[]::new));
  }

  private static final String[] CONVERT = {
    "--", "--mean", "0.1307", "--std", "0.3081", "--limit-calibration", "60"
  };

  private static List<String> converted(String... more) {
    List<String> args = sweep(NET, "--calibration", IMAGES);
    args.addAll(List.of(more));
    args.addAll(List.of(CONVERT));
    return args;
  }

  @Test
  void everyRowIsWhatConvertAndRunGive() throws IOException {
    Path csv = dir.resolve("s.csv");
    Bundled.Done d =
        execute(
            converted(
                "--steps",
                "16,4",
                "--vary",
                "precision=i8,i16",
                "--vary",
                "v0=0,0.5",
                "--csv",
                csv.toString(),
                "--json",
                "-"));
    d.ok();
    JsonNode j = new ObjectMapper().readTree(d.out());
    assertEquals(8, j.path("rows").size());
    assertEquals(8, j.path("rowsPlanned").asInt());
    List<String> lines = Files.readAllLines(csv);
    assertEquals(9, lines.size());
    assertTrue(lines.getFirst().startsWith("precision,v0,steps,accuracy,annAccuracy,"));
    assertTrue(lines.get(1).startsWith("i8,0,4,"), lines.get(1));

    Path one = dir.resolve("one.snn");
    List<String> args = new ArrayList<>(List.of(Bundled.convert(one, "--precision", "i16")));
    args.addAll(List.of("--v0", "0.5", "--limit-calibration", "60"));
    execute(args).ok();
    JsonNode run =
        new ObjectMapper()
            .readTree(
                Bundled.execute(
                        "run",
                        one.toString(),
                        IMAGES,
                        "--steps",
                        "16",
                        "--limit",
                        "20",
                        "--json",
                        "-")
                    .ok()
                    .out());
    JsonNode row = j.path("rows").get(7);
    assertEquals("i16", row.path("options").path("precision").asText());
    assertEquals("0.5", row.path("options").path("v0").asText());
    assertEquals(16, row.path("steps").asInt());
    assertEquals(run.path("accuracyAtStep").get(15), row.path("accuracy"));
    assertEquals(run.path("annAccuracy"), j.path("annAccuracy"));
    assertEquals(
        run.path("energy").path("synapticOpsPerImage").asDouble(),
        row.path("synapticOpsPerImage").asDouble());
    assertEquals(
        run.path("energy").path("models").get(0).path("snnMicrojoules"),
        row.path("snnMicrojoules"));
  }

  @Test
  void modelsAreRunWithoutConversion() {
    Bundled.Done d =
        execute(sweep(model(), "--steps", "8,64", "--readout", "spikes,membrane")).ok();
    assertTrue(d.out().contains("accuracy in %, 20 images; ANN 100.00"), d.out());
    assertTrue(d.out().contains("readout=membrane "), d.out());
    assertTrue(d.out().contains("best at T=64: "), d.out());
    assertTrue(d.err().contains("readout=spikes T=8: "), d.err());
  }

  @Test
  void stepsOfTheRowReachTheConversion() {
    // tune-steps is any option with a number: 4 and 8 are accepted, {T} as such would not be.
    Bundled.Done d =
        execute(converted("--steps", "4,8", "--vary", "tune-steps={T}", "--vary", "precision=i8"))
            .ok();
    assertTrue(d.err().contains("convert --tune-steps=4 --precision=i8"), d.err());
    assertTrue(d.err().contains("convert --tune-steps=8 --precision=i8"), d.err());
    assertTrue(d.out().contains("tune-steps={T} precision=i8 "), d.out());
  }

  @Test
  void aConversionIsMadeOnceForAllSteps() {
    Bundled.Done d = execute(converted("--steps", "2,4", "--vary", "precision=i8,i16")).ok();
    assertEquals(2, d.err().lines().filter(l -> l.startsWith("convert ")).count(), d.err());
  }

  @Test
  void rowsThatFailSayWhyAndTheOthersGoOn() throws IOException {
    Bundled.Done d = execute(converted("--steps", "2", "--vary", "percentile=40,99.9")).ok();
    assertTrue(d.out().contains("failed: percentile=40, T=2: convert: population "), d.out());
    assertTrue(d.out().contains("best at T=2: "), d.out());
    d = execute(converted("--steps", "2", "--vary", "percentile=40"));
    assertEquals(Category.BAD_DATA.exitCode(), d.code());
    assertTrue(d.error().contains("convert: population "), d.error());
    d = execute(converted("--steps", "2", "--vary", "precisions=i8"));
    assertEquals(Category.USAGE.exitCode(), d.code());
    assertTrue(d.error().contains("did you mean "), d.error());
  }

  @Test
  void thePlotHasACurveForEveryCombination() throws IOException {
    Path plot = dir.resolve("s.png");
    execute(sweep(model(), "--steps", "4,16,64", "--plot", plot.toString())).ok();
    BufferedImage picture = ImageIO.read(plot.toFile());
    assertEquals(2 * 620, picture.getWidth());
    for (int half = 0; half < 2; half++) {
      int coloured = 0;
      for (int y = 0; y < picture.getHeight(); y++) {
        for (int x = half * 620; x < half * 620 + 620; x++) {
          int rgb = picture.getRGB(x, y);
          coloured += Math.abs((rgb & 0xff) - (rgb >> 16 & 0xff)) > 60 ? 1 : 0;
        }
      }
      assertTrue(coloured > 200, "curve in half " + half + ": " + coloured);
    }
  }

  @Test
  void anInterruptedSweepPrintsNothingWithoutRows() {
    Main main = new Main(new AskedToStop());
    Bundled.Done d =
        Bundled.capture(
            (out, err) ->
                Main.execute(
                    main, out, err, sweep(model(), "--steps", "4").toArray(String[]::new)));
    assertEquals(130, d.code());
    assertEquals("", d.out());
  }

  private static void refused(String part, List<String> args) {
    Bundled.Done d = execute(args);
    assertEquals(Category.USAGE.exitCode(), d.code(), d.err());
    assertTrue(d.error().contains(part), d.error());
    assertEquals("", d.out());
  }

  @Test
  void whatCannotBeMeantIsRefusedInOneLine() throws IOException {
    refused("--steps: found 0, expected 1..", sweep(model(), "--steps", "4,0"));
    refused("is a model file", sweep(model(), "--steps", "4", "--vary", "v0=0,1"));
    refused("is a model file", sweep(model(), "--steps", "4", "--", "--v0=1"));
    refused("--calibration: is missing", sweep(NET, "--steps", "4"));
    refused("--vary: found v0, expected", converted("--steps", "4", "--vary", "v0"));
    refused("--vary: found v0=1,, expected", converted("--steps", "4", "--vary", "v0=1,"));
    refused(
        "--vary: found v0 twice", converted("--steps", "4", "--vary", "v0=1", "--vary", "--v0=0"));
    refused("--readout: found best", sweep(model(), "--steps", "4", "--readout", "best"));
    refused("ends in .png", sweep(model(), "--steps", "4", "--plot", "x.pdf"));
    refused("--energy: found x,", sweep(model(), "--steps", "4", "--energy", "x"));
    Path unlabelled = Bundled.unlabelled(dir);
    Bundled.Done d = Bundled.execute("sweep", model(), unlabelled.toString(), "--steps", "4");
    assertEquals(Category.BAD_DATA.exitCode(), d.code(), d.err());
    assertTrue(d.error().contains("found no labels"), d.error());
    d = execute(sweep("none.npz", "--calibration", IMAGES, "--steps", "4"));
    assertEquals(Category.INPUT_MISSING.exitCode(), d.code(), d.err());
  }
}
