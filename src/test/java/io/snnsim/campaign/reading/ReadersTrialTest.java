// SPDX-License-Identifier: Apache-2.0
package io.snnsim.campaign.reading;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.snnsim.campaign.Broken;
import io.snnsim.campaign.Cases;
import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The trial finds what is planted, and gives every reader what it reads. */
class ReadersTrialTest {
  private static final long MINUTE = 60_000_000_000L;

  @TempDir Path dir;

  @SuppressWarnings("unchecked")
  private static Target planted() throws ReflectiveOperationException {
    String name = Planted.class.getName();
    CountedClasses classes =
        new CountedClasses(ReadersTrialTest.class.getClassLoader(), List.of(name), List.of(name));
    return ((Supplier<Target>) classes.loadClass(name).getConstructor().newInstance()).get();
  }

  @Test
  void aFaultBehindSeveralBytesIsFoundAndItsWayKept() throws Exception {
    Guided guided = new Guided(planted(), dir.resolve("planted"));
    Cases cases = new Cases(2000);
    Broken found =
        assertThrows(
            Broken.class, () -> guided.batch(new SplittableRandom(1), List.of(), MINUTE, cases));
    assertInstanceOf(IndexOutOfBoundsException.class, found.getCause());
    assertTrue(cases.ends().get("read") > 0, cases.ends().toString());
    // One input for each byte on the way, from which another process goes on.
    try (var files = Files.list(dir.resolve("planted"))) {
      assertTrue(files.count() >= 4);
    }
    Guided again = new Guided(planted(), dir.resolve("planted"));
    Cases more = new Cases(2000);
    assertThrows(Broken.class, () -> again.batch(new SplittableRandom(2), List.of(), MINUTE, more));
    long first = cases.ends().values().stream().mapToLong(n -> n).sum();
    long second = more.ends().values().stream().mapToLong(n -> n).sum();
    assertTrue(second < first, first + ", then " + second);
  }

  private static void broken(Target.Reader reader, String what) {
    Target target = new Target("t", Set.of(Category.BAD_DATA), false, List.of(new byte[1]), reader);
    Broken e =
        assertThrows(
            Broken.class, () -> new Guided(target, null).run(new byte[1], new Cases(2000)));
    assertTrue(e.getMessage().contains(what), e.getMessage());
  }

  @Test
  void everyBrokenPromiseIsSeen() throws IOException {
    broken(b -> new byte[110 << 20].clone(), "of input");
    broken(
        b -> {
          throw new StackOverflowError();
        },
        "StackOverflowError");
    broken(
        b -> {
          throw SnnsimException.usage("not this one's");
        },
        "refused by USAGE");
    broken(
        b -> {
          throw new SnnsimException(Category.BAD_DATA, "late", new OutOfMemoryError());
        },
        "after memory or stack had ended");
    broken(
        b -> {
          ThreadMXBean threads = ManagementFactory.getThreadMXBean();
          long end = threads.getCurrentThreadCpuTime() + 2_100_000_000L;
          while (threads.getCurrentThreadCpuTime() < end) {
            Thread.onSpinWait();
          }
        },
        "of processor time");
    Target sound =
        new Target(
            "t",
            Set.of(Category.BAD_DATA),
            false,
            List.of(new byte[1]),
            b -> {
              throw SnnsimException.badData("as promised");
            });
    Cases cases = new Cases(2000);
    new Guided(sound, null).run(new byte[1], cases);
    assertEquals(1, cases.ends().get("refused"));
  }

  @Tag("slow")
  @Test
  void everyReaderIsFedWhatItReads() throws IOException {
    ReadersTrial trial = new ReadersTrial();
    trial.keepIn(dir);
    int all = trial.targets().size();
    for (int t = 0; t < all; t++) {
      Cases cases = new Cases(2000);
      // On a busy machine a turn is short.
      for (int turn = 0; turn < 100 && cases.ends().size() < 2; turn++) {
        trial.run(t + (long) turn * all, cases);
      }
      String name = trial.targets().get(t).name();
      assertTrue(cases.ends().getOrDefault("read", 0L) > 0, name + cases.ends());
      assertTrue(cases.ends().getOrDefault("refused", 0L) > 0, name + cases.ends());
      assertTrue(trial.edges(t) > 20, name + " reached " + trial.edges(t) + " edges");
    }
  }
}
