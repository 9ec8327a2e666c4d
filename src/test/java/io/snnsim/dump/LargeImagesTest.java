// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump;

import static io.snnsim.fixture.DumpFiles.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import io.snnsim.fixture.Npy;
import io.snnsim.geometry.MapShape;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.stream.IntStream;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images that are too many for memory stay in their file, and are the same images. */
class LargeImagesTest {
  private static final MapShape SHAPE = new MapShape(1, 128, 128);
  private static final int EACH = 128 * 128 * 4;

  /** A little more than is kept. */
  private static final int N = (int) (NpyRows.MOST_KEPT / EACH) + 3;

  @TempDir Path dir;

  private static float pixel(int image, int at) {
    return ((image * 31 + at * 7) % 1024) / 1024f;
  }

  private static byte[] image(int image) {
    ByteBuffer b = ByteBuffer.allocate(EACH).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < EACH / 4; i++) {
      b.putFloat(pixel(image, i));
    }
    return b.array();
  }

  private static void array(OutputStream out, int broken) throws IOException {
    out.write(Npy.file(1, Npy.header("<f4", false, new long[] {N, 128, 128}), new byte[0]));
    for (int i = 0; i < N; i++) {
      byte[] bytes = image(i);
      if (i == broken) {
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putFloat(40, Float.NaN);
      }
      out.write(bytes);
    }
  }

  private static byte[] labels() {
    byte[] each = new byte[N];
    for (int i = 0; i < N; i++) {
      each[i] = (byte) (i % 10);
    }
    return Npy.of("|u1", each, N);
  }

  private Path npz(boolean deflated, int broken) throws IOException {
    Path file = dir.resolve(deflated ? "deflated.npz" : "stored.npz");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      zip.setLevel(1);
      ZipEntry images = new ZipEntry("images.npy");
      if (!deflated) {
        java.io.ByteArrayOutputStream all = new java.io.ByteArrayOutputStream(N * EACH + 128);
        array(all, broken);
        CRC32 crc = new CRC32();
        crc.update(all.toByteArray());
        images.setMethod(ZipEntry.STORED);
        images.setSize(all.size());
        images.setCrc(crc.getValue());
        zip.putNextEntry(images);
        all.writeTo(zip);
      } else {
        zip.putNextEntry(images);
        array(zip, broken);
      }
      zip.putNextEntry(new ZipEntry("labels.npy"));
      zip.write(labels());
    }
    return file;
  }

  private Path npy() throws IOException {
    Path file = dir.resolve("x_test.npy");
    try (OutputStream out = Files.newOutputStream(file)) {
      array(out, -1);
    }
    Files.write(dir.resolve("y_test.npy"), labels());
    return file;
  }

  private static void requireAll(ImageSet set) {
    assertEquals(N, set.count());
    assertEquals(4, set.label(14));
    IntStream.of(N - 1, 0, 7, 500, 3)
        .parallel()
        .forEach(
            i -> {
              float[] into = new float[SHAPE.size()];
              set.read(i, into);
              float[] expected = new float[into.length];
              for (int k = 0; k < expected.length; k++) {
                expected[k] = pixel(i, k);
              }
              assertArrayEquals(expected, into);
            });
  }

  @Test
  void anyKindOfFileGivesTheSameImages() throws IOException {
    requireAll(ImageSet.read(npz(false, -1), SHAPE));
    requireAll(ImageSet.read(npz(true, -1), SHAPE));
    requireAll(ImageSet.read(npy(), SHAPE));
  }

  @Test
  void imagesThatAreManyAreNotInMemory() throws IOException {
    for (boolean deflated : new boolean[] {false, true}) {
      try (NpzFile npz = NpzFile.open(npz(deflated, -1))) {
        NpyRows rows = npz.rows("images", Integer.MAX_VALUE);
        assertFalse(rows.kept());
        assertEquals(1, rows.holding(5).shape()[0]);
        assertTrue(npz.rows("images", 10).kept());
      }
    }
  }

  @Test
  void aPixelThatIsNoNumberIsNamedWhenItsImageIsRead() throws IOException {
    ImageSet set = ImageSet.read(npz(false, 600), SHAPE);
    float[] into = new float[SHAPE.size()];
    set.read(599, into);
    SnnsimException e = assertThrows(SnnsimException.class, () -> set.read(600, into));
    assertEquals(Category.BAD_DATA, e.category());
    assertTrue(
        e.getMessage().contains("found NaN at element " + (600L * 128 * 128 + 10)), e.getMessage());
  }

  @Test
  void aFileThatBecomesShorterIsNamed() throws IOException {
    Path file = npy();
    ImageSet set = ImageSet.read(file, SHAPE);
    try (FileChannel c = FileChannel.open(file, StandardOpenOption.WRITE)) {
      c.truncate(EACH * 3L);
    }
    float[] into = new float[SHAPE.size()];
    set.read(1, into);
    SnnsimException e = assertThrows(SnnsimException.class, () -> set.read(4, into));
    assertEquals(Category.IO, e.category());
    assertTrue(e.getMessage().contains("x_test.npy: row 4 cannot be read"), e.getMessage());
  }

  @Test
  void damageIsFoundWhereAllIsInflated() throws IOException {
    Path file = npz(true, -1);
    byte[] bytes = Files.readAllBytes(file);
    // The checksum of the first entry in the central directory.
    for (int i = bytes.length - 22; ; i--) {
      if (ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt(i) == 0x02014b50
          && bytes[i + 46] == 'i') {
        bytes[i + 16] ^= 1;
        break;
      }
    }
    Files.write(file, bytes);
    refused(() -> ImageSet.read(file, SHAPE), "[images]: found checksum");
  }

  @Test
  void aSingleArrayIsReadWithItsLabelsOrWithout() throws IOException {
    Path images = dir.resolve("photos.npy");
    Files.write(images, Npy.of("|u1", new byte[] {0, 51, 102, (byte) 255, 1, 2, 3, 4}, 2, 2, 2));
    MapShape grey = new MapShape(1, 2, 2);
    ImageSet set = ImageSet.read(images, grey);
    assertFalse(set.labelled());
    assertTrue(set.notes().getFirst().contains("give them by --labels"), set.notes().toString());
    float[] into = new float[4];
    set.read(0, into);
    assertArrayEquals(new float[] {0, 51 / 255f, 102 / 255f, 1}, into);

    Path labels = dir.resolve("classes.npy");
    Files.write(labels, Npy.of("|u1", new byte[] {7, 9}, 2));
    ImageOptions given = new ImageOptions(1, false, labels, null, null, false);
    assertEquals(7, ImageSet.read(images, grey, given).label(0));
    Files.write(labels, Npy.of("|u1", new byte[] {7, 9, 1}, 3));
    refused(
        () -> ImageSet.read(images, grey, given),
        "classes.npy: found shape [3], expected [2], one label an image");
    Files.write(labels, new byte[] {1, 2, 3});
    refused(() -> ImageSet.read(images, grey, given), "classes.npy: this is no NumPy array");
    assertTrue(ImageSet.size(images, given)[1] == 2);
  }
}
