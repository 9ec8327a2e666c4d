// SPDX-License-Identifier: Apache-2.0
package io.snnsim.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A published file is the old one or the new one, and nothing else stays. */
class AtomicFileTest {
  @TempDir Path dir;

  private Path target() {
    return dir.resolve("out.bin");
  }

  private static void text(Path target, boolean force, String text) {
    AtomicFile.write(target, force, out -> out.write(text.getBytes()));
  }

  private static SnnsimException refused(Runnable action) {
    SnnsimException e = assertThrows(SnnsimException.class, action::run);
    assertEquals(Category.IO, e.category());
    assertFalse(e.getMessage().contains("\n"), e.getMessage());
    return e;
  }

  private List<String> files() throws IOException {
    try (var list = Files.list(dir)) {
      return list.map(p -> p.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void existingFilesAreKeptWithoutForceAndReplacedWithIt() throws IOException {
    text(target(), false, "old");
    assertTrue(refused(() -> text(target(), false, "new")).getMessage().contains("--force"));
    assertEquals("old", Files.readString(target()));
    text(target(), true, "new");
    assertEquals("new", Files.readString(target()));
    assertEquals(List.of("out.bin"), files());
  }

  @Test
  void aFailureKeepsTheOldFileAndLeavesNoTemporaryOne() throws IOException {
    text(target(), false, "old");
    SnnsimException e =
        refused(
            () ->
                AtomicFile.write(
                    target(),
                    true,
                    out -> {
                      out.write(new byte[1 << 20]);
                      throw new IOException("No space left on device");
                    }));
    assertTrue(e.getMessage().startsWith(target().toString()), e.getMessage());
    assertTrue(e.getMessage().contains("No space left on device"), e.getMessage());
    assertEquals("old", Files.readString(target()));
    assertEquals(List.of("out.bin"), files());
  }

  /** Writers of pictures wrap what the disk says. */
  @Test
  void theFirstCauseIsNamed() throws IOException {
    IOException full = new IOException("No space left on device");
    SnnsimException e =
        refused(
            () ->
                AtomicFile.write(
                    target(),
                    false,
                    out -> {
                      throw new IOException("I/O error writing PNG file!", full);
                    }));
    assertTrue(e.getMessage().contains("No space left on device"), e.getMessage());
    assertEquals(List.of(), files());
  }

  @Test
  void aNameThatIsTakenMeanwhileIsNotOverwritten() throws IOException {
    SnnsimException e =
        refused(
            () ->
                AtomicFile.write(
                    target(),
                    false,
                    out -> {
                      out.write('n');
                      Files.writeString(target(), "someone else's");
                    }));
    assertTrue(e.getMessage().contains("--force"), e.getMessage());
    assertEquals("someone else's", Files.readString(target()));
    assertEquals(List.of("out.bin"), files());
  }

  @Test
  void foldersDevicesAndMissingFoldersAreRefused() throws IOException, InterruptedException {
    assertTrue(refused(() -> text(dir, true, "")).getMessage().contains("folder"));
    assertTrue(
        refused(() -> text(dir.resolve("none/x"), false, "")).getMessage().contains("make it"));
    // Not /dev/null: where the check is broken, as mutation tests do, root would replace it.
    Path pipe = dir.resolve("pipe");
    if (Files.exists(Path.of("/dev/null"))) {
      assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
      assertTrue(refused(() -> text(pipe, true, "")).getMessage().contains("a device or a pipe"));
      assertTrue(Files.exists(pipe));
      assertFalse(Files.isRegularFile(pipe));
    }
  }

  /** Before long work: what it would be refused for in the end, and nothing else happens. */
  @Test
  void aCheckRefusesWhatPublishingWouldAndLeavesNothing() throws IOException {
    AtomicFile.check(target(), false);
    assertEquals(List.of(), files());
    refused(() -> AtomicFile.check(dir, true));
    refused(() -> AtomicFile.check(dir.resolve("none/x"), true));
    text(target(), false, "old");
    refused(() -> AtomicFile.check(target(), false));
    AtomicFile.check(target(), true);
    assertEquals("old", Files.readString(target()));
    assertEquals(List.of("out.bin"), files());
    // Not even those who may write anywhere may write here.
    Path system = Path.of("/proc/self/out.bin");
    if (Files.isDirectory(system.getParent())) {
      String message = refused(() -> AtomicFile.check(system, false)).getMessage();
      assertEquals(
          system + ": cannot be written: no file can be made in /proc/self; nothing was changed",
          message);
    }
  }

  /** A link that leads nowhere is a name that is taken. */
  @Test
  void aLinkThatLeadsNowhereIsKeptWithoutForceAndReplacedWithIt() throws IOException {
    Files.createSymbolicLink(target(), dir.resolve("nowhere"));
    refused(() -> text(target(), false, "new"));
    assertTrue(Files.isSymbolicLink(target()));
    text(target(), true, "new");
    assertFalse(Files.isSymbolicLink(target()));
    assertEquals("new", Files.readString(target()));
  }

  @Test
  void theReasonIsNamedWithoutTheTemporaryName() {
    Path target = target();
    String denied =
        AtomicFile.unwritable(target, new AccessDeniedException(".out.bin.tmp")).getMessage();
    assertEquals(
        target + ": cannot be written: no permission to write in " + dir + "; nothing was changed",
        denied);
    String full =
        AtomicFile.unwritable(target, new FileSystemException(".out.bin.tmp", null, "disk full"))
            .getMessage();
    assertEquals(target + ": cannot be written: disk full; nothing was changed", full);
    String bare =
        AtomicFile.unwritable(target, new FileSystemException(".out.bin.tmp")).getMessage();
    assertEquals(
        target + ": cannot be written: the system does not say why; nothing was changed", bare);
  }

  @Test
  void permissionsAreThoseOfAnOrdinaryNewFile() throws IOException {
    Path ordinary = Files.writeString(dir.resolve("ordinary"), "");
    text(target(), false, "");
    if (Files.getFileStore(dir).supportsFileAttributeView("posix")) {
      assertEquals(
          Files.getPosixFilePermissions(ordinary), Files.getPosixFilePermissions(target()));
    }
  }

  @Test
  void abandonRemovesWhatIsHalfWritten() throws IOException {
    refused(
        () ->
            AtomicFile.publish(
                target(),
                false,
                temporary -> {
                  Files.writeString(temporary, "half");
                  AtomicFile.abandon();
                  assertFalse(Files.exists(temporary));
                }));
    assertEquals(List.of(), files());
  }
}
