// SPDX-License-Identifier: Apache-2.0
package io.snnsim.reference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.snnsim.engine.KernelChoice;
import io.snnsim.fixture.CodeNetworks;
import io.snnsim.fixture.Models;
import io.snnsim.fixture.Nets;
import io.snnsim.fixture.RandomNetworks;
import io.snnsim.fixture.RunSums;
import io.snnsim.fixture.SnnBytes;
import io.snnsim.format.ModelContents;
import io.snnsim.geometry.MapShape;
import io.snnsim.network.GateProjection;
import io.snnsim.network.Network;
import io.snnsim.network.NeuronModel;
import io.snnsim.network.Population;
import io.snnsim.network.Projection;
import io.snnsim.store.ModelStore;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
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
import java.util.TreeSet;
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
  private static final String PYTHON = "/usr/bin/python3";

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
      compare(random, STEPS, "seed " + seed);
    }
    assertEquals(EnumSet.allOf(RandomNetworks.Operator.class), seen);
  }

  @Tag("slow")
  @Test
  void spikesAndPotentialsOfRandomFewSpikeNetworksAreTheEngines() throws Exception {
    Set<RandomNetworks.Operator> seen = EnumSet.noneOf(RandomNetworks.Operator.class);
    Set<Integer> codesOfRaces = new TreeSet<>();
    for (int seed = 1; seed <= NETWORKS; seed++) {
      int steps = 1 + seed % NeuronModel.FewSpike.MOST_STEPS;
      RandomNetworks.Case random = CodeNetworks.of(seed, steps);
      seen.addAll(random.operators());
      for (Population p : random.network().populations()) {
        if (p.model() instanceof NeuronModel.MaxRace) {
          codesOfRaces.add(steps);
        }
      }
      compare(random, steps, "seed " + seed + " K " + steps);
    }
    assertEquals(EnumSet.allOf(RandomNetworks.Operator.class), seen);
    assertTrue(codesOfRaces.containsAll(Set.of(1, 4, 10)), codesOfRaces.toString());
  }

  private static void compare(RandomNetworks.Case random, int steps, String what) throws Exception {
    Printed c = run(random, String.valueOf(steps));
    assertEquals(0, c.code(), what + ": " + c.err());
    assertEquals(
        RunSums.of(random.network(), random.image(), steps, KernelChoice.AUTO),
        c.out().lines().toList(),
        what);
  }

  private static Printed run(RandomNetworks.Case random, String steps) throws Exception {
    return run(random, steps, dir.resolve("snn_run").toString());
  }

  private static Printed run(RandomNetworks.Case random, String steps, String... program)
      throws Exception {
    Path model = dir.resolve("m.snn");
    Models.file(model, random.network());
    Path image = dir.resolve("image");
    ByteBuffer pixels =
        ByteBuffer.allocate(random.image().length * 4).order(ByteOrder.LITTLE_ENDIAN);
    pixels.asFloatBuffer().put(random.image());
    Files.write(image, pixels.array());
    List<String> command = new ArrayList<>(List.of(program));
    command.addAll(List.of(model.toString(), image.toString(), steps));
    return call(command.toArray(String[]::new));
  }

  /** tools/snn_file.py prints what snn_run prints. */
  @Tag("slow")
  @Test
  void numPyRunsFewSpikeNetworksToTheSameBits() throws Exception {
    Assumptions.assumeTrue(Files.isExecutable(Path.of(PYTHON)), "no " + PYTHON);
    Assumptions.assumeTrue(call(PYTHON, "-c", "import numpy").code() == 0, "no NumPy");
    for (int seed = 1; seed <= NETWORKS / 2; seed++) {
      int steps = 1 + seed % NeuronModel.FewSpike.MOST_STEPS;
      RandomNetworks.Case random = CodeNetworks.of(seed, steps);
      Printed numPy = run(random, String.valueOf(steps), PYTHON, "tools/snn_file.py");
      assertEquals(new Printed(0, numPy.out(), ""), numPy, "seed " + seed);
      assertEquals(
          RunSums.of(random.network(), random.image(), steps, KernelChoice.AUTO),
          numPy.out().lines().toList(),
          "seed " + seed);
      Printed other = run(random, String.valueOf(steps + 1), PYTHON, "tools/snn_file.py");
      String line =
          String.format(
              "%s: found %d steps, expected %d: its few-spike neurons send a number in so many%n",
              dir.resolve("m.snn"), steps + 1, steps);
      assertEquals(new Printed(1, "", line), other);
    }
    Printed rates = run(RandomNetworks.of(1), "4", PYTHON, "tools/snn_file.py");
    assertEquals(1, rates.code(), rates.out());
    assertTrue(rates.err().contains("found neurons without a code"), rates.err());
  }

  @Test
  void aCodeRunsForItsOwnStepsOnly() throws Exception {
    RandomNetworks.Case random = CodeNetworks.of(2, 4);
    for (int steps : new int[] {0, 1, 3, 5, 8}) {
      String line =
          dir.resolve("m.snn")
              + ": found "
              + steps
              + " steps, expected 4: its few-spike neurons send a number in so many\n";
      assertEquals(new Printed(2, "", line), run(random, String.valueOf(steps)));
    }
    for (String steps : List.of("-1", "four", "4x", "")) {
      String line = "snn_run: found " + steps + " steps, expected a number of at least 0\n";
      assertEquals(new Printed(2, "", line), run(random, steps));
    }
  }

  /** As the Java reader refuses them, see FewSpikeFileTest. */
  @Test
  void filesThatBreakTheRulesOfCodesAreRefused() throws Exception {
    Path model = dir.resolve("code.snn");
    Models.file(model, CodeNetworks.of(2, 4).network());
    byte[] good = Files.readAllBytes(model);
    assertEquals(0, call(dir.resolve("snn_info").toString(), model.toString()).code());
    assertRefused("a code of no steps or of more than 10", SnnBytes.withModel(good, 0, 3, 0));
    assertRefused("a code of no steps or of more than 10", SnnBytes.withModel(good, 0, 3, 11));
    assertRefused("more than one code", SnnBytes.withModel(good, 0, 3, 5));
    assertRefused("more than one code", SnnBytes.withModel(good, 0, 0, 0));
    assertRefused("an unknown neuron model", SnnBytes.withModel(good, 0, 5, 4));
    assertRefused("a neuron model that this version lacks", SnnBytes.withVersion(good, 2));
    assertRefused("another format version than 1 to 4", SnnBytes.withVersion(good, 5));
    // Its output is a race.
    assertRefused("a projection does not fit its target", SnnBytes.withModel(good, 1, 3, 4));
    String alone = "a gate without or with several sources";
    assertRefused(alone, SnnBytes.withModel(good, 0, 4, 4));
  }

  @Test
  void aGateKeepsItsChannels() throws Exception {
    MapShape one = new MapShape(1, 1, 1);
    Population source = Nets.fire("a", one, false, 1, 0, 0);
    Population gate = Nets.gate("g", new MapShape(2, 1, 1));
    Projection wider = new GateProjection("ag", 0, 1, Nets.pointwise(one, 2));
    Network network = Nets.of(List.of(source, gate), List.of(wider));
    assertRefused(
        "a gate between different channel counts",
        Models.bytes(network).toArray(ValueLayout.JAVA_BYTE));
  }

  private static void assertRefused(String problem, byte[] file) throws Exception {
    Path model = dir.resolve("refused.snn");
    Files.write(model, file);
    String line = model + ": not a sound .snn file: " + problem + "\n";
    assertEquals(
        new Printed(65, "", line), call(dir.resolve("snn_info").toString(), model.toString()));
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
    Models.file(model, RandomNetworks.of(5).network());
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
