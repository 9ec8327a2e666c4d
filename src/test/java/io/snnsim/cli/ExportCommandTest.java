// SPDX-License-Identifier: Apache-2.0
package io.snnsim.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.snnsim.error.Category;
import io.snnsim.fixture.Bundled;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code snnsim export} as a user calls it. */
class ExportCommandTest {
  @TempDir Path dir;

  private static JsonNode json(String... args) throws IOException {
    return new ObjectMapper().readTree(Bundled.execute(args).ok().out());
  }

  /** The same rate of every population, of real images that are read by either command itself. */
  @Test
  void theExportedNetworkSpikesAsTheModelDoes() throws IOException {
    Path model = Bundled.model(dir);
    Path nir = dir.resolve("m.nir");
    Bundled.Done done = Bundled.execute("export", model.toString(), "-o", nir.toString()).ok();
    assertTrue(done.err().contains("wrote " + nir), done.err());
    assertTrue(done.err().contains("tell other programs to subtract"), done.err());
    JsonNode run =
        json(
            "run",
            model.toString(),
            Bundled.IMAGES,
            "--steps",
            "24",
            "--limit",
            "6",
            "--json",
            "-");
    JsonNode simulated =
        json(
            "simulate",
            nir.toString(),
            Bundled.IMAGES,
            "--steps",
            "24",
            "--limit",
            "6",
            "--mean",
            "0.1307",
            "--std",
            "0.3081",
            "--json",
            "-");
    Map<String, Double> rates = new HashMap<>();
    for (JsonNode node : simulated.path("nodes")) {
      if (!node.path("rate").isNull()) {
        rates.put(node.path("name").asText(), node.path("rate").asDouble());
      }
    }
    assertEquals(run.path("layers").size(), rates.size());
    double sum = 0;
    for (JsonNode layer : run.path("layers")) {
      double rate = layer.path("firingRate").asDouble();
      assertEquals(rate, rates.get(layer.path("name").asText()), 1e-9, layer.toString());
      sum += rate;
    }
    assertTrue(sum > 0.5, "spikes");
  }

  @Test
  void whatCannotBeWrittenLeavesNothing() throws IOException {
    Path model = dir.resolve("few.snn");
    Bundled.execute(
            Bundled.convert(
                model,
                "--preset",
                "few-spike",
                "--steps-per-layer",
                "4",
                "--precision",
                "i8",
                "--limit-calibration",
                "40"))
        .ok();
    Path nir = dir.resolve("m.nir");
    Bundled.Done few = Bundled.execute("export", model.toString(), "-o", nir.toString());
    assertEquals(Category.BAD_DATA.exitCode(), few.code());
    assertTrue(few.error().contains("found few-spike neurons in "), few.error());
    assertTrue(few.error().contains("convert with --preset s-resnet"), few.error());
    assertFalse(Files.exists(nir));

    Path plain = Bundled.model(dir);
    Bundled.Done itself = Bundled.execute("export", plain.toString(), "-o", plain.toString());
    assertEquals(Category.USAGE.exitCode(), itself.code());
    Files.writeString(nir, "mine");
    Bundled.Done there = Bundled.execute("export", plain.toString(), "-o", nir.toString());
    assertEquals(Category.IO.exitCode(), there.code(), there.err());
    assertEquals("mine", Files.readString(nir));
    Bundled.execute("export", plain.toString(), "-o", nir.toString(), "--force").ok();
    assertEquals(java.util.List.of("few.snn", "m.nir", "m.snn"), Bundled.files(dir));
  }
}
