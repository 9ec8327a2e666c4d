// SPDX-License-Identifier: Apache-2.0
package io.snnsim.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.snnsim.ann.op.Tensor;
import io.snnsim.dump.NpzFile;
import io.snnsim.fixture.Bundled;
import io.snnsim.fixture.DumpFiles;
import io.snnsim.fixture.NirFiles;
import io.snnsim.fixture.Npy;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code snnsim simulate} as a user calls it. */
class SimulateCommandTest {
  @TempDir Path dir;

  /** Two leaky neurons that hear themselves, and an integrator of both. */
  private Path graph;

  @BeforeEach
  void writeGraph() {
    graph =
        new NirFiles()
            .node("input", "Input", "shape", new long[] {2})
            .node("lif", "LIF", "tau", 0.004f, "r", 2f, "v_leak", 0f, "v_threshold", 0.5f)
            .node("rec", "Linear", "weight", NirFiles.tensor(new float[] {0, -1, 1, 0}, 2, 2))
            .node("out", "Linear", "weight", NirFiles.tensor(new float[] {1, 1}, 1, 2))
            .node("i", "I", "r", 1000f)
            .node("output", "Output", "shape", new long[] {1})
            .path("input", "lif", "out", "i", "output")
            .path("lif", "rec", "lif")
            .about("dt", 1e-3f)
            .write(dir.resolve("g.nir"));
  }

  private Path npy(String name, float[] values, long... shape) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    return Files.write(dir.resolve(name), Npy.of("<f4", bytes.array(), shape));
  }

  /** Three presentations of ten steps, each other ones. */
  private Path steps() throws IOException {
    float[] values = new float[3 * 10 * 2];
    for (int i = 0; i < values.length; i++) {
      values[i] = (i * 7 % 11) / 8f;
    }
    return npy("x.npy", values, 3, 10, 2);
  }

  private Bundled.Done simulate(Path input, String... more) {
    List<String> args = new ArrayList<>(List.of("simulate", graph.toString(), input.toString()));
    args.addAll(Arrays.asList(more));
    return Bundled.execute(args.toArray(String[]::new));
  }

  private static JsonNode json(Bundled.Done done) throws IOException {
    return new ObjectMapper().readTree(done.ok().out());
  }

  @Test
  void theTableAndTheJsonSayTheSame() throws IOException {
    String text = simulate(steps()).ok().out();
    assertTrue(text.contains("3 presentations of 10 steps of 0.001 s (the file)"), text);
    assertTrue(text.contains("float32 [3, 10, 2], numbers as they are"), text);
    assertTrue(text.contains("one step later: lif -> rec"), text);
    JsonNode json = json(simulate(steps(), "--json", "-"));
    JsonNode lif = json.path("nodes").path(2);
    assertEquals("lif", lif.path("name").asText());
    assertTrue(lif.path("spikes").asInt() > 5, lif.toString());
    assertEquals(lif.path("spikes").asInt() / 60.0, lif.path("rate").asDouble(), 1e-12);
    assertEquals(1000 * lif.path("rate").asDouble(), lif.path("hertz").asDouble(), 1e-9);
    assertEquals("rec", json.path("stepLater").path(0).path("to").asText());
    assertTrue(text.contains(lif.path("spikes").asText()), text);
  }

  /** Spikes and V of every step, in the order of the presentations, whatever the threads. */
  @Test
  void whatIsRecordedDoesNotDependOnThreads() throws IOException {
    Path one = dir.resolve("one.npz");
    Path many = dir.resolve("many.npz");
    simulate(steps(), "--record", "lif,i,rec", "-o", one.toString(), "--threads", "1").ok();
    simulate(steps(), "--record", "lif,i,rec", "-o", many.toString(), "--threads", "3").ok();
    assertArrayEquals(Files.readAllBytes(one), Files.readAllBytes(many));
    JsonNode json = json(simulate(steps(), "--json", "-"));
    try (NpzFile npz = NpzFile.open(one)) {
      assertEquals(
          List.of("spikes/lif", "potentials/lif", "potentials/i", "values/rec"), npz.names());
      assertArrayEquals(new int[] {3, 10, 2}, npz.get("spikes/lif").shape());
      assertEquals("uint8", npz.get("spikes/lif").typeName());
      assertEquals("float32", npz.get("potentials/i").typeName());
      long[] spikes = npz.get("spikes/lif").toLongs();
      assertEquals(json.path("nodes").path(2).path("spikes").asLong(), Arrays.stream(spikes).sum());
      float[] sums = npz.get("potentials/i").toFloats();
      float[] rec = npz.get("values/rec").toFloats();
      for (int p = 0; p < 3; p++) {
        float sum = 0;
        for (int t = 0; t < 10; t++) {
          int at = p * 10 + t;
          sum += spikes[2 * at] + spikes[2 * at + 1];
          assertEquals(sum, sums[at], 1e-5, "presentation " + p + " step " + t);
          float heard = t == 0 ? 0 : spikes[2 * (at - 1)];
          assertEquals(heard, rec[2 * at + 1], "what the second neuron hears of the first");
        }
      }
    }
  }

  /** A held value is the same as one that is given in every step; the default is the result. */
  @Test
  void valuesMayBeHeld() throws IOException {
    float[] each = new float[20];
    Arrays.fill(each, 0.75f);
    Path stepped = npy("stepped.npy", each, 10, 2);
    Path held = npy("held.npy", new float[] {0.75f, 0.75f}, 2);
    Path images =
        DumpFiles.npz(
            dir.resolve("images.npz"),
            Map.of("images", Tensor.of(new float[] {0.75f, 0.75f}, 1, 2)));
    Path a = dir.resolve("a.npz");
    Path b = dir.resolve("b.npz");
    Path c = dir.resolve("c.npz");
    simulate(stepped, "-o", a.toString()).ok();
    simulate(held, "--steps", "10", "-o", b.toString()).ok();
    simulate(images, "--steps", "10", "-o", c.toString()).ok();
    assertArrayEquals(Files.readAllBytes(a), Files.readAllBytes(b));
    assertArrayEquals(Files.readAllBytes(a), Files.readAllBytes(c));
    try (NpzFile npz = NpzFile.open(a)) {
      assertEquals(List.of("potentials/i"), npz.names());
    }
    Path scaled = npy("scaled.npy", new float[] {2, 2}, 2);
    Path d = dir.resolve("d.npz");
    simulate(scaled, "--steps", "10", "--mean", "0.5", "--std", "2", "-o", d.toString()).ok();
    assertArrayEquals(Files.readAllBytes(a), Files.readAllBytes(d));
  }

  /** Pictures are held as images of other kinds are. */
  @Test
  void picturesAreInputs() throws IOException {
    Path folder = Files.createDirectory(dir.resolve("pictures"));
    BufferedImage grey = new BufferedImage(28, 28, BufferedImage.TYPE_BYTE_GRAY);
    grey.getRaster().setSample(9, 9, 0, 51);
    ImageIO.write(grey, "png", folder.resolve("a.png").toFile());
    float[] values = new float[28 * 28];
    values[9 * 28 + 9] = 51 / 255f;
    Path array = npy("grey.npy", values, 1, 28, 28);
    Path a = dir.resolve("a.npz");
    Path b = dir.resolve("b.npz");
    graph = Path.of("weights/recurrent_lif.nir");
    simulate(folder, "--steps", "5", "-o", a.toString()).ok();
    simulate(array, "--steps", "5", "-o", b.toString()).ok();
    assertArrayEquals(Files.readAllBytes(a), Files.readAllBytes(b));
    Bundled.Done done = simulate(folder);
    assertEquals(2, done.code());
    assertTrue(done.error().contains("--steps: found none with the folder"), done.err());
    assertTrue(simulate(Path.of(Bundled.IMAGES)).error().contains("give --steps T"));
  }

  @Test
  void numbersWithoutBoundsAreSaid() throws IOException {
    Path huge = npy("huge.npy", new float[] {3e38f, 3e38f}, 2);
    Bundled.Done done = simulate(huge, "--steps", "50", "--dt", "0.004").ok();
    assertTrue(done.err().contains("warning: V of node lif grew beyond all numbers"), done.err());
    done = simulate(steps()).ok();
    assertFalse(done.err().contains("warning"), done.err());
  }

  @Test
  void optionsWinOverTheFile() throws IOException {
    JsonNode json =
        json(
            simulate(
                steps(),
                "--dt",
                "2e-3",
                "--decay",
                "exact",
                "--reset",
                "subtract",
                "--limit",
                "2",
                "--json",
                "-"));
    assertEquals(0.002, json.path("time").path("dt").asDouble());
    assertEquals("--dt", json.path("time").path("dtFrom").asText());
    assertEquals("exact", json.path("time").path("decay").asText());
    assertEquals(2, json.path("presentations").path("done").asInt());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          --steps  | 0       | found 0, expected 1..
          --dt     | 0       | --dt: found 0.0, expected seconds
          --dt     | NaN     | --dt: found NaN
          --dt     | 1e10    | no more than 1e9
          --record | lif     | --record: found without -o
          --decay  | quick   | [EULER, EXACT]
          --mean   | 1,2,3   | --mean: found 3 values, expected one or 2
          --limit  | 0       | found 0
          """)
  void wrongOptionsAreRefused(String option, String value, String expected) throws IOException {
    Bundled.Done done = simulate(steps(), option, value);
    assertEquals(2, done.code(), done.err());
    assertTrue(done.error().contains(expected), done.err());
  }

  @Test
  void inputsThatDoNotFitSayWhatDoes() throws IOException {
    Bundled.Done done = simulate(npy("flat.npy", new float[6], 3, 2, 1));
    assertEquals(65, done.code());
    assertTrue(
        done.error()
            .contains(
                "found the shape [3, 2, 1], expected [steps, 2] or [presentations, steps, 2]"),
        done.err());
    assertEquals(65, simulate(npy("none.npy", new float[0], 0, 2)).code());
    done = simulate(npy("nan.npy", new float[] {1, Float.NaN}, 1, 2));
    assertTrue(done.error().contains("found NaN at element 1"), done.err());
    done = simulate(npy("y.npy", new float[2], 1, 2), "--steps", "3", "-o", graph.toString());
    assertEquals(2, done.code(), done.err());
    Path two =
        DumpFiles.npz(
            dir.resolve("two.npz"),
            Map.of("p", Tensor.of(new float[2], 1, 2), "q", Tensor.of(new float[2], 1, 2)));
    done = simulate(two);
    assertEquals(65, done.code());
    assertTrue(done.error().contains("expected a single one, or one of the names"), done.err());
    done = simulate(steps(), "--record", "nobody", "-o", dir.resolve("never.npz").toString());
    assertEquals(2, done.code());
    assertTrue(done.error().contains("found nobody, expected nodes of the graph"), done.err());
    assertFalse(Files.exists(dir.resolve("never.npz")));
  }

  @Test
  void aStopLeavesNothingBehind() throws IOException {
    Path out = dir.resolve("stopped.npz");
    Path input = steps();
    List<String> before = Bundled.files(dir);
    Main main = new Main(new AskedToStop());
    Bundled.Done done =
        Bundled.capture(
            (o, e) ->
                Main.execute(
                    main,
                    o,
                    e,
                    "simulate",
                    graph.toString(),
                    input.toString(),
                    "-o",
                    out.toString()));
    assertEquals(130, done.code(), done.err());
    assertEquals(before, Bundled.files(dir));
  }

  /** What refuses a graph that has no rates says how to run it, and that works. */
  @Test
  void refusalsLeadHere() throws IOException {
    Bundled.Done done = Bundled.execute("describe", graph.toString());
    assertEquals(65, done.code());
    assertTrue(
        (done.out() + done.err()).contains("run it as it is with 'snnsim simulate'"), done.err());
    simulate(steps()).ok();
  }
}
