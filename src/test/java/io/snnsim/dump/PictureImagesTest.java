// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump;

import static io.snnsim.fixture.DumpFiles.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import io.snnsim.fixture.Mutations;
import io.snnsim.geometry.MapShape;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Folders and lists of pictures: classes, sizes, colours, and files that are no pictures. */
class PictureImagesTest {
  private static final MapShape RGB = new MapShape(3, 4, 6);

  @TempDir Path dir;

  private static BufferedImage picture(int type, int width, int height, int rgb) {
    BufferedImage image = new BufferedImage(width, height, type);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        image.setRGB(x, y, rgb + 0x010000 * x + y);
      }
    }
    return image;
  }

  private Path write(String name, BufferedImage image) throws IOException {
    Path file = dir.resolve(name);
    Files.createDirectories(file.getParent());
    assertTrue(ImageIO.write(image, name.endsWith("png") ? "png" : "jpg", file.toFile()));
    return file;
  }

  private Path plain(String name, int rgb) throws IOException {
    return write(name, picture(BufferedImage.TYPE_INT_RGB, 6, 4, rgb));
  }

  private static ImageOptions options(int most, int[] resize, int[] crop, boolean skipBad) {
    return new ImageOptions(most, false, null, resize, crop, skipBad);
  }

  @Test
  void classesAreFoldersInTheOrderOfTheirNamesAndTakeTurns() throws IOException {
    plain("d/dog/a.png", 0x203040);
    plain("d/cat/b.png", 0x102030);
    plain("d/cat/c.png", 0x405060);
    Files.createDirectories(dir.resolve("d/emu"));
    Files.writeString(dir.resolve("d/.hidden"), "no part of it");
    ImageSet set = ImageSet.read(dir.resolve("d"), RGB);
    assertEquals(3, set.count());
    assertEquals(List.of(0, 1, 0), List.of(set.label(0), set.label(1), set.label(2)));
    assertEquals(3, set.classes());
    assertEquals(List.of("1 classes have no images: emu"), set.notes());
    float[] into = new float[RGB.size()];
    set.read(1, into);
    assertEquals((0x20 + 5) / 255f, into[2 * 6 + 5]);
    assertEquals(0x30 / 255f, into[24 + 2 * 6 + 5]);
    assertEquals((0x40 + 2) / 255f, into[48 + 2 * 6 + 5]);
    assertEquals(2, ImageSet.read(dir.resolve("d"), RGB, 2).count());
  }

  @Test
  void listsAndSinglePicturesAreRead() throws IOException {
    Path one = plain("p/a b.png", 0x203040);
    plain("q.png", 0x506070);
    Path list = Files.writeString(dir.resolve("l.txt"), "# pictures\np/a b.png 7\n\nq.png\t2\n");
    ImageSet set = ImageSet.read(list, RGB);
    assertEquals(List.of(7, 2), List.of(set.label(0), set.label(1)));
    assertEquals(List.of(one, dir.resolve("q.png")), set.files());
    Path bare = Files.writeString(dir.resolve("bare.txt"), "p/a b.png\nq.png\n");
    assertFalse(ImageSet.read(bare, RGB).labelled());
    assertEquals(1, ImageSet.read(one, RGB).count());
    Path mixed = Files.writeString(dir.resolve("m.txt"), "q.png 1\nq.png\n");
    refused(() -> ImageSet.read(mixed, RGB), mixed + ", line 2: found a path without a class");
    Path gone = Files.writeString(dir.resolve("g.txt"), "none.png 1\n");
    refused(Category.INPUT_MISSING, () -> ImageSet.read(gone, RGB), "none.png: no such file");
    Path binary = Files.write(dir.resolve("b.txt"), new byte[] {(byte) 0xff, (byte) 0xfe, 0});
    refused(() -> ImageSet.read(binary, RGB), binary + ": found bytes that are no UTF-8");
    Path root = Files.writeString(dir.resolve("r.txt"), "/\n");
    refused(() -> ImageSet.read(root, RGB), root + ": found 1 files that are no PNG or JPEG, /,");
    Path empty = Files.writeString(dir.resolve("e.txt"), "\n");
    refused(() -> ImageSet.read(empty, RGB), empty + ": found no pictures");
  }

  @Test
  void filesThatAreNoPicturesAreNamedAndCounted() throws IOException {
    plain("d/a/1.png", 0x203040);
    plain("d/b/2.png", 0x203040);
    Files.writeString(dir.resolve("d/a/notes.txt"), "hello");
    Files.write(dir.resolve("d/b/x.gif"), "GIF89a".getBytes());
    byte[] whole = Files.readAllBytes(dir.resolve("d/a/1.png"));
    Path cut = Files.write(dir.resolve("d/b/cut.png"), Arrays.copyOf(whole, 60));
    Path folder = dir.resolve("d");
    refused(
        () -> ImageSet.read(folder, RGB),
        folder + ": found 2 files that are no PNG or JPEG, notes.txt, x.gif, expected pictures",
        "--skip-bad");
    ImageSet set = ImageSet.read(folder, RGB, options(9, null, null, true));
    assertEquals(2, set.count());
    assertEquals(1, set.label(1));
    assertEquals(
        List.of("left out 3 files that are no PNG or JPEG, notes.txt, cut.png, x.gif"),
        set.notes());
    refused(() -> ImageSet.read(cut, RGB), cut + ": found a picture that cannot be decoded");
    Files.writeString(folder.resolve("stray.txt"), "");
    refused(() -> ImageSet.read(folder, RGB), "found 1 files beside the folders of classes, stray");
  }

  @Test
  void cutJpegsAreFoundOut() throws IOException {
    Path whole = write("w.jpg", picture(BufferedImage.TYPE_INT_RGB, 60, 40, 0x203040));
    ImageOptions fit = options(1, new int[] {4, 6}, null, false);
    assertEquals(1, ImageSet.read(whole, RGB, fit).count());
    byte[] bytes = Files.readAllBytes(whole);
    Path cut = Files.write(dir.resolve("c.jpg"), Arrays.copyOf(bytes, bytes.length - 40));
    refused(() -> ImageSet.read(cut, RGB, fit), cut + ": found a picture that is cut off");
  }

  @Test
  void damagedPicturesAreDecodedOrRefused() throws IOException {
    Random random = new Random(7);
    for (String name : new String[] {"w.png", "w.jpg"}) {
      Path file = write(name, picture(BufferedImage.TYPE_INT_RGB, 16, 16, 0x203040));
      byte[] bytes = Files.readAllBytes(file);
      int refusals = 0;
      for (int k = 0; k < 200; k++) {
        byte[] bad = bytes.clone();
        for (int f = 0; f < 3; f++) {
          bad[4 + random.nextInt(bad.length - 4)] = (byte) random.nextInt(256);
        }
        Files.write(file, bad);
        try {
          ImageSet.read(file, RGB, options(1, new int[] {4, 6}, null, false));
        } catch (SnnsimException e) {
          assertEquals(Category.BAD_DATA, e.category());
          refusals++;
        }
      }
      assertTrue(refusals > 0, name);
    }
  }

  /** Folders in which some pictures are damaged are read, or refused in a line that names one. */
  @Test
  void damagedFoldersAreReadOrRefusedInALine() throws IOException {
    Path folder = dir.resolve("classes");
    List<Path> files = new ArrayList<>();
    List<byte[]> sound = new ArrayList<>();
    for (String name : List.of("cat/a.jpg", "cat/b.jpg", "dog/c.jpg", "dog/d.png")) {
      int side = 16 + 8 * files.size();
      BufferedImage image = picture(BufferedImage.TYPE_INT_RGB, side, side, 0x203040);
      files.add(write("classes/" + name, image));
      sound.add(Files.readAllBytes(files.getLast()));
    }
    int read = 0;
    int refused = 0;
    for (int seed = 0; seed < Mutations.rounds(400); seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      for (int k = 0; k < files.size(); k++) {
        byte[] bytes = sound.get(k);
        Files.write(files.get(k), random.nextBoolean() ? Mutations.damaged(bytes, random) : bytes);
      }
      boolean skipBad = random.nextInt(4) == 0;
      try {
        ImageSet set = ImageSet.read(folder, RGB, options(9, new int[] {4, 6}, null, skipBad));
        float[] pixels = new float[RGB.size()];
        for (int i = 0; i < set.count(); i++) {
          set.read(i, pixels);
        }
        read++;
      } catch (SnnsimException e) {
        assertEquals(Category.BAD_DATA, e.category(), "seed " + seed + ": " + e.getMessage());
        assertEquals(1, e.getMessage().lines().count(), "seed " + seed + ": " + e.getMessage());
        assertTrue(e.getMessage().contains(folder.toString()), e.getMessage());
        refused++;
      }
    }
    assertTrue(read > 50 && refused > 50, read + " read, " + refused + " refused");
  }

  @Test
  void greyAndColourBecomeWhatTheNetworkTakes() throws IOException {
    BufferedImage grey = new BufferedImage(6, 4, BufferedImage.TYPE_BYTE_GRAY);
    grey.getRaster().setSample(3, 2, 0, 77);
    Path file = write("g.png", grey);
    float[] into = new float[RGB.size()];
    ImageSet.read(file, RGB).read(0, into);
    for (int c = 0; c < 3; c++) {
      assertEquals(77 / 255f, into[c * 24 + 2 * 6 + 3], "as stored, not by a colour profile");
    }
    float[] one = new float[24];
    ImageSet.read(plain("c.png", 0x203040), new MapShape(1, 4, 6)).read(0, one);
    assertEquals(Math.round(0.299 * 0x20 + 0.587 * 0x30 + 0.114 * 0x40) / 255f, one[0]);
    Path clear = write("t.png", picture(BufferedImage.TYPE_INT_ARGB, 6, 4, 0x00203040));
    ImageSet.read(clear, RGB).read(0, into);
    assertEquals(0x20 / 255f, into[0], "transparency is left out");
    refused(() -> ImageSet.read(file, new MapShape(2, 4, 6)), "expected images of 2 channels");
  }

  @Test
  void picturesAreResizedAndCropped() throws IOException {
    Path file = write("w.png", picture(BufferedImage.TYPE_INT_RGB, 12, 8, 0x203040));
    refused(
        () -> ImageSet.read(file, RGB),
        file + ": found 8x12 pixels, expected 4x6; use --resize 4x6");
    float[] into = new float[RGB.size()];
    ImageSet.read(file, RGB, options(1, null, new int[] {4, 6}, false)).read(0, into);
    assertEquals((0x20 + 3) / 255f, into[0], "the middle begins three pixels in");
    ImageSet.read(file, RGB, options(1, new int[] {4}, null, false)).read(0, into);
    assertEquals((0x20 + 5) / 255f, into[2], 0.6f / 255, "the mean of columns 4 and 5");
    refused(
        () -> ImageSet.read(file, RGB, options(1, new int[] {2}, new int[] {4}, false)),
        "found 2x3 pixels after --resize, of which --crop takes 4x4, expected 4x6");
    MapShape large = new MapShape(3, 224, 224);
    refused(() -> ImageSet.read(file, large), "use --resize 256 --crop 224");
    refused(
        () -> ImageSet.read(file, large, options(1, new int[] {16384}, null, false)),
        "pixels after --resize, expected at most");
  }

  @Test
  void resamplingKeepsConstantsAndMeansAndMirrors() {
    byte[] flat = new byte[35];
    Arrays.fill(flat, (byte) 200);
    byte[] grown = Resampling.resize(flat, 7, 5, 13, 3);
    byte[] all = new byte[39];
    Arrays.fill(all, (byte) 200);
    assertArrayEquals(all, grown);
    // Triangle of reach 2 about 1.0: weights 3, 3, 1 of 7; about 3.0 mirrored.
    byte[] line = {0, 70, (byte) 140, (byte) 210};
    assertArrayEquals(new byte[] {50, (byte) 160}, Resampling.resize(line, 4, 1, 2, 1));
    assertArrayEquals(new byte[] {50, (byte) 160}, Resampling.resize(line, 1, 4, 1, 2));
    // Twice as large: quarters between neighbours, edges stay.
    assertArrayEquals(
        new byte[] {0, 25, 75, 100}, Resampling.resize(new byte[] {0, 100}, 2, 1, 4, 1));
  }
}
