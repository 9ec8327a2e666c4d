// SPDX-License-Identifier: Apache-2.0
package io.snnsim.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import io.snnsim.fixture.Models;
import io.snnsim.fixture.RandomNetworks;
import io.snnsim.network.ConvProjection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** That what is mapped is unmapped: a process may have 65,530 mappings, and a service goes on. */
class MappingTest {
  private static final int OPENINGS = 20_000;
  private static final Path MAPS = Path.of("/proc/self/maps");

  @TempDir private Path dir;
  private Path model;

  @BeforeEach
  void publish() {
    assumeTrue(Files.isReadable(MAPS), "only Linux tells what is mapped");
    model = dir.resolve("opened-often.snn");
    publish(model);
  }

  /** Mappings that are left once Chronicle's own thread, which unmaps too, had time for it. */
  private static long lastingMappings(String name) throws IOException, InterruptedException {
    long left = mappings(name);
    for (int i = 0; left > 0 && i < 1000; i++) {
      Thread.sleep(10);
      left = mappings(name);
    }
    return left;
  }

  private static void publish(Path file) {
    Models.file(file, RandomNetworks.of(3).network());
  }

  private static long mappings(String name) throws IOException {
    try (var lines = Files.lines(MAPS)) {
      // Those of deleted files have their name and "(deleted)".
      return lines.filter(l -> l.contains(name)).count();
    }
  }

  @Tag("slow")
  @Test
  void openAndRefusedFilesLeaveNoMapping() throws IOException, InterruptedException {
    assertEquals(0, lastingMappings("opened-often.snn"), "of publishing");
    try (ModelFile open = ModelStore.open(model, Mode.MAPPED)) {
      assertEquals(Mode.MAPPED, open.mode());
      assertEquals(1, mappings("opened-often.snn"), "the test's own check");
    }
    byte[] bytes = Files.readAllBytes(model);
    bytes[bytes.length / 2] ^= 1;
    Path damaged = Files.write(dir.resolve("refused-often.snn"), bytes);
    for (int i = 0; i < OPENINGS; i += 2) {
      ModelStore.open(model, Mode.MAPPED).close();
      SnnsimException e =
          assertThrows(SnnsimException.class, () -> ModelStore.open(damaged, Mode.MAPPED));
      assertEquals(Category.BAD_DATA, e.category());
    }
    assertEquals(0, mappings("opened-often.snn"));
    assertEquals(0, mappings("refused-often.snn"));
  }

  @Tag("slow")
  @Test
  void neitherDoesPublishing() throws IOException, InterruptedException {
    for (int i = 0; i < 100; i++) {
      publish(dir.resolve("published-often.snn"));
    }
    assertEquals(0, lastingMappings("published-often.snn"));
  }

  @Test
  void weightsCannotBeReadAfterClosing() {
    for (Mode mode : Mode.values()) {
      ModelFile file = ModelStore.open(model, mode);
      ConvProjection conv =
          file.network().projections().stream()
              .filter(ConvProjection.class::isInstance)
              .map(ConvProjection.class::cast)
              .findFirst()
              .orElseThrow();
      file.close();
      file.close();
      assertThrows(IllegalStateException.class, () -> conv.weight(0, 0, 0, 0), mode::name);
    }
  }
}
