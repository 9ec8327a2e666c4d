// SPDX-License-Identifier: Apache-2.0
package io.snnsim.campaign.reading;

import io.snnsim.campaign.Broken;
import io.snnsim.campaign.Cases;
import io.snnsim.campaign.Trial;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;

/**
 * Feeds every reader of bytes from elsewhere with inputs that are guided by what of the code they
 * reach. Each is read, or refused by the typed exception, within two seconds and 4 x its size + 100
 * MB of memory. Owns an instrumented copy of the program; for one thread.
 *
 * <p>What a batch tries follows from its seed, from what earlier batches kept and from how fast the
 * machine is. What breaks is kept whole, and {@link #main} reads it again.
 */
public final class ReadersTrial implements Trial {
  /** Readers take turns of so long, so that slow ones do not take all the time. */
  private static final long TURN_NANOS = 200_000_000L;

  /** All that looks at bytes from elsewhere. */
  private static final List<String> COUNTED =
      List.of(
          "io.snnsim.dump.",
          "io.snnsim.json.",
          "io.snnsim.ann.",
          "io.snnsim.dynamics.",
          "io.snnsim.readout.",
          "io.snnsim.engine.plan.",
          "io.snnsim.geometry.",
          "io.jhdf.");

  private final List<Guided> guided = new ArrayList<>();
  private CountedClasses classes;
  private List<Target> targets;
  private Path folder;

  /** Keeps no inputs unless it is told where. */
  public ReadersTrial() {}

  @Override
  public String name() {
    return "readers";
  }

  @Override
  public String unit() {
    return "inputs";
  }

  @Override
  public long target() {
    return 50_000_000;
  }

  @Override
  public void keepIn(Path own) {
    folder = own;
  }

  @Override
  public void run(long seed, Cases cases) throws IOException {
    List<Target> all = targets();
    inClasses(
        () -> {
          for (Target t : all.subList(guided.size(), all.size())) {
            guided.add(new Guided(t, folder == null ? null : folder.resolve(t.name())));
          }
          Guided turn = guided.get((int) (seed % guided.size()));
          turn.batch(new SplittableRandom(seed), classes.words(), TURN_NANOS, cases);
        });
  }

  /** Work that reads. */
  private interface Work {
    void run() throws IOException;
  }

  /** With the copy's loader as the thread's, by which libraries find their parts. */
  private void inClasses(Work work) throws IOException {
    if (classes == null) {
      classes =
          new CountedClasses(
              ReadersTrial.class.getClassLoader(),
              List.of("io.snnsim.", "io.jhdf.", Targets.class.getName()),
              COUNTED);
    }
    ClassLoader before = Thread.currentThread().getContextClassLoader();
    Thread.currentThread().setContextClassLoader(classes);
    try {
      work.run();
    } finally {
      Thread.currentThread().setContextClassLoader(before);
    }
  }

  /** Edges that a target's inputs reached so far. */
  int edges(int target) {
    return guided.get(target).edges();
  }

  /** All targets, of the instrumented copy. */
  List<Target> targets() throws IOException {
    if (targets == null) {
      Path shared = Path.of("/dev/shm");
      Path dir =
          Files.isWritable(shared)
              ? Files.createTempDirectory(shared, "snnsim-readers")
              : Files.createTempDirectory("snnsim-readers");
      Runtime.getRuntime().addShutdownHook(new Thread(() -> remove(dir)));
      inClasses(() -> targets = made(dir));
    }
    return targets;
  }

  @SuppressWarnings("unchecked")
  private List<Target> made(Path dir) {
    try {
      Object made = classes.loadClass(Targets.class.getName()).getConstructor().newInstance();
      return ((Function<Path, List<Target>>) made).apply(dir);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void remove(Path dir) {
    try (var files = Files.list(dir)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
      Files.delete(dir);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Reads kept inputs again, each named as its target or with that as its ending. */
  public static void main(String[] files) throws IOException {
    ReadersTrial trial = new ReadersTrial();
    for (String file : files) {
      trial.again(Path.of(file));
    }
  }

  private void again(Path file) throws IOException {
    String name = file.getFileName().toString();
    String target = name.substring(name.lastIndexOf('.') + 1);
    inClasses(
        () -> {
          Cases cases = new Cases(mostMillis());
          try {
            Target t =
                targets().stream().filter(o -> o.name().equals(target)).findAny().orElseThrow();
            new Guided(t, null).run(Files.readAllBytes(file), cases);
            System.out.println(file + ": " + cases.ends());
          } catch (Broken e) {
            e.printStackTrace(System.out);
          }
        });
  }
}
