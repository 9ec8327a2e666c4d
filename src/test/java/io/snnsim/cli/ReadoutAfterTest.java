// SPDX-License-Identifier: Apache-2.0
package io.snnsim.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.snnsim.fixture.Bundled;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code run --readout-after} on the bundled network. */
class ReadoutAfterTest {
  private static final int STEPS = 8;
  private static final int DELAY = 3;

  @TempDir static Path dir;

  private static Path model;

  @BeforeAll
  static void convert() {
    model = Bundled.model(dir);
  }

  private static Bundled.Done run(String... more) {
    String[] args = {
      "run", model.toString(), Bundled.IMAGES, "--limit", "60", "--no-ann", "--steps", "" + STEPS
    };
    String[] all = java.util.Arrays.copyOf(args, args.length + more.length);
    System.arraycopy(more, 0, all, args.length, more.length);
    return Bundled.execute(all);
  }

  private static JsonNode json(String... more) throws Exception {
    String[] all = java.util.Arrays.copyOf(more, more.length + 2);
    all[more.length] = "--json";
    all[more.length + 1] = "-";
    Bundled.Done done = run(all);
    done.ok();
    return new ObjectMapper().readTree(done.out());
  }

  @Tag("slow")
  @Test
  void untilTheDelayNothingChangesAndAfterItDecisionsDo() throws Exception {
    JsonNode plain = json();
    JsonNode delayed = json("--readout-after", "" + DELAY);
    assertEquals(0, plain.path("readoutAfter").asInt(-1));
    assertEquals(DELAY, delayed.path("readoutAfter").asInt());
    for (int t = 0; t < DELAY; t++) {
      assertEquals(
          plain.path("accuracyAtStep").get(t), delayed.path("accuracyAtStep").get(t), "step " + t);
    }
    assertNotEquals(plain.path("accuracyAtStep"), delayed.path("accuracyAtStep"));
    assertEquals(plain.path("spikesPerImageStep"), delayed.path("spikesPerImageStep"));
    assertEquals(
        delayed.path("accuracyAtStep"),
        json("--readout-after", "" + DELAY, "--threads", "2").path("accuracyAtStep"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          --readout-after -1            | --readout-after: found -1, expected 0..7
          --readout-after 8             | --readout-after: found 8, expected 0..7, less than --steps
          --readout-after 2 --early-exit | --early-exit: found with --readout-after
          """)
  void refusesWhatCannotBe(String options, String message) {
    Bundled.Done done = run(options.trim().split(" "));
    assertEquals(2, done.code(), done.err());
    assertTrue(done.err().contains(message), done.err());
  }
}
