// SPDX-License-Identifier: Apache-2.0
package io.snnsim.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.snnsim.dump.NpyArray;
import io.snnsim.dump.NpzFile;
import io.snnsim.fixture.Bundled;
import io.snnsim.fixture.Models;
import io.snnsim.fixture.Nets;
import io.snnsim.network.Network;
import io.snnsim.store.Mode;
import io.snnsim.store.ModelFile;
import io.snnsim.store.ModelStore;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code snnsim run} of a model with signed neurons: their spikes in the report and the record. */
@Tag("slow")
class SignedRunTest {
  private static final int IMAGES = 20;
  private static final int STEPS = 16;

  @TempDir static Path dir;

  /** The bundled network as it is converted, but with signed neurons. */
  @BeforeAll
  static void makeModel() {
    try (ModelFile plain = ModelStore.open(Bundled.model(dir), Mode.RESIDENT)) {
      Network n = plain.network();
      Network signed =
          new Network(
              n.name(),
              n.precision(),
              n.input(),
              n.populations().stream().map(Nets::signed).toList(),
              n.projections(),
              n.output());
      Models.file(dir.resolve("signed.snn"), signed);
    }
  }

  private static Bundled.Done run(String model, String... more) {
    String[] args = {
      "run", dir.resolve(model).toString(), Bundled.IMAGES, "--steps", "16", "--limit", "20"
    };
    String[] all = java.util.Arrays.copyOf(args, args.length + more.length);
    System.arraycopy(more, 0, all, args.length, more.length);
    return Bundled.execute(all).ok();
  }

  @Test
  void bothSignsAreSpikesAndTheRecordHoldsTheirDifference() throws IOException {
    Path record = dir.resolve("r.npz");
    Bundled.Done d = run("signed.snn", "--json", "-", "--record", record.toString());
    JsonNode j = new ObjectMapper().readTree(d.out());
    double spikes = 0;
    double negative = 0;
    try (NpzFile npz = NpzFile.open(record)) {
      for (JsonNode layer : j.path("layers")) {
        NpyArray counts = npz.get("counts/" + layer.path("name").asText());
        long net = 0;
        for (long v : counts.toLongs()) {
          assertTrue(v >= 0, layer.toString());
          net += v;
        }
        double up = layer.path("spikesPerImageStep").asDouble();
        double down = layer.path("negativeSpikesPerImageStep").asDouble();
        assertEquals((up - 2 * down) * IMAGES * STEPS, net, 1e-3, layer.toString());
        spikes += up;
        negative += down;
      }
    }
    assertTrue(negative > 10 && negative < spikes / 2, spikes + " " + negative);
    assertEquals(spikes, j.path("spikesPerImageStep").asDouble(), 1e-6);
    assertEquals(negative, j.path("negativeSpikesPerImageStep").asDouble(), 1e-6);
    for (String[] other :
        new String[][] {{"--kernel", "scalar"}, {"--parallel", "within", "--threads", "2"}}) {
      String[] args = java.util.Arrays.copyOf(other, other.length + 2);
      args[other.length] = "--json";
      args[other.length + 1] = "-";
      JsonNode again = new ObjectMapper().readTree(run("signed.snn", args).out());
      assertEquals(j.path("layers"), again.path("layers"), String.join(" ", other));
    }
  }

  @Test
  void theTextSaysHowManyAreNegativeWhereAnyCanBe() {
    assertTrue(run("signed.snn").out().contains("\nnegative spikes: "));
    assertFalse(run("m.snn").out().contains("negative"));
  }
}
