// SPDX-License-Identifier: Apache-2.0
package io.snnsim.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import io.snnsim.fixture.Models;
import io.snnsim.fixture.Nets;
import io.snnsim.fixture.RandomNetworks;
import io.snnsim.format.ModelContents;
import io.snnsim.format.SnnReader;
import io.snnsim.geometry.MapShape;
import io.snnsim.network.ConvProjection;
import io.snnsim.network.Network;
import io.snnsim.network.WeightType;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What an opened model is, who owns its memory, and what is refused before it is one. */
class ModelStoreTest {
  private static final byte[] BYTES = Models.fileBytes(RandomNetworks.of(3).network());

  @TempDir Path dir;

  private Path file() throws IOException {
    return Files.write(dir.resolve("net.snn"), BYTES);
  }

  private static SnnsimException refused(Category category, Runnable call) {
    SnnsimException e = assertThrows(SnnsimException.class, call::run);
    assertEquals(category, e.category(), e.getMessage());
    return e;
  }

  private static ConvProjection conv(ModelFile file) {
    return file.network().projections().stream()
        .filter(ConvProjection.class::isInstance)
        .map(ConvProjection.class::cast)
        .findFirst()
        .orElseThrow();
  }

  private static long weights(ConvProjection c) {
    long sum = 0;
    for (byte b : c.weights().toArray(ValueLayout.JAVA_BYTE)) {
      sum = 31 * sum + b;
    }
    return sum;
  }

  @ParameterizedTest
  @EnumSource(Mode.class)
  void anOpenedFileSaysWhatItIs(Mode mode) throws IOException {
    Path path = file();
    try (ModelFile open = ModelStore.open(path, mode)) {
      assertEquals(path, open.path());
      assertEquals(mode, open.mode());
      assertEquals(BYTES.length, open.nativeBytes());
      assertTrue(conv(open).weights().isNative());
    }
  }

  @ParameterizedTest
  @EnumSource(Mode.class)
  void aModelInMemorySaysWhatItIs(Mode mode) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = arena.allocate(BYTES.length, 64).copyFrom(MemorySegment.ofArray(BYTES));
      ModelFile open = ModelStore.of(bytes, "of-a-test.snn", mode);
      assertEquals(Path.of("of-a-test.snn"), open.path());
      assertEquals(mode, open.mode());
      assertEquals(BYTES.length, open.nativeBytes());
      ConvProjection c = conv(open);
      long before = weights(c);
      bytes.fill((byte) 0);
      // What is resident was copied, what is mapped lies where it was given.
      assertEquals(mode == Mode.RESIDENT, before == weights(c));
      open.close();
      if (mode == Mode.RESIDENT) {
        assertThrows(IllegalStateException.class, () -> weights(c));
      } else {
        weights(c);
        assertTrue(bytes.scope().isAlive());
        assertThrows(IllegalArgumentException.class, () -> c.weights().fill((byte) 1));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Mode.class)
  void whatIsDamagedIsRefusedByName(Mode mode) throws IOException {
    byte[] damaged = BYTES.clone();
    damaged[damaged.length - 1] ^= 1;
    Path path = Files.write(dir.resolve("damaged.snn"), damaged);
    assertTrue(
        refused(Category.BAD_DATA, () -> ModelStore.open(path, mode).close())
            .getMessage()
            .startsWith(path.toString()));
    assertTrue(
        refused(
                Category.BAD_DATA,
                () -> ModelStore.of(MemorySegment.ofArray(damaged), "given", mode).close())
            .getMessage()
            .startsWith("given: "));
    Path empty = Files.write(dir.resolve("empty.snn"), new byte[0]);
    assertTrue(
        refused(Category.BAD_DATA, () -> ModelStore.open(empty, mode).close())
            .getMessage()
            .contains("the file is empty"));
    refused(
        Category.BAD_DATA,
        () -> ModelStore.of(MemorySegment.ofArray(new byte[0]), "nothing", mode).close());
  }

  @Test
  void whatIsNoFileIsMissing() {
    Path none = dir.resolve("none.snn");
    for (Mode mode : Mode.values()) {
      assertTrue(
          refused(Category.INPUT_MISSING, () -> ModelStore.open(none, mode).close())
              .getMessage()
              .contains("no such file"));
      assertTrue(
          refused(Category.INPUT_MISSING, () -> ModelStore.open(dir, mode).close())
              .getMessage()
              .contains("not a regular file"));
    }
    refused(Category.INPUT_MISSING, () -> ModelStore.sections(none));
    refused(Category.INPUT_MISSING, () -> ModelStore.sections(dir));
  }

  @Test
  void sectionsAreListedAlsoWhereOneIsDamaged() throws IOException {
    List<SnnReader.SectionInfo> sound = ModelStore.sections(file());
    assertFalse(sound.isEmpty());
    assertTrue(sound.stream().allMatch(SnnReader.SectionInfo::checksumOk));
    byte[] damaged = BYTES.clone();
    SnnReader.SectionInfo last = sound.getLast();
    damaged[Math.toIntExact(last.offset())] ^= 1;
    List<SnnReader.SectionInfo> found =
        ModelStore.sections(Files.write(dir.resolve("damaged.snn"), damaged));
    assertEquals(sound.size(), found.size());
    for (int i = 0; i < found.size(); i++) {
      assertEquals(sound.get(i).offset(), found.get(i).offset());
      assertEquals(i < found.size() - 1, found.get(i).checksumOk(), found.get(i).name());
    }
  }

  /** As long as the network says, whole pages or not: Chronicle's mapping is longer. */
  @Test
  void whatIsPublishedIsWhatTheWriterWrites() throws IOException {
    Path path = dir.resolve("published.snn");
    Models.file(path, RandomNetworks.of(3).network());
    assertEquals(-1, Files.mismatch(file(), path));
  }

  @Test
  void whatBreaksARuleIsNotPublished() throws IOException {
    MapShape one = new MapShape(1, 1, 1);
    // A projection that leads backwards.
    Network network =
        Nets.of(
            List.of(Nets.fire("a", one, false, 5, 0, 1), Nets.fire("b", one, false, 5, 0, 1)),
            List.of(
                ConvProjection.pack(
                    "j", 1, 0, Nets.pointwise(one, 1), WeightType.I8, new int[] {3})));
    Path path = dir.resolve("refused.snn");
    SnnsimException e =
        refused(
            Category.BAD_DATA,
            () -> ModelStore.publish(path, new ModelContents(network, Map.of()), false));
    assertTrue(e.getMessage().startsWith(path.toString()), e.getMessage());
    assertFalse(Files.exists(path));
  }

  @Test
  void aJvmThatMayMapHasNoProblem() {
    assertNull(ModelStore.mappingProblem());
  }
}
