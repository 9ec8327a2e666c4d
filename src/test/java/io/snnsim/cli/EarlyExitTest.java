// SPDX-License-Identifier: Apache-2.0
package io.snnsim.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.snnsim.dump.NpzFile;
import io.snnsim.fixture.Bundled;
import io.snnsim.format.ModelContents;
import io.snnsim.readout.ExitMargins;
import io.snnsim.store.Mode;
import io.snnsim.store.ModelFile;
import io.snnsim.store.ModelStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code run --early-exit} on the bundled network, fitted to {@value #STEPS} steps. */
@Tag("slow")
class EarlyExitTest {
  private static final int STEPS = 8;
  private static final int IMAGES = 50;

  @TempDir static Path dir;

  private static Path fitted;

  /** [t - 1]: the integrated input after t steps, once it was asked for. */
  private static final double[][][] AFTER = new double[STEPS][][];

  @BeforeAll
  static void convert() {
    fitted = dir.resolve("fitted.snn");
    Bundled.Done done =
        Bundled.execute(
            Bundled.convert(
                fitted,
                "--preset",
                "low-latency",
                "--target-steps",
                String.valueOf(STEPS),
                "--precision",
                "i8",
                "--spike-penalty",
                "0.05",
                "--limit-calibration",
                "50"));
    done.ok();
    assertTrue(
        done.err()
            .contains("early exit calibrated for T = 8 on 50 calibration images that weights"),
        done.err());
    Bundled.model(dir);
  }

  private static String[] arguments(int steps, String... more) {
    List<String> args = new ArrayList<>(List.of("run", fitted.toString(), Bundled.IMAGES));
    args.addAll(List.of("--limit", String.valueOf(IMAGES), "--no-ann"));
    args.addAll(List.of("--steps", String.valueOf(steps)));
    args.addAll(Arrays.asList(more));
    return args.toArray(String[]::new);
  }

  private static JsonNode run(int steps, String... more) throws IOException {
    String[] args = Arrays.copyOf(more, more.length + 2);
    args[more.length] = "--json";
    args[more.length + 1] = "-";
    return new ObjectMapper().readTree(Bundled.execute(arguments(steps, args)).ok().out());
  }

  private static int[] ints(JsonNode list) {
    int[] values = new int[list.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = list.get(i).asInt();
    }
    return values;
  }

  private static int[] steps(JsonNode run) {
    return ints(run.path("earlyExit").path("steps"));
  }

  private static ExitMargins margins() {
    try (ModelFile file = ModelStore.open(fitted, Mode.RESIDENT)) {
      return ExitMargins.parse(file.extra(ModelContents.EARLY_EXIT), "the file");
    }
  }

  /** [image][class] of the output in units of theta, of the record of a run. */
  private static double[][] integrated(Path record) throws IOException {
    try (NpzFile npz = NpzFile.open(record)) {
      long[] counts = npz.get("counts/linear").toLongs();
      long[] potentials = npz.get("potentials/linear").toLongs();
      long[] theta = npz.get("theta/linear").toLongs();
      double[][] values = new double[IMAGES][theta.length];
      for (int i = 0; i < counts.length; i++) {
        int c = i % theta.length;
        values[i / theta.length][c] = counts[i] + (double) potentials[i] / theta[c];
      }
      return values;
    }
  }

  private static double[][] after(int t) throws IOException {
    if (AFTER[t - 1] == null) {
      Path record = dir.resolve("r.npz");
      run(t, "--kernel", "array", "--record", record.toString(), "--force");
      AFTER[t - 1] = integrated(record);
    }
    return AFTER[t - 1];
  }

  /** The step at which each image must end, by records of runs of 1, 2, ... steps. */
  @ParameterizedTest
  @ValueSource(doubles = {0.5, 1, 2})
  void imagesEndAtTheFirstStepWithASafeMargin(double factor) throws IOException {
    double[] error = margins().marginError();
    int[] expected = new int[IMAGES];
    int[] classes = new int[IMAGES];
    double[][] last = new double[IMAGES][];
    for (int t = 1; t <= STEPS; t++) {
      double[][] values = after(t);
      for (int i = 0; i < IMAGES; i++) {
        double[] sorted = values[i].clone();
        Arrays.sort(sorted);
        double margin = sorted[sorted.length - 1] - sorted[sorted.length - 2];
        if (expected[i] == 0 && (t == STEPS || margin / t > factor * error[t - 1])) {
          expected[i] = t;
          last[i] = values[i];
          while (values[i][classes[i]] != sorted[sorted.length - 1]) {
            classes[i]++;
          }
        }
      }
    }
    Path record = dir.resolve("e.npz");
    JsonNode run =
        run(
            STEPS,
            "--early-exit",
            String.valueOf(factor),
            "--record",
            record.toString(),
            "--force");
    assertArrayEquals(expected, steps(run));
    assertArrayEquals(classes, ints(run.path("predictions")));
    assertTrue(Arrays.deepEquals(last, integrated(record)), "the record is of the last step");
    int sum = Arrays.stream(expected).sum();
    assertTrue(sum > IMAGES && sum < IMAGES * STEPS, "some end early, not all at once: " + sum);
    assertEquals((double) sum / IMAGES, run.path("earlyExit").path("meanSteps").asDouble(), 1e-12);
  }

  @Test
  void neitherThreadsNorKernelsNorPlansChangeAnything() throws IOException {
    JsonNode one = run(STEPS, "--early-exit", "--threads", "1");
    for (String[] other :
        new String[][] {
          {"--threads", "2"},
          {"--threads", "2", "--parallel", "within"},
          {"--kernel", "array"},
          {"--kernel", "vector", "--mode", "mapped"}
        }) {
      String[] args = Arrays.copyOf(other, other.length + 2);
      args[other.length] = "--early-exit";
      args[other.length + 1] = "auto";
      JsonNode again = run(STEPS, args);
      for (String field : List.of("predictions", "accuracyAtStep", "earlyExit", "layers")) {
        assertEquals(one.path(field), again.path(field), String.join(" ", other) + " " + field);
      }
    }
  }

  @Test
  void aMarginThatNothingReachesIsARunOfAllSteps() throws IOException {
    JsonNode all = run(STEPS);
    JsonNode never = run(STEPS, "--early-exit", "1e9");
    for (String field : List.of("predictions", "accuracyAtStep", "layers", "energy")) {
      assertEquals(all.path(field), never.path(field), field);
    }
    assertTrue(all.path("earlyExit").isNull());
    assertEquals(STEPS, never.path("earlyExit").path("meanSteps").asDouble());
    assertTrue(Arrays.stream(steps(never)).allMatch(s -> s == STEPS));
  }

  /** With labels after each step: an image that ended keeps its answer. */
  @Test
  void theLastAccuracyIsThatOfThePredictions() throws IOException {
    JsonNode early = run(STEPS, "--early-exit=0");
    assertTrue(Arrays.stream(steps(early)).allMatch(s -> s == 1), "one step is the fewest");
    JsonNode one = run(1);
    assertEquals(one.path("predictions"), early.path("predictions"));
    assertEquals(one.path("layers"), early.path("layers"));
    for (JsonNode a : early.path("accuracyAtStep")) {
      assertEquals(one.path("accuracyAtStep").get(0), a);
    }
  }

  @Test
  void savedOperationsAreThoseNotDoneBesideTheCalibrationImages() throws IOException {
    JsonNode run = run(STEPS, "--early-exit", "2");
    JsonNode exit = run.path("earlyExit");
    double done = exit.path("synapticOpsPerImage").asDouble();
    double all = exit.path("synapticOpsPerImageOfAllSteps").asDouble();
    assertEquals(
        run.path("synapticOpsPerImageStep").asDouble() * exit.path("meanSteps").asDouble(),
        done,
        1e-6 * done);
    assertEquals(done, run.path("energy").path("synapticOpsPerImage").asDouble(), 1e-6 * done);
    assertEquals(1 - done / all, exit.path("synapticOpsSaved").asDouble(), 1e-12);
    // The calibration images are the first of the same file, and so many.
    JsonNode full = run(STEPS);
    assertEquals(full.path("synapticOpsPerImageStep").asDouble() * STEPS, all, 1e-9 * all);
    double[] ops = margins().synapticOps();
    JsonNode three = run(3);
    assertEquals(three.path("synapticOpsPerImageStep").asDouble() * 3, ops[2], 1e-9 * ops[2]);
  }

  @Test
  void theTextSaysWhatItGave() {
    String text = Bundled.execute(arguments(STEPS, "--early-exit")).ok().out();
    Matcher m =
        Pattern.compile(
                "(?m)^early exit: [0-9.]+ of 8 steps an image \\(margin 2.0 errors\\), "
                    + "-?[0-9.]+ % of synaptic operations saved$")
            .matcher(text);
    assertTrue(m.find(), text);
    assertFalse(Bundled.execute(arguments(STEPS)).ok().out().contains("early exit"));
  }

  @Test
  void theDocumentedFieldsAreThere() throws IOException {
    assertEquals(documented("schema/run.md"), names(run(2, "--early-exit").path("earlyExit")));
  }

  @Test
  void aSweepHasTheFiguresOfRuns() throws IOException {
    Path csv = dir.resolve("s.csv");
    String[] args = {"sweep", fitted.toString(), Bundled.IMAGES, "--limit", String.valueOf(IMAGES)};
    List<String> all = new ArrayList<>(List.of(args));
    all.addAll(List.of("--steps", "4,8,9", "--early-exit", "off,auto,0.5", "--json", "-"));
    all.addAll(List.of("--csv", csv.toString()));
    String out = Bundled.execute(all.toArray(String[]::new)).ok().out();
    JsonNode rows = new ObjectMapper().readTree(out).path("rows");
    String[] exits = {"off", "auto", "0.5"};
    int[] steps = {4, 8, 9};
    assertEquals(exits.length * steps.length, rows.size());
    for (int i = 0; i < rows.size(); i++) {
      JsonNode row = rows.get(i);
      String exit = exits[i / steps.length];
      int t = steps[i % steps.length];
      assertEquals(exit, row.path("options").path("early-exit").asText());
      assertEquals(t, row.path("steps").asInt());
      if (t == 9 && i >= steps.length) {
        assertTrue(row.path("error").asText().contains("expected 1..8, which early exit"), out);
        assertTrue(row.path("meanSteps").isNull() && row.path("accuracy").isNull(), out);
        continue;
      }
      JsonNode run = i < steps.length ? run(t) : run(t, "--early-exit=" + exit);
      JsonNode accuracies = run.path("accuracyAtStep");
      double mean = i < steps.length ? t : run.path("earlyExit").path("meanSteps").asDouble();
      assertEquals(mean, row.path("meanSteps").asDouble());
      assertEquals(accuracies.get(accuracies.size() - 1), row.path("accuracy"));
      double ops = run.path("energy").path("synapticOpsPerImage").asDouble();
      assertEquals(ops, row.path("synapticOpsPerImage").asDouble());
      String line = Files.readAllLines(csv).get(i + 1);
      assertTrue(line.startsWith(exit + "," + t + ",") && line.endsWith(",," + mean), line);
    }
    all.subList(all.indexOf("--json"), all.size()).clear();
    String text = Bundled.execute(all.toArray(String[]::new)).ok().out();
    assertTrue(text.contains("\nsteps an image, mean\n"), text);
    assertTrue(text.contains("early-exit=0.5 "), text);
    args = new String[] {"sweep", fitted.toString(), Bundled.IMAGES, "--steps=4", "--early-exit=x"};
    assertTrue(Bundled.execute(args).error().contains("--early-exit: found x, expected auto or"));
  }

  @Test
  void infoShowsWhatIsInTheFile() throws IOException {
    String json = Bundled.execute("info", fitted.toString(), "--json").ok().out();
    JsonNode exit = new ObjectMapper().readTree(json).path("earlyExit");
    assertEquals(documented("schema/info.md"), names(exit));
    ExitMargins m = margins();
    assertEquals(STEPS, exit.path("steps").asInt());
    assertEquals("membrane", exit.path("readout").asText());
    assertEquals(50, exit.path("calibrationImages").asInt());
    assertFalse(exit.path("heldBack").asBoolean(true));
    for (int t = 0; t < STEPS; t++) {
      assertEquals(m.marginError()[t], exit.path("marginError").path(t).asDouble());
      assertEquals(m.synapticOps()[t], exit.path("synapticOps").path(t).asDouble());
    }
    String text = Bundled.execute("info", fitted.toString()).ok().out();
    assertTrue(
        text.contains(
            "early exit: up to 8 steps, readout membrane, calibrated on 50 images that weights"),
        text);
    String row =
        String.format(
            Locale.ROOT, "%4d  %18.3f ", STEPS - 1, 2 * m.marginError()[STEPS - 2] * (STEPS - 1));
    assertTrue(text.contains("\n" + row), row + " in " + text);
    String without = Bundled.execute("info", dir.resolve("m.snn").toString()).ok().out();
    assertFalse(without.contains("early exit"), without);
  }

  /** The fields in the last table of a page. */
  private static Set<String> documented(String page) throws IOException {
    String text = Files.readString(Path.of("docs", page));
    Matcher m =
        Pattern.compile("(?m)^\\| `(\\w+)`")
            .matcher(text.substring(text.indexOf("# The object `earlyExit`")));
    Set<String> documented = new TreeSet<>();
    while (m.find()) {
      documented.add(m.group(1));
    }
    return documented;
  }

  private static Set<String> names(JsonNode object) {
    Set<String> found = new TreeSet<>();
    object.fieldNames().forEachRemaining(found::add);
    return found;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          --steps 8 --early-exit -1       | --early-exit: found -1, expected auto or a number >= 0
          --steps 8 --early-exit NaN      | --early-exit: found NaN, expected auto or
          --steps 8 --early-exit Infinity | --early-exit: found Infinity, expected auto or
          --steps 8 --early-exit some     | before a file name write --early-exit=auto
          --steps 9 --early-exit          | --steps: found 9, expected 1..8, which early exit
          --steps 8 --early-exit --readout spikes | found spikes, expected membrane, which early
          --steps 8 --early-exit --input poisson  | --early-exit: found with --input poisson
          --steps 8 --early-exit --profile        | --early-exit: found with --profile
          """)
  void whatCannotBeIsRefused(String options, String expected) {
    List<String> args = new ArrayList<>(List.of("run", fitted.toString(), Bundled.IMAGES));
    args.addAll(Arrays.asList(options.split(" ")));
    Bundled.Done done = Bundled.execute(args.toArray(String[]::new));
    assertEquals(2, done.code(), done.err());
    assertTrue(done.error().contains(expected), done.error());
  }

  @Test
  void aModelWithoutMarginsIsRefusedWithTheWayToGetThem() {
    String model = dir.resolve("m.snn").toString();
    Bundled.Done done =
        Bundled.execute("run", model, Bundled.IMAGES, "--steps", "4", "--early-exit");
    assertEquals(2, done.code(), done.err());
    assertTrue(
        done.error().contains("convert it with --preset low-latency --target-steps 4"),
        done.error());
  }

  @Test
  void aDamagedSectionIsBadData() throws IOException {
    Path damaged = dir.resolve("damaged.snn");
    try (ModelFile file = ModelStore.open(fitted, Mode.RESIDENT)) {
      Map<String, byte[]> extras =
          new LinkedHashMap<>(
              Map.of(ModelContents.EARLY_EXIT, "{\"schemaVersion\": 2}".getBytes()));
      ModelStore.publish(damaged, new ModelContents(file.network(), extras), true);
    }
    Bundled.Done done =
        Bundled.execute(
            "run", damaged.toString(), Bundled.IMAGES, "--steps", "4", "--early-exit=1");
    assertEquals(65, done.code(), done.err());
    assertTrue(
        done.error().contains("section early.exit: schemaVersion is 2, expected 1"), done.error());
  }
}
