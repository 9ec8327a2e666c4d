// SPDX-License-Identifier: Apache-2.0
package io.snnsim.reference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.snnsim.engine.KernelChoice;
import io.snnsim.engine.Simulation;
import io.snnsim.engine.Simulator;
import io.snnsim.fixture.RandomNetworks;
import io.snnsim.format.ModelContents;
import io.snnsim.network.Network;
import io.snnsim.store.ModelStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The file's specification is enough to run a network: the C programs of native-layout/, which know
 * nothing else, give the spikes and potentials of the engine, and refuse damaged files.
 */
@Tag("slow")
class NativeReaderTest {
  private static final int NETWORKS = 60;
  private static final int STEPS = 10;

  @TempDir static Path dir;

  private record Printed(int code, String out, String err) {}

  @BeforeAll
  static void compile() throws Exception {
    Assumptions.assumeTrue(hasCompiler(), "no gcc");
    Path empty = Files.writeString(dir.resolve("empty.c"), "int main(void) { return 0; }\n");
    boolean sanitizers = call(compiler(empty.toString(), "empty", true)).code() == 0;
    for (String program : List.of("snn_info", "snn_run")) {
      Printed p = call(compiler("native-layout/" + program + ".c", program, sanitizers));
      assertEquals(new Printed(0, "", ""), p);
    }
  }

  /** Every warning is an error, and so is every access out of bounds where gcc can tell. */
  private static String[] compiler(String source, String program, boolean sanitizers) {
    List<String> command =
        new ArrayList<>(
            List.of(
                "gcc",
                "-std=c11",
                "-Wall",
                "-Wextra",
                "-Wpedantic",
                "-Wconversion",
                "-Werror",
                "-O2",
                "-ffp-contract=off"));
    if (sanitizers) {
      command.add("-fsanitize=address,undefined");
      command.add("-fno-sanitize-recover=all");
    }
    command.addAll(List.of("-o", dir.resolve(program).toString(), source, "-lm"));
    return command.toArray(String[]::new);
  }

  private static boolean hasCompiler() throws Exception {
    try {
      return call("gcc", "--version").code() == 0;
    } catch (IOException e) {
      return false;
    }
  }

  private static Printed call(String... command) throws Exception {
    Path err = Files.createTempFile(dir, "err", "");
    Process p = new ProcessBuilder(command).redirectError(err.toFile()).start();
    String out = new String(p.getInputStream().readAllBytes());
    return new Printed(p.waitFor(), out, Files.readString(err));
  }

  @Tag("slow")
  @Test
  void spikesAndPotentialsOfRandomNetworksAreTheEngines() throws Exception {
    Set<RandomNetworks.Operator> seen = EnumSet.noneOf(RandomNetworks.Operator.class);
    for (long seed = 1; seed <= NETWORKS; seed++) {
      RandomNetworks.Case random = RandomNetworks.of(seed);
      seen.addAll(random.operators());
      Path model = dir.resolve("m.snn");
      ModelStore.publish(model, new ModelContents(random.network(), Map.of()), true);
      Path image = dir.resolve("image");
      ByteBuffer pixels =
          ByteBuffer.allocate(random.image().length * 4).order(ByteOrder.LITTLE_ENDIAN);
      pixels.asFloatBuffer().put(random.image());
      Files.write(image, pixels.array());
      Printed c =
          call(
              dir.resolve("snn_run").toString(),
              model.toString(),
              image.toString(),
              String.valueOf(STEPS));
      assertEquals(0, c.code(), "seed " + seed + ": " + c.err());
      assertEquals(engine(random), c.out().lines().toList(), "seed " + seed);
    }
    assertEquals(EnumSet.allOf(RandomNetworks.Operator.class), seen);
  }

  /** What snn_run prints, from the engine. */
  private static List<String> engine(RandomNetworks.Case random) {
    Network network = random.network();
    List<String> lines = new ArrayList<>();
    try (Simulator model = Simulator.of(network, KernelChoice.AUTO);
        Simulation session = model.newSimulation(true)) {
      session.present(random.image(), 0, STEPS);
      for (int t = 0; t < STEPS; t++) {
        session.step();
      }
      for (int p = 0; p < network.populations().size(); p++) {
        boolean integrates = network.populations().get(p).model().integrates();
        lines.add(
            p
                + " "
                + session.spikeTotal(p)
                + " "
                + weighted(session.spikeCounts(p))
                + " "
                + (integrates ? weighted(session.potentials(p)) : 0));
      }
    }
    return lines;
  }

  private static long weighted(int[] values) {
    long sum = 0;
    for (int i = 0; i < values.length; i++) {
      sum += (i + 1L) * values[i];
    }
    return sum;
  }

  @Test
  void theTableIsPrinted() throws Exception {
    Network network = RandomNetworks.of(3).network();
    Path model = dir.resolve("table.snn");
    ModelStore.publish(model, new ModelContents(network, Map.of("provenance", new byte[5])), true);
    Printed c = call(dir.resolve("snn_info").toString(), model.toString());
    assertEquals(0, c.code(), c.err());
    for (int p = 0; p < network.populations().size(); p++) {
      String line = "population " + p + " " + network.populations().get(p).name() + " ";
      assertTrue(c.out().contains("\n" + line), c.out());
    }
    for (int j = 0; j < network.projections().size(); j++) {
      String line = "projection " + j + " " + network.projections().get(j).name() + " ";
      assertTrue(c.out().contains("\n" + line), c.out());
    }
    assertTrue(c.out().contains("\nsection provenance "), c.out());
  }

  @Tag("slow")
  @Test
  void damagedFilesAreRefused() throws Exception {
    Path model = dir.resolve("damaged.snn");
    ModelStore.publish(model, new ModelContents(RandomNetworks.of(5).network(), Map.of()), true);
    byte[] good = Files.readAllBytes(model);
    List<byte[]> bad = new ArrayList<>();
    bad.add(new byte[0]);
    bad.add(Arrays.copyOf(good, 100));
    bad.add(Arrays.copyOf(good, good.length - 64));
    bad.add(Arrays.copyOf(good, good.length + 64));
    for (int i = 0; i < good.length; i += 1 + good.length / 60) {
      byte[] flipped = good.clone();
      flipped[i] ^= 8;
      bad.add(flipped);
    }
    for (byte[] bytes : bad) {
      Files.write(model, bytes);
      Printed c = call(dir.resolve("snn_info").toString(), model.toString());
      assertEquals(65, c.code(), c.out() + c.err());
      assertTrue(c.err().contains("not a sound .snn file"), c.err());
    }
    assertEquals(66, call(dir.resolve("snn_info").toString(), "none.snn").code());
  }
}
