// SPDX-License-Identifier: Apache-2.0
package io.snnsim.campaign;

import io.snnsim.api.Memory;
import io.snnsim.api.Model;
import io.snnsim.api.ModelOptions;
import io.snnsim.api.Session;
import io.snnsim.fixture.RandomNetworks;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Models that are opened, asked and closed again and again, mapped and resident, their files
 * deleted meanwhile or damaged before: every answer is right, and no mapping, open file or memory
 * is left, so that a service may do so for ever. A batch is {@link #CYCLES} openings of one model.
 * Keeps how much memory the process had at first.
 */
final class OpeningTrial implements Trial {
  private static final int CYCLES = 100;

  /** Within which the heap and compiled code come and go; a lost model is some kilobytes. */
  private static final long MOST_GROWTH = 400L << 20;

  /** Batches after which the process is as large as it gets without a leak. */
  private static final int WARM = 20;

  private static final Path SELF = Path.of("/proc/self");

  /** How a model is closed; another way than the program's to plant a leak. */
  interface Closing {
    void close(Model model);
  }

  private final Closing closing;
  private long batches;
  private long first;

  OpeningTrial() {
    this(Model::close);
  }

  OpeningTrial(Closing closing) {
    this.closing = closing;
  }

  @Override
  public String name() {
    return "openings";
  }

  @Override
  public String unit() {
    return "openings";
  }

  @Override
  public long target() {
    return 100_000;
  }

  /** All of a batch are one case. */
  @Override
  public long mostMillis() {
    return 60_000;
  }

  @Override
  public void run(long seed, Cases cases) throws IOException {
    cases.begin("txt", () -> ("openings of seed " + seed + "\n").getBytes(StandardCharsets.UTF_8));
    SplittableRandom random = new SplittableRandom(seed);
    RandomNetworks.Case net = RandomNetworks.of(seed);
    RaceTrial.Known known = RaceTrial.Known.of(net);
    byte[] bytes = known.bytes().toArray(ValueLayout.JAVA_BYTE);
    Path folder = Files.createTempDirectory("snnsim-openings");
    Path file = folder.resolve("opened.snn");
    try {
      for (int i = 0; i < CYCLES; i++) {
        Files.write(file, bytes);
        open(file, known, random);
        Files.deleteIfExists(file);
      }
      requireNothing(folder.getFileName().toString());
    } finally {
      Files.deleteIfExists(file);
      Files.delete(folder);
    }
    cases.end("right", CYCLES);
  }

  private void open(Path file, RaceTrial.Known known, SplittableRandom random) throws IOException {
    Memory memory = random.nextBoolean() ? Memory.MAPPED : Memory.RESIDENT;
    Model model = Model.open(file, ModelOptions.DEFAULT.with(memory));
    try (Session session = model.newSession()) {
      if (random.nextBoolean()) {
        Files.delete(file);
      }
      int image = random.nextInt(2);
      double[] scores = RaceTrial.scoresOf(session.classify(known.images()[image], RaceTrial.RUN));
      if (!Arrays.equals(known.scores()[image], scores)) {
        throw new Broken("found scores " + Arrays.toString(scores) + " of image " + image);
      }
    }
    closing.close(model);
  }

  /** Only Linux tells. */
  private void requireNothing(String folder) throws IOException {
    if (!Files.isReadable(SELF.resolve("maps"))) {
      return;
    }
    for (String line : Files.readAllLines(SELF.resolve("maps"))) {
      require(!line.contains(folder), "a mapping is left: " + line);
    }
    try (var open = Files.list(SELF.resolve("fd"))) {
      for (Path p : open.toList()) {
        String target = target(p);
        require(!target.contains(folder), "a file is left open: " + target);
      }
    }
    long resident = resident();
    batches++;
    if (batches == WARM) {
      first = resident;
    }
    require(
        batches <= WARM || resident < first + MOST_GROWTH,
        "the process grew from " + first + " to " + resident + " bytes in " + batches + " batches");
  }

  private static String target(Path link) throws IOException {
    try {
      return Files.readSymbolicLink(link).toString();
    } catch (NoSuchFileException e) {
      // The one by which the folder was listed.
      return "";
    }
  }

  private static long resident() throws IOException {
    for (String line : Files.readAllLines(SELF.resolve("status"))) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("\\D", "")) << 10;
      }
    }
    throw new IOException("no VmRSS in " + SELF.resolve("status"));
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new Broken(otherwise);
    }
  }
}
