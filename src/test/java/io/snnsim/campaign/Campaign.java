// SPDX-License-Identifier: Apache-2.0
package io.snnsim.campaign;

import io.snnsim.kernel.KernelProvider;
import io.snnsim.report.Host;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Runs trials for some seconds each, goes on where the last run ended, and keeps what breaks a
 * promise. tools/campaign.sh calls it; docs/design/reliability.md says what for. One thread runs
 * the trials, a second one looks whether a case hangs.
 */
public final class Campaign {
  private static final String USAGE =
      """
      usage: Campaign [--seconds N] [--state DIR] [--kernels | --others] [TRIAL...]
             Campaign --table --state DIR | --list | --seed N TRIAL
        --seconds N   for each trial (default 10); at least one batch
        --state DIR   where it goes on and keeps broken cases (default target/campaign)
        --kernels     only trials that compare kernels; --others: all but those
        --table       prints the state as a table; --list: the trials
        --seed N      one batch without state; what breaks is printed\
      """;

  /** What is lost at most where the process is killed. */
  private static final long SAVE_NANOS = 10_000_000_000L;

  private final List<Trial> trials;
  private final PrintStream out;
  private final Host host = Host.here();
  private volatile Running running;

  private record Running(Trial trial, long seed, Cases cases, TrialState state, Path folder) {}

  /** Of these trials, printing to {@code out}. */
  Campaign(List<Trial> trials, PrintStream out) {
    this.trials = trials;
    this.out = out;
  }

  /** Runs what the arguments say; exits with 1 if something was broken, 2 for wrong arguments. */
  public static void main(String[] args) throws IOException {
    System.exit(new Campaign(Trials.all(), System.out).run(args));
  }

  /** As {@link #main}, with the exit code as result. */
  int run(String... args) throws IOException {
    long seconds = 10;
    long seed = -1;
    Path folder = Path.of("target", "campaign");
    boolean table = false;
    boolean list = false;
    List<Trial> chosen = new ArrayList<>();
    List<Trial> among = trials;
    try {
      for (int i = 0; i < args.length; i++) {
        switch (args[i]) {
          case "--seconds" -> seconds = Long.parseLong(args[++i]);
          case "--seed" -> seed = Long.parseLong(args[++i]);
          case "--state" -> folder = Path.of(args[++i]);
          case "--kernels" -> among = trials.stream().filter(Trial::comparesKernels).toList();
          case "--others" -> among = trials.stream().filter(t -> !t.comparesKernels()).toList();
          case "--table" -> table = true;
          case "--list" -> list = true;
          default -> chosen.add(named(args[i]));
        }
      }
    } catch (IllegalArgumentException | ArrayIndexOutOfBoundsException e) {
      out.println("Campaign: " + e.getMessage() + "\n" + USAGE);
      return 2;
    }
    chosen = chosen.isEmpty() ? among : chosen;
    if (list) {
      chosen.forEach(t -> out.println(t.name() + ": " + t.target() + " " + t.unit()));
      return 0;
    }
    if (table) {
      out.print(new CampaignTable(trials, folder).markdown());
      return 0;
    }
    if (seed >= 0) {
      return repeat(chosen, seed);
    }
    Files.createDirectories(folder.resolve("broken"));
    watch();
    boolean sound = true;
    for (Trial trial : chosen) {
      sound &= run(trial, seconds, folder);
    }
    return sound ? 0 : 1;
  }

  private Trial named(String name) {
    return trials.stream()
        .filter(t -> t.name().equals(name))
        .findAny()
        .orElseThrow(() -> new IllegalArgumentException(name + ": unknown, see --list"));
  }

  /** Each width has seeds of its own, or all would try the same networks. */
  private static long firstSeed(Trial trial) {
    String bits = kernel(trial).replaceAll("[^0-9]", "");
    return bits.isEmpty() ? 0 : Long.parseLong(bits) * 1_000_000_000L;
  }

  private static String kernel(Trial trial) {
    return trial.comparesKernels() ? KernelProvider.vector().name() : "";
  }

  private boolean run(Trial trial, long seconds, Path folder) throws IOException {
    TrialState state = TrialState.of(folder, trial, kernel(trial));
    trial.keepIn(folder.resolve(trial.name()));
    long before = state.done();
    long brokenBefore = state.broken();
    long began = System.nanoTime();
    long saved = began;
    long seed = state.nextSeed(firstSeed(trial));
    for (long now = began; seed < trial.batches(); seed++) {
      Cases cases = new Cases(trial.mostMillis());
      running = new Running(trial, seed, cases, state, folder);
      Throwable broken = tried(trial, seed, cases);
      running = null;
      if (broken != null) {
        keep(folder, trial, seed, cases, broken);
      }
      long end = System.nanoTime();
      state.add(seed, cases.ends(), broken != null, end - now);
      now = end;
      if (now - saved > SAVE_NANOS) {
        state.save(host);
        saved = now;
      }
      if (now - began >= seconds * 1_000_000_000L) {
        break;
      }
    }
    state.save(host);
    long broken = state.broken() - brokenBefore;
    out.printf(
        Locale.ROOT,
        "%s%s: %,d %s in %d s, %d broken; in all %,d of %,d %s%n",
        trial.name(),
        kernel(trial).isEmpty() ? "" : " " + kernel(trial),
        state.done() - before,
        trial.unit(),
        (System.nanoTime() - began) / 1_000_000_000L,
        broken,
        state.done(),
        trial.target(),
        state.ends());
    return broken == 0;
  }

  /** What was thrown, or null: whatever it is, it is the trial's to be reported. */
  private static Throwable tried(Trial trial, long seed, Cases cases) {
    try {
      trial.run(seed, cases);
      return null;
    } catch (Exception | AssertionError | StackOverflowError | OutOfMemoryError e) {
      return e;
    }
  }

  private int repeat(List<Trial> chosen, long seed) {
    boolean sound = true;
    for (Trial trial : chosen) {
      Cases cases = new Cases(trial.mostMillis());
      Throwable broken = tried(trial, seed, cases);
      out.println(trial.name() + ": " + cases.ends() + (broken == null ? "" : ", then broken:"));
      if (broken != null) {
        out.println(stack(broken));
        sound = false;
      }
    }
    return sound ? 0 : 1;
  }

  private void keep(Path folder, Trial trial, long seed, Cases cases, Throwable broken)
      throws IOException {
    String name = trial.name() + "-" + seed;
    Path to = folder.resolve("broken");
    String text =
        "width "
            + System.getProperty("snnsim.vectorBits", "of the JVM")
            + ", repeat with: Campaign --seed "
            + seed
            + " "
            + trial.name()
            + "\n"
            + stack(broken);
    Files.writeString(to.resolve(name + ".txt"), text);
    Cases.Case now = cases.now();
    if (now != null) {
      Files.write(to.resolve(name + "." + now.suffix()), now.bytes().get());
    }
    out.println("BROKEN " + to.resolve(name + ".txt") + ": " + broken);
  }

  private static String stack(Throwable t) {
    StringWriter text = new StringWriter();
    t.printStackTrace(new PrintWriter(text, true));
    return text.toString();
  }

  /** A case that hangs cannot be ended but with the process: what it was is kept before. */
  private void watch() {
    Thread.ofPlatform()
        .daemon()
        .name("watch")
        .start(
            () -> {
              try {
                while (true) {
                  Thread.sleep(1000);
                  Running r = running;
                  Cases.Case now = r == null ? null : r.cases.now();
                  if (now != null && now.hangs()) {
                    Broken hung = new Broken("it hung for " + Cases.HUNG_SECONDS + " s");
                    hung.setStackTrace(now.thread().getStackTrace());
                    keep(r.folder, r.trial, r.seed, r.cases, hung);
                    r.state.add(r.seed, r.cases.ends(), true, Cases.HUNG_SECONDS * 1_000_000_000L);
                    r.state.save(host);
                    Runtime.getRuntime().halt(1);
                  }
                }
              } catch (InterruptedException | IOException e) {
                out.println("Campaign: no longer watched: " + e);
              }
            });
  }
}
