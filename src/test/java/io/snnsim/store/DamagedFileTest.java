// SPDX-License-Identifier: Apache-2.0
package io.snnsim.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import io.snnsim.fixture.Nets;
import io.snnsim.format.ModelContents;
import io.snnsim.geometry.ConvGeometry;
import io.snnsim.geometry.MapShape;
import io.snnsim.geometry.Window;
import io.snnsim.network.ConvProjection;
import io.snnsim.network.InputStage;
import io.snnsim.network.Network;
import io.snnsim.network.Population;
import io.snnsim.network.Precision;
import io.snnsim.network.WeightType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** No damaged or foreign file is taken for a model, and publishing leaves nothing half-written. */
class DamagedFileTest {
  @TempDir Path dir;

  static ModelContents tiny() {
    Population a = Nets.fire("a", new MapShape(2, 1, 1), false, 100, 0, 0);
    Population b = Nets.fire("b", new MapShape(1, 1, 1), false, 100, 0, 0);
    ConvGeometry g =
        new ConvGeometry(
            new MapShape(2, 1, 1), new MapShape(1, 1, 1), new Window(1, 1, 1, 1, 0, 0, 1, 1), 1);
    ConvGeometry in =
        new ConvGeometry(
            new MapShape(1, 1, 1), new MapShape(2, 1, 1), new Window(1, 1, 1, 1, 0, 0, 1, 1), 1);
    InputStage input =
        new InputStage(
            new MapShape(1, 1, 1),
            new float[] {0},
            new float[] {1},
            List.of(
                new InputStage.AnalogProjection(
                    "in", 0, in, new float[] {50, 90}, new float[2], -1000, 1000)));
    Network n =
        new Network(
            "tiny",
            Precision.I8,
            input,
            List.of(a, b),
            List.of(ConvProjection.pack("ab", 0, 1, g, WeightType.I8, new int[] {60, -7})),
            1);
    return new ModelContents(n, Map.of(ModelContents.PROVENANCE, "{}".getBytes()));
  }

  private Path published() {
    Path file = dir.resolve("t.snn");
    ModelStore.publish(file, tiny(), true);
    return file;
  }

  private void refused(byte[] bytes, String what) throws IOException {
    Path file = dir.resolve("bad.snn");
    Files.write(file, bytes);
    SnnsimException e =
        assertThrows(
            SnnsimException.class, () -> ModelStore.open(file, Mode.RESIDENT).close(), what);
    assertEquals(Category.BAD_DATA, e.category(), what);
    assertTrue(e.getMessage().startsWith(file.toString()), e.getMessage());
    assertEquals(-1, e.getMessage().indexOf('\n'), what);
  }

  @Tag("slow")
  @Test
  void everyFlippedBitIsFound() throws IOException {
    byte[] good = Files.readAllBytes(published());
    for (int i = 0; i < good.length; i++) {
      byte[] bad = good.clone();
      bad[i] ^= (byte) (1 << i % 8);
      refused(bad, "byte " + i);
    }
  }

  @Tag("slow")
  @Test
  void everyTruncationIsFoundAndSoIsAnExtraByte() throws IOException {
    byte[] good = Files.readAllBytes(published());
    for (int n = 0; n < good.length; n++) {
      refused(Arrays.copyOf(good, n), "length " + n);
    }
    refused(Arrays.copyOf(good, good.length + 1), "one byte more");
  }

  @Test
  void roundTripKeepsTheNetwork() {
    try (ModelFile file = ModelStore.open(published(), Mode.MAPPED)) {
      ConvProjection c = (ConvProjection) file.network().projections().getFirst();
      assertEquals(60, c.weight(0, 0, 0, 0));
      assertEquals(-7, c.weight(0, 1, 0, 0));
      assertEquals("tiny", file.network().name());
      assertEquals("{}", new String(file.extra(ModelContents.PROVENANCE)));
    }
  }

  @Test
  void existingOutputIsKeptWithoutForce() throws IOException {
    Path file = published();
    byte[] before = Files.readAllBytes(file);
    SnnsimException e =
        assertThrows(SnnsimException.class, () -> ModelStore.publish(file, tiny(), false));
    assertEquals(Category.IO, e.category());
    assertEquals(0, Arrays.compare(before, Files.readAllBytes(file)));
    try (var list = Files.list(dir)) {
      assertEquals(1, list.count(), "no temporary file stays");
    }
  }

  @Test
  void missingFileAndMissingFolderAreNamed() {
    SnnsimException missing =
        assertThrows(
            SnnsimException.class,
            () -> ModelStore.open(dir.resolve("none.snn"), Mode.RESIDENT).close());
    assertEquals(Category.INPUT_MISSING, missing.category());
    SnnsimException folder =
        assertThrows(
            SnnsimException.class,
            () -> ModelStore.publish(dir.resolve("no/such/m.snn"), tiny(), false));
    assertEquals(Category.IO, folder.category());
  }
}
