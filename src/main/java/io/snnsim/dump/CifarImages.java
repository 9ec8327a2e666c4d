// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump;

import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import io.snnsim.geometry.MapShape;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Reads the binary files of CIFAR-10 and CIFAR-100: a record an image, its label (of CIFAR-100 the
 * coarse and the fine one; the fine one counts), then red, green and blue of 32 x 32 bytes.
 * Stateless; the images wanted stay in memory as bytes.
 */
final class CifarImages {
  private static final MapShape SHAPE = new MapShape(3, 32, 32);
  private static final int PIXELS = SHAPE.size();

  private CifarImages() {}

  static ImageSet read(Path file, MapShape expected, ImageOptions options) {
    if (!expected.equals(SHAPE)) {
      throw SnnsimException.badData(
          file
              + ": found CIFAR's images of 3x32x32, expected "
              + (expected.channels() + "x" + expected.height() + "x" + expected.width())
              + "; give images of the network's size");
    }
    try (InputStream in = Files.newInputStream(file)) {
      long size = Files.size(file);
      int labelBytes = labelBytes(file, size, in);
      int record = labelBytes + PIXELS;
      int count = (int) Math.min(size / record, options.most());
      if ((long) count * PIXELS > Integer.MAX_VALUE - 64) {
        throw SnnsimException.badData(file + ": found " + size + " bytes, expected below 2 GiB");
      }
      byte[] pixels = new byte[count * PIXELS];
      int[] labels = new int[count];
      try (InputStream again = Files.newInputStream(file)) {
        for (int i = 0; i < count; i++) {
          byte[] one = again.readNBytes(record);
          if (one.length < record) {
            throw SnnsimException.badData(
                file + ": found its end in image " + i + ", expected " + count + " images");
          }
          labels[i] = one[labelBytes - 1] & 0xff;
          System.arraycopy(one, labelBytes, pixels, i * PIXELS, PIXELS);
        }
      }
      return new ImageSet(
          file + ", labels",
          expected,
          new ImageSet.Range(0, count),
          ImageFiles.bytes(pixels, expected, ImageLayout.CHANNELS_FIRST),
          labels,
          new ImageSet.About(List.of(), 0, List.of(file)));
    } catch (IOException e) {
      throw new SnnsimException(Category.IO, file + ": cannot be read: " + e.getMessage(), e);
    }
  }

  /** One label an image in CIFAR-10, two in CIFAR-100; sizes that fit both are told by labels. */
  private static int labelBytes(Path file, long size, InputStream in) throws IOException {
    boolean ten = size > 0 && size % (1 + PIXELS) == 0;
    boolean hundred = size > 0 && size % (2 + PIXELS) == 0;
    if (ten && hundred) {
      byte[] begin = in.readNBytes(2 + 2 * PIXELS);
      hundred = (begin[2 + PIXELS] & 0xff) < 20 && (begin[0] & 0xff) < 20;
      ten = (begin[1 + PIXELS] & 0xff) < 10 && (begin[0] & 0xff) < 10;
    }
    if (ten == hundred) {
      throw SnnsimException.badData(
          file
              + ": found "
              + size
              + " bytes, expected a multiple of 3073 (CIFAR-10) or 3074 (CIFAR-100); give one of"
              + " the .bin files of CIFAR's binary version");
    }
    return ten ? 1 : 2;
  }
}
