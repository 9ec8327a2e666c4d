// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump;

import static io.snnsim.fixture.DumpFiles.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.snnsim.error.Category;
import io.snnsim.geometry.MapShape;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** MNIST's idx and CIFAR's binary files, whole and damaged. */
class ImageFilesTest {
  private static final MapShape GREY = new MapShape(1, 2, 4);
  private static final MapShape CIFAR = new MapShape(3, 32, 32);

  @TempDir Path dir;

  private static byte[] idx(int type, byte[] data, int... shape) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeShort(0);
      out.writeByte(type);
      out.writeByte(shape.length);
      for (int s : shape) {
        out.writeInt(s);
      }
      out.write(data);
    }
    return bytes.toByteArray();
  }

  private static byte[] counting(int n) {
    byte[] data = new byte[n];
    for (int i = 0; i < n; i++) {
      data[i] = (byte) i;
    }
    return data;
  }

  private static byte[] gzip(byte[] data) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
      out.write(data);
    }
    return bytes.toByteArray();
  }

  private Path write(String name, byte[] data) throws IOException {
    return Files.write(dir.resolve(name), data);
  }

  @Test
  void idxIsReadWithTheLabelsBesideIt() throws IOException {
    byte[] images = idx(8, counting(24), 3, 2, 4);
    byte[] labels = idx(8, new byte[] {7, 0, (byte) 200}, 3);
    String[][] names = {
      {"t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"},
      {"train-images.idx3-ubyte", "train-labels.idx1-ubyte.gz"},
      {"a-images-idx3-ubyte.gz", "a-labels-idx1-ubyte.gz"},
      {"b-images-idx3-ubyte.gz", "b-labels-idx1-ubyte"}
    };
    for (String[] n : names) {
      Path file = write(n[0], n[0].endsWith("gz") ? gzip(images) : images);
      write(n[1], n[1].endsWith("gz") ? gzip(labels) : labels);
      for (int most = 1; most <= 4; most++) {
        ImageSet set = ImageSet.read(file, GREY, most);
        assertEquals(Math.min(3, most), set.count());
        float[] into = new float[8];
        set.read(set.count() - 1, into);
        assertEquals((8 * (set.count() - 1) + 5) / 255f, into[5]);
        assertEquals(7, set.label(0));
      }
      assertEquals(200, ImageSet.read(file, GREY).label(2));
      refused(() -> ImageSet.read(file, GREY).checkLabels(10), n[1] + ": found 200 at image 2");
    }
    Path alone = write("digits.idx", images);
    ImageSet none = ImageSet.read(alone, GREY);
    assertFalse(none.labelled());
    assertTrue(none.notes().getFirst().contains("give them by --labels"));
    Path given = dir.resolve("a-labels-idx1-ubyte.gz");
    ImageSet set = ImageSet.read(alone, GREY, new ImageOptions(2, false, given, null, null, false));
    assertEquals(7, set.label(0));
    ImageSet flat = ImageSet.read(alone, new MapShape(8, 1, 1));
    assertEquals(3, flat.count());
  }

  @Test
  void idxThatIsDamagedOrOtherIsRefused() throws IOException {
    byte[] whole = idx(8, counting(24), 3, 2, 4);
    Path cut = write("cut", Arrays.copyOf(whole, whole.length - 1));
    refused(() -> ImageSet.read(cut, GREY), cut + ": found 23 bytes of data, expected the stated");
    Path more = write("more", Arrays.copyOf(whole, whole.length + 1));
    refused(() -> ImageSet.read(more, GREY), more + ": found more bytes of data");
    Path packed = write("packed.gz", Arrays.copyOf(gzip(whole), 30));
    refused(() -> ImageSet.read(packed, GREY), packed + ": found ");
    Path other = write("other.gz", gzip("hello, world".getBytes()));
    refused(() -> ImageSet.read(other, GREY), "in gzip, expected MNIST's idx format");
    Path floats = write("floats", idx(13, new byte[96], 3, 2, 4));
    refused(() -> ImageSet.read(floats, GREY), "found a header of 0000 0d 03");
    Path lies = write("lies", idx(8, counting(24), 1 << 20, 2, 4));
    refused(() -> ImageSet.read(lies, GREY), "which cannot hold the stated [1048576, 2, 4]");
    Path negative = write("negative", idx(8, counting(24), -3, 2, 4));
    refused(() -> ImageSet.read(negative, GREY), "found dimensions [-3, 2, 4]");
    Path huge = write("huge", idx(8, counting(24), 3, 1 << 30, 1 << 30));
    refused(() -> ImageSet.read(huge, GREY), "found dimensions [3, 1073741824, 1073741824]");
    Path size = write("size", idx(8, counting(24), 2, 3, 4));
    refused(() -> ImageSet.read(size, GREY), "found shape [2, 3, 4], expected [N, 2, 4, 1]");
    Path images = write("x-images", whole);
    write("x-labels", idx(8, new byte[2], 2));
    refused(() -> ImageSet.read(images, GREY), "x-labels: found shape [2], expected [3]");
    Path empty = write("empty", idx(8, new byte[0], 0, 2, 4));
    refused(() -> ImageSet.read(empty, GREY), empty + ": found 0 images");
  }

  @Test
  void cifarIsToldByItsSizeAndLabels() throws IOException {
    byte[] ten = counting(2 * 3073);
    ten[0] = 3;
    ten[3073] = 9;
    Path file = write("data_batch_1.bin", ten);
    ImageSet set = ImageSet.read(file, CIFAR);
    assertEquals(2, set.count());
    assertEquals(9, set.label(1));
    float[] into = new float[3072];
    set.read(1, into);
    assertEquals((ten[3074 + 1024 + 40] & 0xff) / 255f, into[1024 + 40]);
    assertEquals(1, ImageSet.read(file, CIFAR, 1).count());

    byte[] hundred = new byte[2 * 3074];
    hundred[0] = 19;
    hundred[1] = 99;
    Path fine = write("test.bin", hundred);
    assertEquals(99, ImageSet.read(fine, CIFAR).label(0));

    byte[] both = new byte[3073 * 3074];
    both[3073] = 9;
    both[3074] = 77;
    assertEquals(9, ImageSet.read(write("both.bin", both), CIFAR, 2).label(1));

    Path odd = write("odd.bin", new byte[3075]);
    refused(() -> ImageSet.read(odd, CIFAR), odd + ": found 3075 bytes, expected a multiple of");
    Path empty = write("empty.bin", new byte[0]);
    refused(() -> ImageSet.read(empty, CIFAR), empty + ": found 0 bytes");
    refused(() -> ImageSet.read(file, GREY), file + ": found CIFAR's images of 3x32x32");
    ImageOptions labels = new ImageOptions(1, false, odd, null, null, false);
    refused(Category.USAGE, () -> ImageSet.read(file, CIFAR, labels), "--labels: found ");
  }
}
