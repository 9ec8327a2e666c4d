// SPDX-License-Identifier: Apache-2.0
package io.snnsim.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.snnsim.api.Model;
import io.snnsim.fixture.Bundled;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The bundled network, fitted to {@value #STEPS} steps, at that and at other numbers of them. */
@Tag("slow")
class OtherStepsTest {
  private static final int STEPS = 4;

  @TempDir static Path dir;

  private static String fitted;

  @BeforeAll
  static void convert() {
    fitted = dir.resolve("fitted.snn").toString();
    String[] options = {
      "--preset", "low-latency", "--target-steps", String.valueOf(STEPS), "--precision", "i8"
    };
    List<String> args = new ArrayList<>(List.of(options));
    args.addAll(List.of("--spike-penalty", "0.05", "--limit-calibration", "60"));
    Bundled.execute(Bundled.convert(Path.of(fitted), args.toArray(String[]::new))).ok();
  }

  private static Bundled.Done execute(String command, String model, int steps, String... more) {
    List<String> args = new ArrayList<>(List.of(command, model, Bundled.IMAGES));
    args.addAll(List.of("--limit", "40", "--steps", String.valueOf(steps)));
    args.addAll(List.of(more));
    return Bundled.execute(args.toArray(String[]::new)).ok();
  }

  @Test
  void otherStepsThanThoseFittedAreSaidInOneLine() {
    for (String command : List.of("run", "compare")) {
      assertFalse(execute(command, fitted, STEPS).err().contains("fitted"), command);
      String more = execute(command, fitted, 2 * STEPS).err();
      assertEquals(
          List.of(
              "note: --steps 8: this model is fitted to 4 and may answer worse after; convert with"
                  + " --target-steps 8 for the best answers after so many"),
          more.lines().filter(l -> l.contains("fitted")).toList());
      String fewer = execute(command, fitted, 2).err();
      assertTrue(fewer.contains("--steps 2: this model is fitted to 4 and answers worse before"));
      assertFalse(execute(command, fitted, 2, "--quiet").err().contains("fitted"));
    }
    String plain = Bundled.model(dir).toString();
    assertFalse(execute("run", plain, 2).err().contains("fitted"));
  }

  @Test
  void theModelKnowsItsSteps() throws IOException {
    String plain = Bundled.model(dir).toString();
    String[] models = {fitted, plain};
    for (int i = 0; i < models.length; i++) {
      int expected = i == 0 ? STEPS : 0;
      ObjectMapper json = new ObjectMapper();
      JsonNode run = json.readTree(execute("run", models[i], 2, "--json", "-").out());
      assertEquals(expected, run.path("fittedSteps").asInt(-1));
      JsonNode info = json.readTree(Bundled.execute("info", models[i], "--json").ok().out());
      assertEquals(expected, info.path("fittedSteps").asInt(-1));
      try (Model model = Model.open(Path.of(models[i]))) {
        assertEquals(expected, model.fittedSteps());
      }
    }
  }

  /** Share of the ANN's logits that those of the network differ from them by. */
  private static double error(int steps) throws IOException {
    String json = execute("compare", fitted, steps, "--json", "-").out();
    JsonNode layers = new ObjectMapper().readTree(json).path("layers");
    return layers.get(layers.size() - 1).path("relativeError").asDouble(Double.NaN);
  }

  /**
   * Fitted to the counts of the first steps alone, it is at 0.23 after twice as many, from 0.18.
   */
  @Test
  void moreStepsBringTheLogitsNoFartherFromTheAnns() throws IOException {
    double target = error(STEPS);
    assertTrue(error(2 * STEPS) <= target, error(2 * STEPS) + " after twice, at first " + target);
    assertTrue(error(4 * STEPS) <= target, error(4 * STEPS) + " after four times, " + target);
  }
}
