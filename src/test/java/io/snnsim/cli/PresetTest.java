// SPDX-License-Identifier: Apache-2.0
package io.snnsim.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.snnsim.fixture.Bundled;
import io.snnsim.format.ModelContents;
import io.snnsim.format.SnnReader.SectionInfo;
import io.snnsim.network.ConvProjection;
import io.snnsim.network.NeuronModel;
import io.snnsim.network.Projection;
import io.snnsim.network.WeightType;
import io.snnsim.store.Mode;
import io.snnsim.store.ModelFile;
import io.snnsim.store.ModelStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Presets and single methods of {@code convert} on the bundled network. */
@Tag("slow")
class PresetTest {
  /** SHA-256 of all sections but provenance, as converted before there were presets. */
  private static final String PLAIN_I8 =
      "4c5b35448c22ed0f4de3d674b02dc5deb706d92fdcfcc4ef30f98236d0a3668c";

  private static final String[] LOW_LATENCY = {"--preset", "low-latency", "--target-steps", "4"};

  @TempDir Path dir;

  private Path convert(String name, String[] methods, String... more) {
    Path model = dir.resolve(name + ".snn");
    List<String> args = new ArrayList<>(Arrays.asList(methods));
    args.addAll(Arrays.asList(more));
    Bundled.execute(Bundled.convert(model, args.toArray(String[]::new))).ok();
    return model;
  }

  private Path plain(String name, String... methods) {
    return convert(name, methods, "--precision", "i8", "--limit-calibration", "100");
  }

  /** What a file holds but for its plan, margins of early exit and provenance, which come last. */
  private static byte[] network(Path model) throws IOException {
    long end = Files.size(model);
    for (SectionInfo s : ModelStore.sections(model)) {
      boolean last =
          s.name().contains(ModelContents.PROVENANCE)
              || s.name().contains(ModelContents.PLAN)
              || s.name().contains(ModelContents.EARLY_EXIT);
      end = last ? Math.min(end, s.offset()) : end;
    }
    // After the table of sections, in which the provenance has its length and checksum.
    long first = ModelStore.sections(model).getFirst().offset();
    return Arrays.copyOfRange(Files.readAllBytes(model), (int) first, (int) end);
  }

  private static JsonNode provenance(Path model) throws IOException {
    try (ModelFile file = ModelStore.open(model, Mode.RESIDENT)) {
      return new ObjectMapper().readTree(file.extra(ModelContents.PROVENANCE));
    }
  }

  @Test
  void withoutPresetTheNetworkIsWhatItEverWas() throws Exception {
    byte[] digest = MessageDigest.getInstance("SHA-256").digest(network(plain("plain")));
    assertEquals(PLAIN_I8, HexFormat.of().formatHex(digest));
  }

  @Test
  void everyMethodOffIsThePlainScheme() throws IOException {
    byte[] plain = network(plain("plain"));
    assertArrayEquals(plain, network(plain("named", "--preset", "s-resnet")));
    for (String preset : List.of("low-latency", "exact")) {
      Path off =
          plain(
              preset,
              "--preset",
              preset,
              "--neuron",
              "if",
              "--lambda",
              "layer",
              "--lambda-choice",
              "quantile",
              "--percentile",
              "99.9",
              "--weight-calibration",
              "off",
              "--bias-calibration",
              "off",
              "--fold-averages",
              "off",
              "--grid-correction",
              "off");
      assertArrayEquals(plain, network(off), preset);
    }
  }

  /** Each method by itself changes the network, so that the test above can fail. */
  @ParameterizedTest
  @CsvSource({
    "--neuron, signed",
    "--lambda, channel",
    "--lambda-choice, error",
    "--lambda-choice, balance",
    "--weight-calibration, on",
    "--bias-calibration, on",
    "--fold-averages, on"
  })
  void everyMethodAloneChangesTheNetwork(String option, String value) throws IOException {
    assertFalse(Arrays.equals(network(plain("plain")), network(plain("on", option, value))));
  }

  @Test
  void twiceGivesTheSameBytesAndSoDoOtherThreads() throws IOException {
    byte[] once = Files.readAllBytes(convert("a", LOW_LATENCY, few("--threads", "1")));
    for (String threads : List.of("1", "2", "3")) {
      Path again = convert(threads, LOW_LATENCY, few("--threads", threads));
      assertArrayEquals(once, Files.readAllBytes(again), threads + " threads");
    }
  }

  /** With a short search. */
  private static String[] few(String... more) {
    List<String> args =
        new ArrayList<>(List.of("--limit-calibration", "80", "--spike-penalty", "0.05"));
    args.addAll(Arrays.asList(more));
    return args.toArray(String[]::new);
  }

  /**
   * {@code convert} takes no test images; whatever lies beside its inputs changes nothing, not even
   * what a test set would be called.
   */
  @Test
  void otherImagesThatLieAroundChangeNothing() throws IOException {
    List<byte[]> models = new ArrayList<>();
    for (String folder : List.of("alone", "beside")) {
      Path place = Files.createDirectory(dir.resolve(folder));
      Path dump = Files.copy(Path.of(Bundled.NET), place.resolve("net.npz"));
      Path train = Files.copy(Path.of(Bundled.IMAGES), place.resolve("train.npz"));
      if (folder.equals("beside")) {
        for (String test : List.of("test.npz", "net_test.npz", "train_test.npz", "labels.npz")) {
          Files.copy(Bundled.unlabelled(dir), place.resolve(test));
        }
      }
      Path model = place.resolve("m.snn");
      List<String> args = new ArrayList<>(List.of("convert", dump.toString(), "-o"));
      args.addAll(List.of(model.toString(), "--calibration", train.toString()));
      args.addAll(List.of("--mean", "0.1307", "--std", "0.3081", "--limit-calibration", "40"));
      args.addAll(Arrays.asList(LOW_LATENCY));
      Bundled.execute(args.toArray(String[]::new)).ok();
      models.add(Files.readAllBytes(model));
    }
    assertArrayEquals(models.get(0), models.get(1));
  }

  @Test
  void lowLatencyIsRightAfterFourStepsWhereThePlainSchemeIsNot() throws IOException {
    Path fitted = convert("fitted", LOW_LATENCY, "--limit-calibration", "120");
    double plain = accuracy(plain("plain"));
    double low = accuracy(fitted);
    assertTrue(low >= 95 && low > plain + 10, "plain " + plain + " low-latency " + low);
    JsonNode report = provenance(fitted).path("report");
    assertEquals(4, report.path("methods").path("targetSteps").asInt());
    assertTrue(report.path("methods").path("signed").asBoolean());
    assertEquals(4, provenance(fitted).path("fitSearch").size());
  }

  @Test
  void exactTakesTheLargestActivationOfEachChannel() throws IOException {
    Path model = plain("exact", "--preset", "exact");
    JsonNode report = provenance(model).path("report");
    assertEquals(100, report.path("percentile").asDouble());
    try (ModelFile file = ModelStore.open(model, Mode.RESIDENT)) {
      for (var p : file.network().populations()) {
        assertTrue(p.model() != NeuronModel.IF, p.name());
      }
      assertFalse(
          report.path("populations").toString().contains("pool"), "the average pool is folded");
    }
    for (JsonNode p : report.path("populations")) {
      assertEquals(0, p.path("clippedShare").asDouble(), p.path("name").asText());
    }
  }

  private double accuracy(Path model) throws IOException {
    Path json = dir.resolve("run.json");
    Bundled.execute(
            "run",
            model.toString(),
            Bundled.IMAGES,
            "--steps",
            "4",
            "--json",
            json.toString(),
            "--force")
        .ok();
    JsonNode accuracy = new ObjectMapper().readTree(json.toFile()).path("accuracyAtStep");
    return 100 * accuracy.get(accuracy.size() - 1).asDouble();
  }

  private String refused(String... methods) throws IOException {
    Path model = dir.resolve("refused.snn");
    Bundled.Done done = Bundled.execute(Bundled.convert(model, methods));
    assertEquals(2, done.code(), done.err());
    assertFalse(Files.exists(model));
    return done.error();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          --preset low-latency --target-steps 0         | --target-steps: found 0, expected 1..1024
          --preset low-latency --target-steps 1025      | expected 1..1024
          --preset fastest                              | expected one of s-resnet, low-latency, exact
          --target-steps 8                              | nothing is fitted to a number of steps
          --preset exact --target-steps 8               | with --preset exact
          --preset low-latency --percentile 99          | with --lambda-choice error; give one of them
          --preset low-latency --compensation 1.1       | expected 1 where
          --preset low-latency --compensation auto      | found auto, expected 1 where
          --ridge 0.1                                   | needs --weight-calibration on, found off
          --preset exact --spike-penalty 0.1            | needs --lambda-choice error, found quantile
          --preset low-latency --ridge 2                | --ridge: found 2, expected auto or
          --preset low-latency --spike-penalty some     | found some, expected auto or
          --lambda-choice balance --percentile 99       | with --lambda-choice balance; give one of them
          --lambda-choice balance --target-steps 8      | nothing is fitted to a number of steps
          --search                                      | --search: needs --target-steps T
          --search --target-steps 0                     | --target-steps: found 0, expected 1..1024
          --preset low-latency --search --target-steps 8 | --search: found fits
          --search --target-steps 8 --weight-calibration on | --search: found fits
          --search --target-steps 8 --compensation auto | --compensation: found auto with --search
          --neuron leaky                                | --neuron: found leaky, expected if or signed
          --lambda all                                  | expected layer or channel
          --lambda-choice guess                         | expected quantile, balance or error
          --weight-calibration yes                      | expected off or on
          --largest-weight 64                           | --largest-weight: found 64, expected 127, 63 or auto
          --largest-weight 63 --precision i16           | --largest-weight: found 63 with i16 weights, expected --precision i8
          --largest-weight 127 --precision i32          | --largest-weight: found 127 with i32 weights
          --largest-weight auto --precision i16         | --largest-weight: found auto with i16 weights
          --preset few-spike --largest-weight 63 --precision i16 | found 63 with i16 weights
          """)
  void contradictionsAreRefused(String options, String expected) throws IOException {
    String line = refused(options.split(" "));
    assertTrue(line.contains(expected), line);
  }

  /** 300 images are 75 judges, enough for the three values that are not given. */
  @Test
  void aSearchChoosesWhatIsNotGivenAndPrintsWhatItTried() throws IOException {
    Path model = dir.resolve("searched.snn");
    Bundled.Done done =
        Bundled.execute(
            Bundled.convert(
                model,
                "--precision",
                "i8",
                "--search",
                "--target-steps",
                "10",
                "--v0",
                "0.75",
                "--compensation",
                "1.1"));
    done.ok();
    JsonNode search = provenance(model).path("schemeSearch");
    JsonNode taken = search.path("chosen").path("scheme");
    JsonNode report = provenance(model).path("report");
    assertEquals(0.75, taken.path("v0").asDouble());
    assertEquals(0.75, report.path("v0").asDouble());
    assertEquals(taken.path("percentile").asDouble(), report.path("percentile").asDouble());
    assertEquals(taken.path("compensation").asDouble(), report.path("compensation").asDouble());
    assertEquals(300, report.path("calibrationImages").asInt(), "lambda is that of all images");
    assertEquals(1.1, taken.path("compensation").asDouble());
    assertTrue(search.path("tried").size() >= 9, search.path("tried").toString());
    long rows = done.err().lines().filter(l -> l.startsWith("  quantile ")).count();
    assertEquals(search.path("tried").size(), rows);
    assertEquals(1, done.err().lines().filter(l -> l.endsWith("  taken")).count(), done.err());
    int after = taken.path("readoutAfter").asInt();
    String readout = taken.path("readout").asText().toLowerCase(Locale.ROOT).replace('_', '+');
    String named = "run with --readout " + readout + (after > 0 ? " --readout-after " + after : "");
    assertTrue(report.path("notes").toString().contains(named + "\""), done.err());
  }

  /** Largest magnitude of weights that are stored in 8 bits. */
  private static int largestWeight(Path model) {
    int largest = 0;
    try (ModelFile file = ModelStore.open(model, Mode.RESIDENT)) {
      for (Projection p : file.network().projections()) {
        if (p instanceof ConvProjection c && c.type() == WeightType.I8) {
          for (long i = 0; i < c.weightCount(); i++) {
            largest = Math.max(largest, Math.abs(c.stored(i)));
          }
        }
      }
    }
    return largest;
  }

  @Test
  void weightsGoAsFarAsAskedFor() throws IOException {
    Path half = plain("half", "--largest-weight", "63");
    assertEquals(63, largestWeight(half));
    JsonNode p = provenance(half);
    assertEquals(63, p.path("report").path("methods").path("largestWeight").asInt());
    assertEquals(0, p.path("largestWeightSearch").size(), "nothing was chosen");
    Path usual = plain("usual");
    assertEquals(127, largestWeight(usual));
    assertEquals(
        127, provenance(usual).path("report").path("methods").path("largestWeight").asInt());
    assertArrayEquals(network(usual), network(plain("all", "--largest-weight", "127")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          --tune-steps 64
          --preset exact --tune-steps 8
          --preset few-spike --steps-per-layer 3
          --preset few-spike --lambda-choice quantile --weight-calibration off --bias-calibration off
          --search --target-steps 40 --percentile 99.9 --v0 0.5
          """)
  void theLargestWeightIsChosenOnHeldBackImages(String options) throws IOException {
    Path model = dir.resolve("chosen.snn");
    List<String> args = new ArrayList<>(List.of(options.split(" ")));
    args.addAll(List.of("--precision", "i8", "--limit-calibration", "240"));
    args.addAll(List.of("--largest-weight", "auto"));
    Bundled.Done done = Bundled.execute(Bundled.convert(model, args.toArray(String[]::new))).ok();
    JsonNode p = provenance(model);
    JsonNode tried = p.path("largestWeightSearch");
    assertEquals(2, tried.size(), done.err());
    assertEquals(127, tried.get(0).path("largestWeight").asInt());
    assertEquals(63, tried.get(1).path("largestWeight").asInt());
    int all = tried.get(0).path("right").asInt();
    int half = tried.get(1).path("right").asInt();
    assertEquals(60, tried.get(1).path("images").asInt());
    assertTrue(all > 45 && half > 45, done.err());
    int expected = half >= all ? 63 : 127; // One of 60 is more than 0.2 points.
    assertEquals(expected, p.path("report").path("methods").path("largestWeight").asInt());
    assertEquals(expected, largestWeight(model));
    String note =
        String.format(
            Locale.ROOT,
            "largest weight %d: right are %.2f %% with 127, %.2f %% with 63 of 60 held-back"
                + " calibration images",
            expected,
            100.0 * all / 60,
            100.0 * half / 60);
    assertTrue(p.path("report").path("notes").toString().contains(note + "\""), done.err());
    assertTrue(done.out().contains("note: " + note), done.out());
    assertTrue(done.err().contains("note: " + note), done.err());
    List<String> table = done.err().lines().filter(l -> l.startsWith("  largest weight ")).toList();
    assertEquals(2, table.size(), done.err());
    assertTrue(table.get(expected == 127 ? 0 : 1).endsWith("  taken"), done.err());
  }

  @Test
  void withTooFewImagesOrWiderWeightsNoLargestWeightIsChosen() throws IOException {
    Path few =
        convert(
            "few",
            new String[0],
            "--precision",
            "i8",
            "--limit-calibration",
            "79",
            "--largest-weight",
            "auto");
    String notes = provenance(few).path("report").path("notes").toString();
    assertTrue(
        notes.contains("too few calibration images to choose the largest weight on: found 79"),
        notes);
    assertEquals(127, largestWeight(few));
    for (String asked : List.of("63", "auto")) {
      Path wide =
          convert(
              "wide" + asked,
              new String[0],
              "--limit-calibration",
              "79",
              "--largest-weight",
              asked);
      JsonNode report = provenance(wide).path("report");
      assertEquals("i16", report.path("precision").asText());
      assertEquals(127, report.path("methods").path("largestWeight").asInt());
      assertTrue(
          report.path("notes").toString().contains("weights are as large as i16 has them"),
          report.path("notes").toString());
    }
  }

  @Test
  void aSearchWithTooFewImagesTakesTheDefaultsAndSaysSo() throws IOException {
    Path model = plain("few", "--search", "--target-steps", "8");
    String notes = provenance(model).path("report").path("notes").toString();
    assertTrue(
        notes.contains("too few calibration images to choose 5 values on: found 100, expected 400"),
        notes);
    assertArrayEquals(network(plain("plain")), network(model));
    assertTrue(provenance(model).path("schemeSearch").isNull());
  }

  @Test
  void tooFewImagesFallBackAndSaySo() throws IOException {
    Path none = convert("none", LOW_LATENCY, "--limit-calibration", "19");
    JsonNode report = provenance(none).path("report");
    assertTrue(
        report
            .path("notes")
            .toString()
            .contains("found 19, expected 20 or more; lambda is a quantile"),
        report.path("notes").toString());
    assertFalse(report.path("methods").path("errorLambda").asBoolean());
    assertFalse(report.path("methods").path("weightCalibration").asBoolean());
    Path few = convert("few", LOW_LATENCY, "--limit-calibration", "20");
    report = provenance(few).path("report");
    assertTrue(
        report.path("notes").toString().contains("found 20, expected 80 or more; taking"),
        report.path("notes").toString());
    assertTrue(report.path("notes").toString().contains("weights not calibrated, found"));
    assertEquals(0, provenance(few).path("fitSearch").size());
    assertEquals("i16", report.path("precision").asText());
  }
}
