// SPDX-License-Identifier: Apache-2.0
package io.snnsim.campaign;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.snnsim.api.Model;
import io.snnsim.store.Mode;
import io.snnsim.store.ModelStore;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every trial runs and holds for some seeds, and a fault that is planted is found and kept. */
class CampaignTest {
  private static final int SEEDS = 2;

  @TempDir Path dir;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  private int campaign(Trial trial, String... args) throws IOException {
    PrintStream to = new PrintStream(out, true, StandardCharsets.UTF_8);
    return new Campaign(List.of(trial), to).run(args);
  }

  /** One that ends its cases as it is told, or breaks. */
  private record Planted(Runnable body, long batches, long mostMillis) implements Trial {
    @Override
    public String name() {
      return "planted";
    }

    @Override
    public String unit() {
      return "cases";
    }

    @Override
    public long target() {
      return 100;
    }

    @Override
    public void run(long seed, Cases cases) {
      cases.begin("bin", () -> new byte[] {(byte) seed});
      body.run();
      cases.end("held");
    }
  }

  static List<Trial> trials() {
    return Trials.all();
  }

  @ParameterizedTest
  @MethodSource("trials")
  void everyTrialHoldsForSomeSeeds(Trial trial) throws Exception {
    for (long seed = 0; seed < SEEDS; seed++) {
      Cases cases = new Cases(Long.MAX_VALUE);
      trial.run(seed, cases);
      assertTrue(cases.ends().values().stream().mapToLong(n -> n).sum() > 0, trial.name());
    }
  }

  @Test
  void whatBreaksIsKeptAndTheRestIsTried() throws IOException {
    Trial trial =
        new Planted(
            () -> {
              throw new IllegalStateException("planted");
            },
            3,
            1000);
    assertEquals(1, campaign(trial, "--state", dir.toString()));
    for (byte seed = 0; seed < 3; seed++) {
      Path kept = dir.resolve("broken/planted-" + seed + ".bin");
      assertArrayEquals(new byte[] {seed}, Files.readAllBytes(kept));
      String text = Files.readString(dir.resolve("broken/planted-" + seed + ".txt"));
      assertTrue(text.contains("--seed " + seed + " planted"), text);
      assertTrue(text.contains("IllegalStateException: planted"), text);
    }
    campaign(trial, "--table", "--state", dir.toString());
    assertTrue(out.toString().contains("| planted | cases | 100 | 3 | - | 3 |"), out.toString());
  }

  @Test
  void goesOnWhereItEnded() throws IOException {
    Trial trial = new Planted(() -> {}, 5, 1000);
    for (int run = 1; run <= 3; run++) {
      assertEquals(0, campaign(trial, "--state", dir.toString(), "--seconds", "0"));
      List<String> state = Files.readAllLines(dir.resolve("planted.txt"));
      assertTrue(state.contains("nextSeed=" + run), state.toString());
      assertTrue(state.contains("ended.held=" + run), state.toString());
    }
    assertEquals(0, campaign(trial, "--state", dir.toString()));
    assertEquals(0, campaign(trial, "--state", dir.toString()));
    assertTrue(out.toString().contains("0 cases in 0 s, 0 broken; in all 5"), out.toString());
  }

  @Test
  void whatTakesTooLongIsBroken() throws IOException {
    Trial trial =
        new Planted(
            () -> {
              for (long end = System.nanoTime() + 30_000_000; System.nanoTime() < end; ) {
                Thread.onSpinWait();
              }
            },
            1,
            1);
    assertEquals(1, campaign(trial, "--state", dir.toString()));
    assertTrue(out.toString().contains("of processor time, expected at most 1"), out.toString());
  }

  @Test
  void wrongArgumentsAreRefused() throws IOException {
    Trial trial = new Planted(() -> {}, 1, 1);
    for (String wrong : List.of("nothing", "--seconds", "--colour")) {
      assertEquals(2, campaign(trial, wrong), wrong);
    }
  }

  /** An opening that does not see one bit. */
  @Test
  void aFlipThatIsTakenIsFound() throws IOException {
    FlipTrial trial =
        new FlipTrial(
            file -> {
              byte was = file.get(ValueLayout.JAVA_BYTE, 60);
              file.set(ValueLayout.JAVA_BYTE, 60, (byte) (was & ~4));
              try {
                ModelStore.of(file, "flipped", Mode.MAPPED).close();
              } finally {
                file.set(ValueLayout.JAVA_BYTE, 60, was);
              }
            });
    assertEquals(1, campaign(trial, "--state", dir.toString(), "--seconds", "0"));
    assertTrue(out.toString().contains("byte 60 bit 2: taken as sound"), out.toString());
    byte[] kept = Files.readAllBytes(dir.resolve("broken/flips-0.snn"));
    assertEquals(1 << 20, kept.length);
    assertEquals(4, kept[60]);
  }

  /** Kernels of which one adds a spike that is not there. */
  private static KernelRuns.Runner wrongBy(String wrong) {
    return (network, way, input, limits) -> {
      Map<String, long[]> shown = KernelRuns.run(network, way, input, limits);
      if (way.name().equals(wrong)) {
        shown.get("image 1 output")[0]++;
      }
      return shown;
    };
  }

  @ParameterizedTest
  @ValueSource(strings = {"array", "events", "lookup", "adaptive", "patterns", "planned", "mixed"})
  void aKernelThatAddsASpikeIsFound(String kernel) throws IOException {
    Trial trial = new StructureTrial(wrongBy(kernel));
    assertEquals(1, campaign(trial, "--state", dir.toString(), "--seconds", "0"));
    String said = out.toString();
    assertTrue(said.contains("Way[name=" + kernel), said);
    assertTrue(said.contains("image 1 output 0: found"), said);
    try (Stream<Path> kept = Files.list(dir.resolve("broken"))) {
      Path file = kept.filter(f -> f.toString().endsWith(".snn")).findAny().orElseThrow();
      ModelStore.open(file, Mode.RESIDENT).close();
    }
  }

  @Test
  void codesThatDifferAreFound() throws IOException {
    Trial trial = new NetworkTrial(wrongBy("mixed"));
    assertEquals(1, campaign(trial, "--state", dir.toString(), "--seconds", "0"));
    assertTrue(out.toString().contains("Way[name=mixed"), out.toString());
  }

  /** A disk that forces nothing loses what was published. */
  @Test
  void aPublicationThatIsNotForcedIsFound() throws IOException {
    Trial trial = new PowerCutTrial(true);
    assertEquals(1, campaign(trial, "--state", dir.toString(), "--seconds", "0"));
    assertTrue(out.toString().contains("way the file was "), out.toString());
  }

  /**
   * One player reads a session that is not its own as if it were, and one leaves its session open.
   */
  @Test
  void racesThatEndOtherwiseThanPromisedAreFound() throws IOException {
    Trial wrong =
        new RaceTrial(
            (world, player, random, rounds) -> {
              RaceTrial.Known known = world.known.get(0);
              known.scores()[0][0]++;
              try {
                return new RacePlayer(world, player, random).play(rounds);
              } finally {
                known.scores()[0][0]--;
              }
            });
    assertEquals(1, campaign(wrong, "--state", dir.toString(), "--seconds", "0"));
    assertTrue(out.toString().contains("found scores"), out.toString());
    Trial leaving =
        new RaceTrial(
            (world, player, random, rounds) -> {
              world.present.get().model().newSession();
              return 1;
            });
    assertEquals(1, campaign(leaving, "--state", dir.toString(), "--seconds", "0"));
    assertTrue(out.toString().contains("open, expected none"), out.toString());
  }

  @Test
  void anOpeningThatLeavesAMappingIsFound() throws IOException {
    List<Model> left = new ArrayList<>();
    Trial trial = new OpeningTrial(left::add);
    assertEquals(1, campaign(trial, "--state", dir.toString(), "--seconds", "0"));
    assertTrue(out.toString().contains("a mapping is left: "), out.toString());
    left.forEach(Model::close);
  }

  /** Guards the trial against mutants that would show nothing, and against other ones each time. */
  @Test
  void mutantsAreRefusedAndRunInEqualParts() {
    Cases first = new Cases(Long.MAX_VALUE);
    Cases again = new Cases(Long.MAX_VALUE);
    for (Cases cases : List.of(first, again)) {
      StructureTrial trial = new StructureTrial();
      for (long seed = 100; seed < 104; seed++) {
        trial.run(seed, cases);
      }
    }
    assertEquals(first.ends(), again.ends());
    for (String end : List.of("equal", "refused")) {
      assertTrue(first.ends().getOrDefault(end, 0L) > 25, first.ends().toString());
    }
  }
}
