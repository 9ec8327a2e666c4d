// SPDX-License-Identifier: Apache-2.0
package io.snnsim.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.snnsim.dump.NpzWriter;
import io.snnsim.fixture.Bundled;
import io.snnsim.fixture.Models;
import io.snnsim.fixture.Nets;
import io.snnsim.geometry.MapShape;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file of a kilobyte that asks for gigabytes: it can be looked at, and is run when allowed. */
class LimitsCommandTest {
  private static final Pattern ADVICE = Pattern.compile("--max-memory (\\S+?),");

  @TempDir Path dir;

  private String model(int side) throws IOException {
    byte[] bytes =
        Models.bytes(
                Nets.of(
                    List.of(
                        Nets.fire("map", new MapShape(1, side, side), false, 100, 0, 1),
                        Nets.fire("out", new MapShape(2, 1, 1), false, 100, 0, 1)),
                    List.of()))
            .toArray(ValueLayout.JAVA_BYTE);
    assertTrue(bytes.length < 2000, bytes.length + " bytes");
    return Files.write(dir.resolve("m" + side + ".snn"), bytes).toString();
  }

  private String images() throws IOException {
    Path file = dir.resolve("images.npz");
    try (NpzWriter npz = new NpzWriter(Files.newOutputStream(file))) {
      npz.begin("images", "<f4", 3, 1, 1, 1);
      npz.rows(new float[3]);
      npz.put("labels", new int[] {0, 0, 0}, 3);
    }
    return file.toString();
  }

  @Test
  void hugeModelsCanBeLookedAtAndAreNotRun() throws IOException {
    String model = model(16384);
    Bundled.execute("verify", model).ok();
    Bundled.execute("info", model, "--plan").ok();
    String text = Bundled.execute("info", model).ok().out();
    assertTrue(text.contains("to run it: refused; model by-hand: takes "), text);
    String json = Bundled.execute("info", model, "--json").ok().out();
    String refused = new ObjectMapper().readTree(json).at("/memory/refused").asText();
    assertTrue(refused.startsWith("model by-hand: takes "), refused);
    String[][] commands = {
      {"run", model, images(), "--steps", "1"},
      {"latency", model, images(), "--steps", "1", "--rate", "1"},
      {"bench", model, images(), "--steps", "1"}
    };
    for (String[] command : commands) {
      Bundled.Done done = Bundled.execute(command);
      assertEquals(65, done.code(), command[0] + ": " + done.err());
      assertTrue(done.error().startsWith("snnsim: model by-hand: takes "), done.error());
    }
  }

  @Test
  void whatTheMessageSaysAllowsIt() throws IOException {
    String model = model(300);
    String[] run = {"run", model, images(), "--steps", "2", "--threads", "3", "--max-memory", "1k"};
    Bundled.Done done = Bundled.execute(run);
    assertEquals(65, done.code(), done.err());
    assertTrue(done.error().contains("to run in 3 threads"), done.error());
    Matcher advice = ADVICE.matcher(done.error());
    assertTrue(advice.find(), done.error());
    run[run.length - 1] = advice.group(1);
    Bundled.execute(run).ok();
  }

  @Test
  void limitsThatAreNoneAreRefused() throws IOException {
    String model = model(8);
    for (String size : List.of("0", "-1", "4x", "1.5g", "g", "")) {
      Bundled.Done done =
          Bundled.execute("run", model, images(), "--steps", "1", "--max-memory=" + size);
      assertEquals(2, done.code(), size + ": " + done.err());
    }
    for (String size : List.of("1g", "64M", "900000", "20MB", "3GiB", "999999999999t")) {
      Bundled.execute("run", model, images(), "--steps", "1", "--max-memory", size).ok();
    }
    assertEquals(
        2, Bundled.execute("run", model, images(), "--steps", "1", "--max-synapses", "0").code());
  }
}
