// SPDX-License-Identifier: Apache-2.0
package io.snnsim.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import io.snnsim.fixture.Models;
import io.snnsim.fixture.Nets;
import io.snnsim.fixture.SnnBytes;
import io.snnsim.geometry.ConvGeometry;
import io.snnsim.geometry.MapShape;
import io.snnsim.geometry.Window;
import io.snnsim.network.ChannelwiseProjection;
import io.snnsim.network.Network;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Windows with another padding after the map than before it, in files. */
class PaddingAfterTest {
  @TempDir Path dir;

  /** Depthwise 3 x 3, stride 2, nothing before a map of 6 x 5, from which it makes height x 2. */
  private static Network network(int bottom, int height) {
    MapShape from = new MapShape(1, 6, 5);
    MapShape to = new MapShape(1, height, 2);
    ConvGeometry g = new ConvGeometry(from, to, new Window(3, 3, 2, 2, 0, 0, 1, 1, bottom, 0), 1);
    return Nets.of(
        List.of(Nets.fire("a", from, false, 100, 0, 0), Nets.fire("b", to, false, 100, 0, 0)),
        List.of(new ChannelwiseProjection("ab", 0, 1, g, 0, new int[9])));
  }

  private byte[] file(Network network) throws IOException {
    return Files.readAllBytes(Models.file(dir.resolve("m.snn"), network));
  }

  private ModelFile open(byte[] bytes) throws IOException {
    Path path = dir.resolve("copy.snn");
    Files.write(path, bytes);
    return ModelStore.open(path, Mode.RESIDENT);
  }

  /** Rows that the padding makes, the version that says it and what comes back of the padding. */
  @ParameterizedTest
  @CsvSource({"0, 2, 1, 0", "1, 3, 4, 1", "2, 3, 4, 1"})
  void whatIsWrittenComesBack(int bottom, int height, int version, int least) throws IOException {
    byte[] written = file(network(bottom, height));
    assertEquals(version, SnnBytes.version(written));
    try (ModelFile model = open(written)) {
      ConvGeometry g = model.network().projections().getFirst().geometry();
      assertEquals(new MapShape(1, height, 2), g.out());
      assertEquals(new Window(3, 3, 2, 2, 0, 0, 1, 1, least, 0), g.window());
    }
  }

  @Test
  void olderVersionsHaveAsMuchAfterAsBefore() throws IOException {
    byte[] old = SnnBytes.withVersion(file(network(1, 3)), 3);
    SnnsimException e = assertThrows(SnnsimException.class, () -> open(old).close());
    assertEquals(Category.BAD_DATA, e.category());
    assertTrue(e.getMessage().endsWith("output map 3x2, expected 2x2"), e.getMessage());
  }

  /** Its last row would see nothing of the map. */
  @Test
  void aMapThatNoPaddingMakesIsRefused() throws IOException {
    byte[] bytes = SnnBytes.withVersion(file(network(3, 4)), 4);
    SnnsimException e = assertThrows(SnnsimException.class, () -> open(bytes).close());
    assertTrue(e.getMessage().contains("output map 4x2"), e.getMessage());
  }
}
