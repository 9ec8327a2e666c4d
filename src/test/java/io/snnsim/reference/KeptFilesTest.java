// SPDX-License-Identifier: Apache-2.0
package io.snnsim.reference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.snnsim.engine.KernelChoice;
import io.snnsim.fixture.RunSums;
import io.snnsim.fixture.SnnBytes;
import io.snnsim.format.ModelContents;
import io.snnsim.store.Mode;
import io.snnsim.store.ModelFile;
import io.snnsim.store.ModelStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A file of each version of the format, never written again: those of versions 1 and 2 are from
 * before version 3 was. Each is a random network with an image and, as {@link RunSums} says it,
 * what came of it on the day in two extra sections.
 */
class KeptFilesTest {
  private static final Path FILES = Path.of("src/test/resources/io/snnsim/store");
  private static final int NEWEST = 4;
  private static final List<String> EXTRAS = List.of("image", "expected");

  /** Of networks whose neurons send in the step that they read. */
  private static final int STEPS = 10;

  @TempDir Path dir;

  private static Path file(int version) {
    return FILES.resolve("version" + version + ".snn");
  }

  /** A new version must leave its file here. */
  @Test
  void everyVersionHasItsFile() throws IOException {
    for (int version = 1; version <= NEWEST; version++) {
      assertEquals(version, SnnBytes.version(Files.readAllBytes(file(version))));
    }
  }

  @ParameterizedTest
  @EnumSource(KernelChoice.class)
  void everyVersionGivesTheBitsOfItsDay(KernelChoice kernel) {
    for (int version = 1; version <= NEWEST; version++) {
      for (Mode mode : Mode.values()) {
        try (ModelFile model = ModelStore.open(file(version), mode)) {
          int code = model.network().codeSteps();
          List<String> found =
              RunSums.of(model.network(), image(model), code > 0 ? code : STEPS, kernel);
          String expected = new String(model.extra("expected"), StandardCharsets.UTF_8);
          assertEquals(expected.lines().toList(), found, "version " + version + " " + mode);
        }
      }
    }
  }

  private static float[] image(ModelFile model) {
    ByteBuffer bytes = ByteBuffer.wrap(model.extra("image")).order(ByteOrder.LITTLE_ENDIAN);
    float[] image = new float[bytes.capacity() / Float.BYTES];
    bytes.asFloatBuffer().get(image);
    return image;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4})
  void writtenAgainItIsTheSameFile(int version) throws IOException {
    Path again = dir.resolve("again.snn");
    try (ModelFile model = ModelStore.open(file(version), Mode.RESIDENT)) {
      Map<String, byte[]> extras = new LinkedHashMap<>();
      for (String name : EXTRAS) {
        extras.put(name, model.extra(name));
      }
      ModelStore.publish(again, new ModelContents(model.network(), extras), false);
    }
    assertArrayEquals(Files.readAllBytes(file(version)), Files.readAllBytes(again));
  }
}
