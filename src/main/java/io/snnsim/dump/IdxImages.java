// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump;

import io.snnsim.dump.file.FilePart;
import io.snnsim.dump.file.Text;
import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import io.snnsim.geometry.MapShape;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.zip.GZIPInputStream;

/**
 * Reads images in the idx format of MNIST, gzipped or not, and labels from the file beside them: a
 * big-endian header (two zero bytes, the element's type, the number of dimensions, each dimension)
 * and the elements. Stateless; the images wanted stay in memory as bytes.
 */
final class IdxImages {
  /** Deflate never expands more than 1032 times. */
  private static final long MOST_EXPANSION = 1032;

  private static final int UNSIGNED_BYTE = 8;
  private static final String GZIP = "\u001f\u008b";

  private IdxImages() {}

  /** The first bytes of a file that was read to the row that is wanted. */
  private record Rows(int[] shape, byte[] bytes) {}

  static boolean looksLikeIdx(Path file, byte[] head) {
    if (FilePart.begins(head, GZIP)) {
      return true; // Nothing else is read gzipped; what is inside is checked then.
    }
    return head.length >= 4 && head[0] == 0 && head[1] == 0 && head[3] >= 1 && head[3] <= 4;
  }

  static ImageSet read(Path file, MapShape expected, ImageOptions options) {
    Rows images = rows(file, options.most());
    ImageLayout layout = ImageLayout.of(images.shape(), expected, file.toString());
    int count = images.bytes().length / expected.size();
    if (count == 0) {
      throw SnnsimException.badData(file + ": found 0 images, expected one or more");
    }
    Path beside = options.labels() != null ? options.labels() : beside(file);
    int[] labels = null;
    if (beside != null) {
      Rows read = rows(beside, count);
      if (read.shape().length != 1 || read.shape()[0] != images.shape()[0]) {
        throw SnnsimException.badData(
            beside
                + ": found shape "
                + Arrays.toString(read.shape())
                + ", expected ["
                + images.shape()[0]
                + "], one label an image; give the labels of "
                + file.getFileName()
                + " by --labels");
      }
      labels = new int[count];
      for (int i = 0; i < count; i++) {
        labels[i] = read.bytes()[i] & 0xff;
      }
    }
    List<String> notes = ImageLabels.notes(file, beside);
    return new ImageSet(
        String.valueOf(beside),
        expected,
        new ImageSet.Range(0, count),
        ImageFiles.bytes(images.bytes(), expected, layout),
        labels,
        new ImageSet.About(notes, 0, List.of(file)));
  }

  /** The file of labels that lies beside images by the usual name, or null. */
  private static Path beside(Path images) {
    String name = images.getFileName().toString();
    String labels = name.replace("images", "labels").replace("idx3", "idx1");
    if (labels.equals(name)) {
      return null;
    }
    boolean packed = labels.toLowerCase(Locale.ROOT).endsWith(".gz");
    String other = packed ? labels.substring(0, labels.length() - 3) : labels + ".gz";
    for (String candidate : List.of(labels, other)) {
      Path path = images.resolveSibling(candidate);
      if (Files.isRegularFile(path)) {
        return path;
      }
    }
    return null;
  }

  private static Rows rows(Path file, int most) {
    NpzFile.requireFile(file);
    boolean packed = FilePart.begins(FilePart.head(file), GZIP);
    try (InputStream raw = new BufferedInputStream(Files.newInputStream(file), 1 << 16);
        DataInputStream in = new DataInputStream(packed ? new GZIPInputStream(raw) : raw)) {
      int zeros = in.readUnsignedShort();
      int type = in.readUnsignedByte();
      int[] shape = new int[in.readUnsignedByte()];
      if (zeros != 0 || type != UNSIGNED_BYTE || shape.length < 1 || shape.length > 4) {
        throw SnnsimException.badData(
            file
                + ": found a header of "
                + String.format(Locale.ROOT, "%04x %02x %02x", zeros, type, shape.length)
                + (packed ? " in gzip" : "")
                + ", expected MNIST's idx format with unsigned bytes (0000 08 01 to 04)");
      }
      long each = 1;
      for (int d = 0; d < shape.length; d++) {
        shape[d] = in.readInt();
        each = d == 0 ? 1 : Math.min(each * Math.max(0, shape[d]), 1L << 31);
      }
      requireThatItFits(file, packed, shape, each);
      int rows = Math.min(shape[0], most);
      byte[] bytes = new byte[Math.toIntExact(rows * each)];
      int n = in.readNBytes(bytes, 0, bytes.length);
      if (n < bytes.length || (rows == shape[0] && in.read() >= 0)) {
        throw SnnsimException.badData(
            file
                + ": found "
                + (n < bytes.length ? n : "more")
                + " bytes of data, expected the stated "
                + shape[0] * each
                + "; the file is damaged, copy it again");
      }
      return new Rows(shape, bytes);
    } catch (java.io.EOFException | java.util.zip.ZipException e) {
      throw new SnnsimException(
          Category.BAD_DATA,
          file + ": found a damaged file (" + Text.oneLine(e.getMessage()) + "), expected idx",
          e);
    } catch (IOException e) {
      throw new SnnsimException(Category.IO, file + ": cannot be read: " + e.getMessage(), e);
    }
  }

  private static void requireThatItFits(Path file, boolean packed, int[] shape, long each)
      throws IOException {
    long bytes = Files.size(file);
    long most = packed ? bytes * MOST_EXPANSION : bytes;
    if (shape[0] < 0 || each < 1 || each >= 1L << 31 || shape[0] * each >= Integer.MAX_VALUE - 64) {
      throw SnnsimException.badData(
          file
              + ": found dimensions "
              + Arrays.toString(shape)
              + ", expected such of less than 2 GiB");
    }
    if (shape[0] * each > most) {
      throw SnnsimException.badData(
          file
              + ": found "
              + bytes
              + " bytes, which cannot hold the stated "
              + Arrays.toString(shape)
              + "; the file is damaged, copy it again");
    }
  }
}
