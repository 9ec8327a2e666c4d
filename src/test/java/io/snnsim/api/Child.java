// SPDX-License-Identifier: Apache-2.0
package io.snnsim.api;

import io.snnsim.error.SnnsimException;
import io.snnsim.geometry.ConvGeometry;
import io.snnsim.geometry.MapShape;
import io.snnsim.geometry.Window;
import io.snnsim.network.ConvProjection;
import io.snnsim.network.InputStage;
import io.snnsim.network.Network;
import io.snnsim.network.NeuronModel;
import io.snnsim.network.Population;
import io.snnsim.network.Precision;
import io.snnsim.network.WeightType;
import io.snnsim.reference.RandomNetworks;
import java.io.PrintStream;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;

/** The main class of {@link ChildProcessTest}'s children. */
final class Child {
  private static final PrintStream OUT = System.out;
  private static final long STEPS = 10_000_000;

  private Child() {}

  public static void main(String[] args) throws Exception {
    switch (args[0]) {
      case "classify" -> classify(Path.of(args[1]));
      case "map" ->
          printFailure(
              () -> Model.open(Path.of(args[1]), ModelOptions.DEFAULT.with(Memory.MAPPED)).close());
      case "huge" -> huge();
      case "large" -> large();
      case "warm" -> warm();
      case "truncate" -> truncate(Path.of(args[1]));
      case "epsilon" -> epsilon();
      default -> throw new IllegalArgumentException(args[0]);
    }
  }

  private static void classify(Path file) {
    float[] image = RandomNetworks.of(3).image();
    Set<Thread> threads = Thread.getAllStackTraces().keySet();
    Properties properties = (Properties) System.getProperties().clone();
    try (Model model = Model.open(file);
        Session session = model.newSession()) {
      model.warmUp(Duration.ofMillis(1));
      OUT.println(model.kernel());
      print(session.classify(image, RunOptions.steps(40)));
      Set<String> started = new TreeSet<>();
      for (Thread t : Thread.getAllStackTraces().keySet()) {
        if (!threads.contains(t)) {
          started.add(t.getName());
        }
      }
      OUT.println("threads started: " + started);
    }
    OUT.println("properties unchanged: " + System.getProperties().equals(properties));
  }

  /** More calls than it takes until C2 compiles what runs once a call. */
  private static void warm() {
    var beans = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    RandomNetworks.Case net = RandomNetworks.of(3);
    RunOptions run = RunOptions.steps(16);
    try (Model model = Models.open(net.network());
        Session session = model.newSession()) {
      WarmUp warm = model.warmUp(Duration.ofMinutes(2));
      long before = beans.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < 20_000; i++) {
        session.classify(net.image(), run);
      }
      long bytes = beans.getCurrentThreadAllocatedBytes() - before;
      OUT.println((warm.compiled() ? "compiled, " : "not compiled, ") + bytes + " bytes");
    }
  }

  private static void print(Result r) {
    for (int i = 0; i < r.classes(); i++) {
      OUT.println(r.score(i));
    }
  }

  private static void printFailure(Runnable opens) {
    try {
      opens.run();
      OUT.println("opened");
    } catch (SnnsimException e) {
      OUT.println(e.category() + " " + e.getMessage());
    }
  }

  private static void truncate(Path file) throws Exception {
    float[] image = RandomNetworks.of(3).image();
    RunOptions run = RunOptions.steps(40);
    try (Model model = Model.open(file);
        Session session = model.newSession()) {
      double[] before = scores(session.classify(image, run));
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        channel.truncate(0);
      }
      try (Session after = model.newSession()) {
        double[] now = scores(after.classify(image, run));
        OUT.println(java.util.Arrays.equals(before, now) ? "same" : "different");
      }
    }
  }

  private static double[] scores(Result r) {
    double[] scores = new double[r.classes()];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = r.score(i);
    }
    return scores;
  }

  /** Images of 1000 steps, every second one with all that a call can be asked for. */
  private static void epsilon() {
    Network tiny = tiny();
    float[] image = {0.3f, 0.7f};
    try (Model model = Models.open(tiny);
        Session session = model.newSession()) {
      RunOptions plain = RunOptions.steps(1000);
      RunOptions asked = plain.endingAtMargin(1e6, 10).within(Long.MAX_VALUE - 1);
      Result first = session.classify(image, plain);
      double score = first.score(first.answer());
      long steps = first.steps();
      while (steps < STEPS) {
        Result r = session.classify(image, (steps & 1024) == 0 ? plain : asked);
        if (r.score(r.answer()) != score) {
          throw new AssertionError("another result: " + r);
        }
        steps += r.steps();
      }
      OUT.println("steps " + steps);
    }
  }

  /** Potentials of 4 GB; three times, since what a failed session had must be free again. */
  private static void huge() {
    int side = 1024;
    int channels = 1023;
    ConvGeometry g =
        new ConvGeometry(
            new MapShape(1, side, side),
            new MapShape(channels, side, side),
            new Window(1, 1, 1, 1, 0, 0, 1, 1),
            1);
    InputStage.AnalogProjection analog =
        new InputStage.AnalogProjection(
            "input", 0, g, new float[channels], new float[channels], -1000, 1000);
    Population population = silent("out", new MapShape(channels, side, side), true);
    InputStage input =
        new InputStage(new MapShape(1, side, side), new float[1], new float[] {1}, List.of(analog));
    Network network = new Network("huge", Precision.I8, input, List.of(population), List.of(), 0);
    try (Model model = Models.open(network)) {
      for (int i = 0; i < 3; i++) {
        printFailure(model::newSession);
      }
    }
    OUT.println("closed");
  }

  /** Weights of 151 MB, where 120 more are to be had, which is enough for the JVM itself. */
  private static void large() throws Exception {
    int n = 12288;
    ConvGeometry in =
        new ConvGeometry(
            new MapShape(1, 1, 1), new MapShape(n, 1, 1), new Window(1, 1, 1, 1, 0, 0, 1, 1), 1);
    ConvGeometry all =
        new ConvGeometry(
            new MapShape(n, 1, 1), new MapShape(n, 1, 1), new Window(1, 1, 1, 1, 0, 0, 1, 1), 1);
    InputStage.AnalogProjection analog =
        new InputStage.AnalogProjection("input", 0, in, new float[n], new float[n], -1000, 1000);
    MemorySegment weights =
        MemorySegment.ofArray(
            new byte[Math.toIntExact(ConvProjection.byteSize(all, WeightType.I8))]);
    Network network =
        new Network(
            "large",
            Precision.I8,
            new InputStage(new MapShape(1, 1, 1), new float[1], new float[] {1}, List.of(analog)),
            List.of(
                silent("first", new MapShape(n, 1, 1), false),
                silent("out", new MapShape(n, 1, 1), false)),
            List.of(new ConvProjection("synapses", 0, 1, all, WeightType.I8, weights)),
            1);
    MemorySegment bytes = Models.bytes(network);
    long used = 0;
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("VmSize:")) {
        used = Long.parseLong(line.replaceAll("\\D", "")) * 1024;
      }
    }
    limit(used + (120L << 20) + ":");
    printFailure(() -> Model.open(bytes, ModelOptions.DEFAULT).close());
    limit("unlimited:");
    printFailure(() -> Model.open(bytes, ModelOptions.DEFAULT).close());
  }

  private static Population silent(String name, MapShape shape, boolean wide) {
    int n = shape.channels();
    int[] theta = new int[n];
    Arrays.fill(theta, 100);
    float[] lambda = new float[n];
    Arrays.fill(lambda, 1);
    return new Population(
        name, shape, NeuronModel.IF, wide, theta, new int[n], new int[n], lambda, -1000, 1000);
  }

  /** The addresses that this process may have. */
  private static void limit(String soft) throws Exception {
    int code =
        new ProcessBuilder("prlimit", "--pid", "" + ProcessHandle.current().pid(), "--as=" + soft)
            .inheritIO()
            .start()
            .waitFor();
    if (code != 0) {
      throw new IllegalStateException("prlimit: " + code);
    }
  }

  /** Two inputs, two neurons, two classes. */
  private static Network tiny() {
    ConvGeometry g =
        new ConvGeometry(
            new MapShape(2, 1, 1), new MapShape(2, 1, 1), new Window(1, 1, 1, 1, 0, 0, 1, 1), 1);
    InputStage.AnalogProjection analog =
        new InputStage.AnalogProjection(
            "input", 0, g, new float[] {60, 10, -20, 80}, new float[2], -1000, 1000);
    return new Network(
        "tiny",
        Precision.I8,
        new InputStage(new MapShape(2, 1, 1), new float[2], new float[] {1, 1}, List.of(analog)),
        List.of(population("hidden", 1000), population("out", 254)),
        List.of(
            ConvProjection.pack("synapses", 0, 1, g, WeightType.I8, new int[] {90, -30, 20, 70})),
        1);
  }

  private static Population population(String name, long bound) {
    int[] theta = {100, 100};
    int[] v0 = {50, 50};
    float[] lambda = {1, 1};
    return new Population(
        name,
        new MapShape(2, 1, 1),
        NeuronModel.IF,
        false,
        theta,
        v0,
        new int[2],
        lambda,
        -bound,
        bound);
  }
}
