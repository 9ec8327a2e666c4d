// SPDX-License-Identifier: Apache-2.0
package io.snnsim.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.snnsim.fixture.Bundled;
import io.snnsim.fixture.CodeNetworks;
import io.snnsim.fixture.Models;
import io.snnsim.fixture.RandomNetworks;
import io.snnsim.network.Network;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code info} and {@code verify} say of networks with codes; DocsTest has the others. */
class InfoCommandTest {
  /** Its output is a max race. */
  private static final long SEED = 2;

  @TempDir Path dir;

  private String file(Network network) {
    return Models.file(dir.resolve("m.snn"), network).toString();
  }

  @Test
  void aCodeIsNamedWithItsStepsPerLayer() throws IOException {
    for (int steps : new int[] {1, 4, 10}) {
      String model = file(CodeNetworks.of(SEED, steps).network());
      String text = Bundled.execute("info", model).ok().out();
      String line = "K = %d steps per layer: it answers once an image, after step %d%n";
      assertTrue(text.contains(String.format(line, steps, steps)), text);
      JsonNode json =
          new ObjectMapper().readTree(Bundled.execute("info", model, "--json").ok().out());
      assertEquals(steps, json.path("stepsPerLayer").asInt());
      assertEquals("few_spike", json.path("populations").path(0).path("model").asText());
      assertEquals("max_race", json.path("populations").path(1).path("model").asText());
      assertTrue(Bundled.execute("verify", model).ok().out().endsWith(": sound\n"));
      String plan = Bundled.execute("info", model, "--plan").ok().out();
      assertTrue(plan.contains("blocks of " + steps + " steps"), plan);
    }
  }

  @Test
  void ratesHaveNone() throws IOException {
    String model = file(RandomNetworks.of(SEED).network());
    assertFalse(Bundled.execute("info", model).ok().out().contains("per layer"));
    JsonNode json =
        new ObjectMapper().readTree(Bundled.execute("info", model, "--json").ok().out());
    assertTrue(json.path("stepsPerLayer").isInt());
    assertEquals(0, json.path("stepsPerLayer").asInt());
  }
}
