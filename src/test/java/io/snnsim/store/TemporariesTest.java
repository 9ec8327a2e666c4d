// SPDX-License-Identifier: Apache-2.0
package io.snnsim.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.snnsim.fixture.Bundled;
import io.snnsim.fixture.Models;
import io.snnsim.fixture.ProgramProcess;
import io.snnsim.fixture.PublishingAtTheEnd;
import io.snnsim.fixture.RandomNetworks;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What killed processes leave is taken away, what others are writing is not. */
class TemporariesTest {
  private static final String SELF = "-" + ProcessHandle.current().pid() + "-";

  @TempDir Path dir;

  /** A temporary name that is like this process's own but for its number. */
  private Path of(long pid) throws IOException {
    return Files.writeString(
        dir.resolve(Temporaries.name("m.snn").replace(SELF, "-" + pid + "-")), "half");
  }

  private static Process sleeping() throws IOException {
    return new ProcessBuilder("sleep", "600").start();
  }

  private static long startOf(Process p) {
    return p.info().startInstant().orElseThrow().getEpochSecond();
  }

  @Test
  void filesOfDeadProcessesAreSweptWhenAnotherFileIsPublished() throws Exception {
    Process killed = sleeping();
    killed.destroyForcibly().waitFor();
    of(killed.pid());
    of(killed.pid());
    AtomicFile.write(dir.resolve("other.npz"), false, out -> out.write(1));
    assertEquals(List.of("other.npz"), Bundled.files(dir));
  }

  @Test
  void filesOfProcessesAtWorkAreKept() throws Exception {
    Path own = Files.createFile(dir.resolve(Temporaries.name("m.snn")));
    Process other = sleeping();
    try {
      String start = own.getFileName().toString().replaceFirst(".*" + SELF + "(\\d+)-.*", "$1");
      Path theirs =
          Files.createFile(
              dir.resolve(
                  own.getFileName()
                      .toString()
                      .replace(SELF + start, "-" + other.pid() + "-" + startOf(other))));
      assertEquals(0, Temporaries.sweep(dir));
      other.destroyForcibly().waitFor();
      assertEquals(1, Temporaries.sweep(dir));
      assertEquals(List.of(own.getFileName().toString()), Bundled.files(dir));
      assertNotEquals(own, theirs);
    } finally {
      other.destroyForcibly();
    }
  }

  /** Numbers of processes are used again; who began later did not write the file. */
  @Test
  void aLaterProcessOfTheSameNumberKeepsNothing() throws Exception {
    Process other = sleeping();
    try {
      String name = Temporaries.name("m.snn");
      long before = startOf(other) - 3600;
      name = name.replaceFirst(SELF + "\\d+", "-" + other.pid() + "-" + before);
      Files.createFile(dir.resolve(name));
      assertEquals(1, Temporaries.sweep(dir));
    } finally {
      other.destroyForcibly();
    }
  }

  /** Who shares the folder over a network, or an earlier boot, has processes that nobody knows. */
  @Test
  void filesOfOtherHostsAreKeptForADay() throws Exception {
    String own = Temporaries.name("m.snn");
    String other = own.replaceFirst("snnsim-[0-9a-f]{8}", "snnsim-0123abcd");
    Path file = Files.createFile(dir.resolve(other.replace(SELF, "-1-")));
    assertEquals(0, Temporaries.sweep(dir));
    Instant old = Instant.now().minus(Duration.ofHours(25));
    Files.setLastModifiedTime(file, FileTime.from(old));
    assertEquals(1, Temporaries.sweep(dir));
  }

  @Test
  void whatOnlyLooksLikeOursIsKept() throws Exception {
    Process killed = sleeping();
    killed.destroyForcibly().waitFor();
    Path stale = of(killed.pid());
    String name = stale.getFileName().toString();
    Files.delete(stale);
    Files.createDirectory(stale);
    Path other = Files.writeString(dir.resolve("kept"), "");
    Files.createSymbolicLink(dir.resolve(name.replace(".tmp", "0.tmp")), other);
    Files.createFile(dir.resolve(name.substring(1)));
    Files.createFile(dir.resolve(name + "x"));
    Files.createFile(dir.resolve(".m.snn.123456.tmp"));
    List<String> before = Bundled.files(dir);
    assertEquals(0, Temporaries.sweep(dir));
    assertEquals(before, Bundled.files(dir));
  }

  @Test
  void foldersOfDeadProcessesAreSweptWithWhatIsInThem() throws Exception {
    String place = System.setProperty("java.io.tmpdir", dir.toString());
    try {
      Process killed = sleeping();
      killed.destroyForcibly().waitFor();
      Path stale = Temporaries.folder("sweep");
      Files.createFile(stale.resolve("0.snn"));
      Path other = Files.createDirectory(dir.resolve("other"));
      Path kept = Files.createFile(other.resolve("kept"));
      String name = stale.getFileName().toString().replace(SELF, "-" + killed.pid() + "-");
      Files.move(stale, dir.resolve(name));
      Files.createSymbolicLink(dir.resolve(name.replace(".tmp", "0.tmp")), other);
      Path own = Temporaries.folder("sweep");
      assertFalse(Files.exists(dir.resolve(name)));
      assertTrue(Files.exists(kept));
      Path second = Temporaries.folder("sweep");
      assertTrue(Files.isDirectory(own) && Files.isDirectory(second));
      Temporaries.delete(own);
      assertFalse(Files.exists(own));
    } finally {
      System.setProperty("java.io.tmpdir", place);
    }
  }

  @Test
  void theLongestNamesCanBePublished() throws IOException {
    for (String letter : List.of("m", "ü", "層", "\uD83D\uDE00")) {
      int bytes = letter.getBytes(StandardCharsets.UTF_8).length;
      Path target = dir.resolve(letter.repeat(255 / bytes));
      AtomicFile.write(target, false, out -> out.write(1));
      assertEquals(1, Files.size(target));
    }
    assertEquals(4, Bundled.files(dir).size());
  }

  /** A library that the process's end takes by surprise prints no stack, and nothing is left. */
  @Test
  void aModelIsNotBegunWhileTheProcessEnds() throws Exception {
    Path source = dir.resolve("source.snn");
    byte[] bytes = Models.bytes(RandomNetworks.of(1).network()).toArray(ValueLayout.JAVA_BYTE);
    Files.write(source, bytes);
    Path log = dir.resolve("log");
    List<String> command = new java.util.ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ProgramProcess.ALL);
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(PublishingAtTheEnd.class.getName());
    command.addAll(List.of(source.toString(), dir.resolve("target.snn").toString()));
    Process child =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    assertEquals(PublishingAtTheEnd.CODE, child.waitFor());
    String said = Files.readString(log);
    assertTrue(said.contains("refused as INTERRUPTED"), said);
    assertTrue(said.lines().noneMatch(l -> l.startsWith("\tat ")), said);
    assertEquals(List.of("log", "source.snn"), Bundled.files(dir));
  }
}
