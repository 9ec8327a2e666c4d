// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump;

import static io.snnsim.fixture.DumpFiles.fixture;
import static io.snnsim.fixture.DumpFiles.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.snnsim.error.Category;
import io.snnsim.fixture.Npy;
import io.snnsim.fixture.Zip;
import io.snnsim.geometry.MapShape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Image files: layouts, types, labels, and what cannot be meant. */
class ImageSetTest {
  /** 3 channels of 2 rows of 4. */
  private static final MapShape RGB = new MapShape(3, 2, 4);

  private static final MapShape GREY = new MapShape(1, 2, 4);
  private static final int N = 3;

  @TempDir Path dir;

  private Path file(Zip zip) throws IOException {
    return Files.write(dir.resolve("i.npz"), zip.bytes());
  }

  /** Signals of 3 channels and 4 values, of which the first counts slower than the second. */
  @ParameterizedTest
  @CsvSource({"3, 4, 5", "4, 3, 7"})
  void signalsMayHaveTheirChannelsFirstOrLast(int first, int second, int at) throws IOException {
    byte[] data = new byte[N * 12];
    for (int i = 0; i < data.length; i++) {
      data[i] = (byte) i;
    }
    Path file = file(Zip.plain().stored("images.npy", Npy.of("|u1", data, N, first, second)));
    float[] into = new float[12];
    ImageSet.read(file, new MapShape(3, 1, 4)).read(1, into);
    // Channel 1, value 1 or 2.
    assertEquals((12 + at) / 255f, into[first == 3 ? 4 + 1 : 4 + 2]);
  }

  private static int pixel(int image, int c, int y, int x) {
    return (image * 83 + c * 41 + y * 17 + x * 3) % 256;
  }

  /** Images in a layout named by the order of its letters. */
  private static byte[] images(String layout, String descr, boolean fortran, int channels) {
    int[] size = new int[layout.length()];
    int total = 1;
    for (int d = 0; d < size.length; d++) {
      size[d] =
          switch (layout.charAt(d)) {
            case 'N' -> N;
            case 'C' -> channels;
            case 'H' -> 2;
            default -> 4;
          };
      total *= size[d];
    }
    ByteBuffer b = ByteBuffer.allocate(total * 8).order(ByteOrder.LITTLE_ENDIAN);
    for (int k = 0; k < total; k++) {
      int[] at = new int[128];
      int rest = k;
      for (int i = 0; i < size.length; i++) {
        int d = fortran ? i : size.length - 1 - i;
        at[layout.charAt(d)] = rest % size[d];
        rest /= size[d];
      }
      int p = pixel(at['N'], at['C'], at['H'], at['W']);
      switch (descr) {
        case "|u1" -> b.put((byte) p);
        case "<f2" -> b.putShort(Float.floatToFloat16(p / 256f));
        case "<f4" -> b.putFloat(p / 256f);
        case "<f8" -> b.putDouble(p / 256.0);
        default -> throw new AssertionError(descr);
      }
    }
    byte[] data = java.util.Arrays.copyOf(b.array(), b.position());
    long[] shape = java.util.Arrays.stream(size).asLongStream().toArray();
    return Npy.file(1, Npy.header(descr, fortran, shape), data);
  }

  private static byte[] labels(int... values) {
    ByteBuffer b = ByteBuffer.allocate(values.length * 4).order(ByteOrder.LITTLE_ENDIAN);
    b.asIntBuffer().put(values);
    return Npy.of("<i4", b.array(), values.length);
  }

  @ParameterizedTest
  @CsvSource({
    "NHWC, |u1, 3",
    "NCHW, |u1, 3",
    "NHWC, <f4, 3",
    "NCHW, <f2, 3",
    "NHWC, <f8, 3",
    "NHW, |u1, 1",
    "NHWC, |u1, 1",
    "NCHW, |u1, 1",
    "NHW, <f4, 1"
  })
  void everyLayoutTypeAndOrderGivesTheSameChannelsRowsAndColumns(
      String layout, String descr, int channels) throws IOException {
    MapShape shape = channels == 3 ? RGB : GREY;
    for (boolean fortran : new boolean[] {false, true}) {
      Path file = file(Zip.plain().stored("images.npy", images(layout, descr, fortran, channels)));
      ImageSet set = ImageSet.read(file, shape);
      assertEquals(N, set.count());
      assertEquals(shape, set.shape());
      float[] into = new float[shape.size()];
      for (int i = 0; i < N; i++) {
        set.read(i, into);
        for (int c = 0; c < channels; c++) {
          for (int k = 0; k < 8; k++) {
            int p = pixel(i, c, k / 4, k % 4);
            assertEquals(
                descr.equals("|u1") ? p / 255f : p / 256f,
                into[c * 8 + k],
                layout + " " + descr + " fortran=" + fortran);
          }
        }
      }
      ImageSet part = set.subset(1, 3).subset(1, 2);
      float[] one = new float[shape.size()];
      part.read(0, one);
      assertArrayEquals(into, one);
      assertThrows(IndexOutOfBoundsException.class, () -> part.read(1, one));
      assertThrows(IllegalArgumentException.class, () -> part.subset(0, 2));
    }
  }

  @Test
  void aShapeThatIsBothLayoutsIsReadAsChannelsLast() throws IOException {
    byte[] data = new byte[27];
    for (int i = 0; i < 27; i++) {
      data[i] = (byte) i;
    }
    Path file = file(Zip.plain().stored("images.npy", Npy.of("|u1", data, 1, 3, 3, 3)));
    float[] into = new float[27];
    ImageSet.read(file, new MapShape(3, 3, 3)).read(0, into);
    assertEquals(3 / 255f, into[1]);
    assertEquals(1 / 255f, into[9]);
  }

  @Test
  void labelsMayBeAbsentOrNamedY() throws IOException {
    byte[] images = images("NHWC", "|u1", false, 3);
    assertFalse(ImageSet.read(file(Zip.plain().stored("images.npy", images)), RGB).labelled());
    ImageSet none = ImageSet.read(file(Zip.plain().stored("pictures.npy", images)), RGB);
    assertFalse(none.labelled());
    none.checkLabels(1);
    for (String[] names : new String[][] {{"images", "labels"}, {"x", "y"}, {"data", "labels"}}) {
      Path file =
          file(
              Zip.plain()
                  .stored(names[1] + ".npy", labels(4, 0, 9))
                  .stored(names[0] + ".npy", images));
      ImageSet set = ImageSet.read(file, RGB);
      assertTrue(set.labelled());
      assertEquals(9, set.label(2));
      assertEquals(9, set.subset(2, 3).label(0));
      set.checkLabels(10);
    }
    ImageSet mnist =
        ImageSet.read(
            fixture("resnet8_mnist_expected.npz").resolveSibling("resnet8_mnist_expected.npz"),
            new MapShape(1, 28, 28));
    assertEquals(2, mnist.count());
  }

  @Test
  void labelsOfEveryIntegerTypeCount() throws IOException {
    byte[] images = images("NHWC", "|u1", false, 3);
    for (String descr : new String[] {"|u1", "|i1", ">i2", "<u2", ">i4", "<i8", ">u8", "|b1"}) {
      int item = descr.charAt(2) - '0';
      byte[] data = new byte[N * item];
      data[descr.charAt(0) == '>' ? 2 * item - 1 : item] = 1;
      Path file =
          file(
              Zip.plain()
                  .stored("images.npy", images)
                  .stored("labels.npy", Npy.of(descr, data, N, 1)));
      ImageSet set = ImageSet.read(file, RGB);
      assertEquals(0, set.label(0), descr);
      assertEquals(1, set.label(1), descr);
    }
  }

  @Test
  void classesCountedFromOneAreToldSo() throws IOException {
    byte[] images = images("NHWC", "|u1", false, 3);
    for (int[] each : new int[][] {{1, 10, 5}, {0, 10, 5}}) {
      Path file = file(Zip.plain().stored("images.npy", images).stored("labels.npy", labels(each)));
      ImageSet set = ImageSet.read(file, RGB);
      refused(
          () -> set.checkLabels(10), each[0] == 1 ? "subtract 1 from all labels" : "10 at image 1");
    }
  }

  @Test
  void labelsThatAreNoClassAreNamed() throws IOException {
    byte[] images = images("NHWC", "|u1", false, 3);
    int[][] bad = {{0, 10, 1}, {0, 1, -1}, {Integer.MAX_VALUE, 0, 0}};
    String[] parts = {"found 10 at image 1", "found -1 at image 2", "found 2147483647 at image 0"};
    for (int k = 0; k < bad.length; k++) {
      Path file =
          file(Zip.plain().stored("images.npy", images).stored("labels.npy", labels(bad[k])));
      ImageSet set = ImageSet.read(file, RGB);
      refused(() -> set.checkLabels(10), file + "[labels]: ", parts[k], "expected 0..9");
    }
    Path far =
        file(
            Zip.plain()
                .stored("images.npy", images)
                .stored(
                    "labels.npy",
                    Npy.of(
                        "<i8",
                        new byte[] {
                          0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
                        },
                        N)));
    refused(() -> ImageSet.read(far, RGB).checkLabels(10), "found 2147483647 at image 0");
    ImageSet set =
        ImageSet.read(
            file(Zip.plain().stored("images.npy", images).stored("labels.npy", labels(0, 3, 12))),
            RGB);
    set.subset(0, 2).checkLabels(10);
    refused(() -> set.subset(1, 3).checkLabels(10), "found 12 at image 2");
  }

  @Test
  void theFirstImagesAreThoseOfTheWholeFile() throws IOException {
    for (String descr : new String[] {"|u1", "<f2", "<f4", "<f8"}) {
      for (boolean fortran : new boolean[] {false, true}) {
        for (String layout : new String[] {"NHWC", "NCHW"}) {
          Path file =
              file(
                  Zip.plain()
                      .deflated("images.npy", images(layout, descr, fortran, 3))
                      .deflated("labels.npy", labels(7, 8, 9)));
          ImageSet whole = ImageSet.read(file, RGB);
          for (int most = 1; most <= N + 1; most++) {
            ImageSet set = ImageSet.read(file, RGB, most);
            assertEquals(Math.min(most, N), set.count(), layout + descr);
            for (int i = 0; i < set.count(); i++) {
              float[] expected = new float[24];
              float[] found = new float[24];
              whole.read(i, expected);
              set.read(i, found);
              assertArrayEquals(expected, found, layout + descr + fortran + " image " + i);
              assertEquals(7 + i, set.label(i));
            }
          }
        }
      }
    }
  }

  @Test
  void whatLiesBehindTheImagesWantedIsNotReadButMustFit() throws IOException {
    byte[] images = images("NHWC", "|u1", false, 3);
    byte[] damaged = images.clone();
    damaged[damaged.length - 1] ^= 1;
    Path file =
        file(
            Zip.plain()
                .entry("images.npy", 0, 0, damaged, images.length, Zip.crc(images))
                .stored("labels.npy", labels(1, 2, 3)));
    assertEquals(2, ImageSet.read(file, RGB, 2).count());
    refused(() -> ImageSet.read(file, RGB, 3), file + "[images]: found checksum ");

    ByteBuffer b = ByteBuffer.allocate(192).order(ByteOrder.LITTLE_ENDIAN);
    b.putFloat(100, Float.NaN);
    Path nan = file(Zip.plain().stored("images.npy", Npy.of("<f4", b.array(), 2, 2, 4, 3)));
    assertEquals(1, ImageSet.read(nan, RGB, 1).count());
    refused(() -> ImageSet.read(nan, RGB, 2), "found NaN at element 25");

    byte[] packed = java.util.Arrays.copyOf(Zip.deflate(images), 20);
    Path cut = file(Zip.plain().entry("images.npy", 8, 0, packed, images.length, Zip.crc(images)));
    refused(() -> ImageSet.read(cut, RGB, 1), cut + "[images]: found ");

    byte[] shorter = java.util.Arrays.copyOf(images, images.length - 1);
    Path lies = file(Zip.plain().stored("images.npy", shorter));
    refused(
        () -> ImageSet.read(lies, RGB, 1), lies + "[images]: found 71 bytes of data, expected 72");
    Path more =
        file(Zip.plain().stored("images.npy", images).stored("labels.npy", labels(1, 2, 3, 4)));
    refused(() -> ImageSet.read(more, RGB, 1), "[labels]: found shape [4], expected [3]");
    Path other = file(Zip.plain().stored("images.npy", Npy.of("|u1", new byte[96], 4, 2, 3, 4)));
    refused(() -> ImageSet.read(other, RGB, 1), "[images]: found shape [4, 2, 3, 4], expected");
  }

  private static byte[] floats(float... values) {
    ByteBuffer b = ByteBuffer.allocate(values.length * 4).order(ByteOrder.LITTLE_ENDIAN);
    b.asFloatBuffer().put(values);
    return b.array();
  }

  @Test
  void labelsMayBeWholeFloatsOrOneHotRows() throws IOException {
    byte[] images = images("NHWC", "|u1", false, 3);
    byte[] ones = {0, 0, 1, 1, 0, 0, 0, 1, 0};
    byte[] columns = {0, 1, 0, 0, 0, 1, 1, 0, 0}; // The same in Fortran's order.
    byte[][] kinds = {
      Npy.of("<f4", floats(2, 0, 1), 3),
      Npy.of("<f4", floats(2, 0, 1), 3, 1),
      Npy.of("<f4", floats(0, 0, 1, 1, 0, 0, 0, 1, 0), 3, 3),
      Npy.of("|u1", ones, 3, 3),
      Npy.of("|b1", ones, 3, 3),
      Npy.file(1, Npy.header("|u1", true, 3, 3), columns)
    };
    for (byte[] labels : kinds) {
      Path file = file(Zip.plain().stored("images.npy", images).stored("labels.npy", labels));
      for (int most = 1; most <= N; most++) {
        ImageSet set = ImageSet.read(file, RGB, most);
        for (int i = 0; i < most; i++) {
          assertEquals((i + 2) % 3, set.label(i));
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "x_test, y_test",
    "X_train, Y_train",
    "data, targets",
    "arr_0, arr_1",
    "arr_1, arr_0",
    "X, y",
    "test_images, test_labels",
    "inputs, target",
    "pictures, label"
  })
  void arraysAreKnownByTheNamesThatPeopleGiveThem(String images, String labels) throws IOException {
    Path file =
        file(
            Zip.plain()
                .stored(images + ".npy", images("NCHW", "|u1", false, 3))
                .stored(labels + ".npy", labels(4, 0, 9)));
    ImageSet set = ImageSet.read(file, RGB);
    assertEquals(9, set.label(2));
    float[] into = new float[24];
    set.read(2, into);
    assertEquals(pixel(2, 1, 1, 3) / 255f, into[8 + 7]);
    assertEquals(java.util.List.of(), set.notes());
  }

  @Test
  void ofSeveralPartsTheOneThatIsWantedIsTakenAndSaid() throws IOException {
    byte[] images = images("NHWC", "|u1", false, 3);
    byte[] one = Npy.of("|u1", new byte[24], 1, 2, 4, 3);
    Path file =
        file(
            Zip.plain()
                .stored("x_train.npy", images)
                .stored("y_train.npy", labels(1, 2, 3))
                .stored("x_test.npy", one)
                .stored("y_test.npy", labels(7)));
    ImageSet test = ImageSet.read(file, RGB);
    assertEquals(1, test.count());
    assertEquals(7, test.label(0));
    assertTrue(test.notes().getFirst().startsWith("images are x_test of x_train"));
    ImageSet training = ImageSet.read(file, RGB, ImageOptions.calibration(2));
    assertEquals(2, training.count());
    assertEquals(2, training.label(1));
    Path twice = file(Zip.plain().stored("x_test.npy", one).stored("X_test.npy", one));
    refused(() -> ImageSet.read(twice, RGB), twice + ": found the arrays x_test, X_test, expected");
    Path bad = file(Zip.plain().stored("x.npy", one).stored("y.npy", labels(12)));
    refused(() -> ImageSet.read(bad, RGB).checkLabels(10), bad + "[y]: found 12 at image 0");
  }

  @Test
  void flatRowsFitWhereTheyCanMeanOneThing() throws IOException {
    byte[] rows = new byte[24];
    for (int i = 0; i < 24; i++) {
      rows[i] = (byte) i;
    }
    Path file = file(Zip.plain().stored("images.npy", Npy.of("|u1", rows, 3, 8)));
    float[] into = new float[8];
    for (MapShape shape : new MapShape[] {GREY, new MapShape(8, 1, 1)}) {
      ImageSet.read(file, shape).read(1, into);
      assertEquals(11 / 255f, into[3]);
    }
    Path maps = file(Zip.plain().stored("images.npy", Npy.of("|u1", rows, 3, 2, 2, 2)));
    ImageSet.read(maps, new MapShape(8, 1, 1)).read(2, into);
    assertEquals(19 / 255f, into[3]);
    Path colour = file(Zip.plain().stored("images.npy", Npy.of("|u1", rows, 1, 24)));
    refused(
        () -> ImageSet.read(colour, RGB),
        "found shape [1, 24], expected [N, 2, 4, 3] or [N, 3, 2, 4], since rows of colour",
        ".reshape(-1, 3, 2, 4) where channels lie one after another");
  }

  @Test
  void labelsOfAnotherNumberShapeOrTypeAreRefused() throws IOException {
    byte[] images = images("NHWC", "|u1", false, 3);
    Object[][] cases = {
      {labels(1, 2), "found shape [2], expected [3]"},
      {labels(1, 2, 3, 4), "found shape [4], expected [3]"},
      {Npy.of("|u1", new byte[30], 3, 10), "found row 0 with 0 ones and 0 values", ".argmax(1)"},
      {Npy.of("|u1", new byte[60], 3, 10, 2), "found shape [3, 10, 2], expected [3]", "one-hot"},
      {Npy.of("|u1", new byte[20], 2, 10), "found shape [2, 10], expected [3]", "one-hot"},
      {Npy.of("|u1", new byte[3], 1, 3), "found shape [1, 3], expected [3]"},
      {Npy.of("|u1", new byte[1]), "found shape [], expected [3]"},
      {Npy.of("<f4", floats(0, 1.5f, 1), 3), "found 1.5 at image 1, expected whole numbers"},
      {Npy.of("<f4", floats(0, Float.NaN, 1), 3), "found NaN at image 1, expected whole numbers"},
      {
        Npy.of("<f4", floats(0, 1, 0.5f, 0.5f, 1, 0), 3, 2),
        "found row 1 with 0 ones and 2 values other than 0 and 1"
      },
      {Npy.of("|S1", new byte[3], 3), "dtype '|S1'"},
      {Npy.of("|O", new byte[24], 3), "object array"},
    };
    for (Object[] c : cases) {
      Path file =
          file(Zip.plain().stored("images.npy", images).stored("labels.npy", (byte[]) c[0]));
      for (int k = 1; k < c.length; k++) {
        refused(() -> ImageSet.read(file, RGB), file + "[labels]: found ", (String) c[1]);
      }
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      value = {
        "3,2,4,1 ~ [3, 2, 4, 1]",
        "3,4,2,3 ~ [3, 4, 2, 3]",
        "3,3,4,2 ~ [3, 3, 4, 2]",
        "3,2,4 ~ [3, 2, 4]",
        "2,4,3 ~ [2, 4, 3]",
        "72 ~ [72]",
        "1,3,2,4,3 ~ [1, 3, 2, 4, 3]",
        "3,2,4,4 ~ [3, 2, 4, 4]",
        "3,32,32,3 ~ [3, 32, 32, 3]"
      })
  void imagesOfAnotherSizeOrLayoutAreRefused(String sizes, String shown) throws IOException {
    long[] shape = java.util.Arrays.stream(sizes.split(",")).mapToLong(Long::parseLong).toArray();
    int total = (int) java.util.Arrays.stream(shape).reduce(1, (a, b) -> a * b);
    Path file = file(Zip.plain().deflated("images.npy", Npy.of("|u1", new byte[total], shape)));
    refused(
        () -> ImageSet.read(file, RGB),
        file + "[images]: found shape " + shown + ", expected [N, 2, 4, 3] or [N, 3, 2, 4]; ");
  }

  @Test
  void greyNetworksNameTheirThirdLayout() throws IOException {
    Path file = file(Zip.plain().stored("images.npy", images("NHWC", "|u1", false, 3)));
    refused(
        () -> ImageSet.read(file, GREY),
        "found shape [3, 2, 4, 3], expected [N, 2, 4, 1] or [N, 1, 2, 4] or [N, 2, 4]");
  }

  @Test
  void noImagesAreRefused() throws IOException {
    Path file = file(Zip.plain().stored("images.npy", Npy.of("|u1", new byte[0], 0, 2, 4, 3)));
    refused(
        () -> ImageSet.read(file, RGB), file + "[images]: found 0 images, expected one or more");
  }

  @ParameterizedTest
  @CsvSource({"<i8, int64", "|i1, int8", "|b1, bool", "<u2, uint16"})
  void otherTypesAreRefused(String descr, String name) throws IOException {
    byte[] data = new byte[24 * (descr.charAt(2) - '0')];
    Path file = file(Zip.plain().stored("images.npy", Npy.of(descr, data, 1, 2, 4, 3)));
    refused(
        () -> ImageSet.read(file, RGB),
        file + "[images]: found " + name + ", expected uint8",
        name.equals("bool") ? ".astype('float32')" : ".astype('uint8') if all are 0-255");
  }

  @Test
  void pixelsThatAreNotFiniteAreRefused() throws IOException {
    ByteBuffer b = ByteBuffer.allocate(96).order(ByteOrder.LITTLE_ENDIAN);
    b.putFloat(20, Float.NaN);
    Path file = file(Zip.plain().stored("images.npy", Npy.of("<f4", b.array(), 1, 2, 4, 3)));
    refused(() -> ImageSet.read(file, RGB), file + "[images]: found NaN at element 5");
  }

  @Test
  void filesWithoutImagesAreRefused() throws IOException {
    Path two = file(Zip.plain().stored("a.npy", labels(1)).stored("b.npy", labels(1)));
    refused(
        () -> ImageSet.read(two, RGB), two + ": found the arrays a, b, expected one named images");
    Path only = file(Zip.plain().stored("labels.npy", labels(1)));
    refused(() -> ImageSet.read(only, RGB), only + ": found the arrays labels, expected");
    Path weights = fixture("resnet8_mnist.npz");
    refused(() -> ImageSet.read(weights, RGB), "resnet8_mnist.npz: found the arrays conv1.weight");
    Path hdf = fixture("contiguous.h5");
    refused(() -> ImageSet.read(hdf, RGB), hdf + ": found HDF5", "expected NumPy's .npz");
    Path none = dir.resolve("none.npz");
    refused(Category.INPUT_MISSING, () -> ImageSet.read(none, RGB), none + ": no such file");
  }
}
