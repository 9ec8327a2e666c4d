// SPDX-License-Identifier: Apache-2.0
package io.snnsim.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.snnsim.fixture.Bundled;
import io.snnsim.fixture.Models;
import io.snnsim.fixture.RandomNetworks;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Pipes that nobody writes to and devices that never end, in the place of every input file. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class DevicesTest {
  @TempDir Path dir;
  private String pipe;
  private String model;

  @BeforeEach
  void make() throws Exception {
    Path fifo = dir.resolve("pipe.png");
    Process made = new ProcessBuilder("mkfifo", fifo.toString()).start();
    assertTrue(made.waitFor(10, TimeUnit.SECONDS));
    assertEquals(0, made.exitValue());
    pipe = fifo.toString();
    Path file = dir.resolve("m.snn");
    byte[] bytes = Models.bytes(RandomNetworks.of(1).network()).toArray(ValueLayout.JAVA_BYTE);
    Files.write(file, bytes);
    model = file.toString();
  }

  private List<String[]> commands(String input) throws IOException {
    String out = dir.resolve("out.snn").toString();
    String list = Files.writeString(dir.resolve("list.txt"), input + " 0\n").toString();
    List<String[]> all = new ArrayList<>();
    all.add(new String[] {"convert", input, "-o", out, "--calibration", Bundled.IMAGES});
    all.add(new String[] {"convert", Bundled.NET, "-o", out, "--calibration", input});
    all.add(
        new String[] {
          "convert", Bundled.NET, "--arch", input, "-o", out, "--calibration", Bundled.IMAGES
        });
    all.add(new String[] {"convert", Bundled.NET, "-o", out, "--calibration", list});
    all.add(new String[] {"describe", input});
    all.add(new String[] {"describe", Bundled.NET, "--arch", input});
    all.add(new String[] {"run", input, Bundled.IMAGES, "--steps", "1"});
    all.add(new String[] {"run", model, input, "--steps", "1"});
    all.add(new String[] {"run", model, Bundled.IMAGES, "--steps", "1", "--plan", input});
    all.add(new String[] {"info", input});
    all.add(new String[] {"verify", input});
    all.add(new String[] {"simulate", input, Bundled.IMAGES});
    return all;
  }

  @Test
  void pipesAndDevicesAreRefused() throws IOException {
    for (String input : List.of(pipe, "/dev/zero", "/dev/stdin")) {
      if (input.equals("/dev/stdin") && Files.isRegularFile(Path.of(input))) {
        continue;
      }
      for (String[] command : commands(input)) {
        Bundled.Done done = Bundled.execute(command);
        String what = String.join(" ", command) + ": " + done.err();
        if (done.code() == 0) {
          fail(what);
        }
        assertTrue(List.of(65, 66).contains(done.code()), what);
        assertTrue(done.error().contains("file"), what);
      }
    }
  }
}
