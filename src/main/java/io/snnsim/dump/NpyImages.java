// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump;

import io.snnsim.dump.file.FilePart;
import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import io.snnsim.geometry.MapShape;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * Takes the rows of NumPy arrays for images, and reads such arrays from {@code .npy} files, with
 * labels from another. Stateless; up to 64 MB of images stay in memory as the file has them (u8 as
 * u8) and are converted one by one, more are read one by one.
 */
final class NpyImages {
  /** Bytes that hold the header of every array that NumPy writes without structures. */
  private static final int USUAL_HEAD = 1 << 12;

  private static final String PIXELS = "pixels; check how the images were made";

  private NpyImages() {}

  /** See {@link ImageSet#read(Path, MapShape, ImageOptions)}. */
  static ImageSet read(Path file, MapShape expected, ImageOptions options) {
    NpyRows rows = rows(file, options.most());
    PixelSource pixels = pixels(rows, expected);
    Path beside = options.labels() != null ? options.labels() : beside(file);
    int[] labels = null;
    if (beside != null) {
      labels = ImageLabels.of(labels(beside, rows.count()), rows.count(), rows.shape()[0]);
    }
    List<String> notes = ImageLabels.notes(file, beside);
    return new ImageSet(
        String.valueOf(beside),
        expected,
        new ImageSet.Range(0, rows.count()),
        pixels,
        labels,
        new ImageSet.About(notes, 0, List.of(file)));
  }

  /** Shape of the array in a file, whose elements are not read; empty if it is not told easily. */
  static int[] shape(Path file) {
    long total = FilePart.size(file);
    NpyReader.Head head = head(file, total);
    return head == null
        ? new int[0]
        : NpyReader.layout(head.header(), total - head.start(), file.toString()).shape();
  }

  /** The file of labels that lies beside images by the usual name, or null. */
  private static Path beside(Path images) {
    String name = images.getFileName().toString();
    String lower = name.toLowerCase(Locale.ROOT);
    String labels =
        lower.startsWith("x_") || lower.equals("x.npy")
            ? (name.charAt(0) == 'x' ? "y" : "Y") + name.substring(1)
            : name.replace("images", "labels").replace("x.npy", "y.npy");
    Path path = images.resolveSibling(labels);
    return labels.equals(name) || !Files.isRegularFile(path) ? null : path;
  }

  private static NpyRows labels(Path file, int count) {
    NpzFile.requireFile(file);
    long bytes = FilePart.size(file);
    if (bytes > NpyRows.MOST_KEPT) {
      throw SnnsimException.badData(
          file + ": found " + bytes + " bytes, expected labels, one an image");
    }
    return NpyRows.first(NpyReader.read(file), count);
  }

  private static NpyRows rows(Path file, int most) {
    String where = file.toString();
    long total = FilePart.size(file);
    if (total <= NpyRows.MOST_KEPT) {
      return NpyRows.first(NpyReader.read(file), most);
    }
    NpyReader.Head head = head(file, total);
    if (head == null || head.header().fortranOrder()) {
      if (total > Integer.MAX_VALUE - 64) {
        throw SnnsimException.badData(
            where
                + ": found "
                + total
                + " bytes in Fortran's order, expected C's; save np.ascontiguousarray of them");
      }
      return NpyRows.first(NpyReader.read(file), most);
    }
    NpyReader.Layout layout = NpyReader.layout(head.header(), total - head.start(), where);
    try {
      NpyRows.Elements elements = RowFile.plain(file, head.start());
      return NpyRows.inFile(head, layout, Math.min(most, layout.shape()[0]), where, elements);
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  /** The header of an array of rows; null if it is another, or longer than usual. */
  private static NpyReader.Head head(Path file, long total) {
    try (InputStream in = Files.newInputStream(file)) {
      NpyReader.Head head = NpyReader.head(in.readNBytes(USUAL_HEAD), total, file.toString());
      return head == null || head.header().dimensions().isEmpty() ? null : head;
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  private static SnnsimException unreadable(Path file, IOException e) {
    return new SnnsimException(Category.IO, file + ": cannot be read: " + e.getMessage(), e);
  }

  /**
   * Images of rows.
   *
   * @throws SnnsimException (bad data) if they are none, or not of the shape that is expected
   */
  static PixelSource pixels(NpyRows rows, MapShape expected) {
    NpyArray a = rows.array();
    ImageLayout layout = ImageLayout.of(rows.shape(), expected, a.where());
    if (rows.count() == 0) {
      throw SnnsimException.badData(
          a.where() + ": found 0 images, expected one or more; check the selection");
    }
    requireType(a);
    int size = expected.size();
    if (rows.kept()) {
      a.requireFinite(PIXELS, 0);
      return (index, into) -> copy(a, index * size, into, expected, layout);
    }
    return (index, into) -> {
      NpyArray row = rows.holding(index);
      row.requireFinite(PIXELS, (long) index * size);
      copy(row, 0, into, expected, layout);
    };
  }

  private static void requireType(NpyArray a) {
    boolean u8 = a.kind() == NpyArray.Kind.UNSIGNED && a.itemBytes() == 1;
    if (u8 || a.kind() == NpyArray.Kind.FLOAT) {
      return;
    }
    // As uint8 a truth value would be 1 of 255, and larger integers would lose their high bits.
    String advice =
        a.kind() == NpyArray.Kind.BOOL
            ? "convert with .astype('float32')"
            : "convert with .astype('uint8') if all are 0-255, else divide by the largest value"
                + " that a pixel can have";
    throw SnnsimException.badData(
        a.where()
            + ": found "
            + a.typeName()
            + ", expected uint8 (0-255) or floats (0-1); "
            + advice);
  }

  /** Copies the image that begins at an element. */
  private static void copy(NpyArray a, int base, float[] into, MapShape shape, ImageLayout layout) {
    int plane = shape.plane();
    boolean u8 = a.kind() == NpyArray.Kind.UNSIGNED;
    for (int k = 0; k < shape.channels(); k++) {
      for (int p = 0; p < plane; p++) {
        int at = base + layout.place(shape, k, p);
        into[k * plane + p] = u8 ? a.unsignedByteAt(at) / 255f : a.floatAt(at);
      }
    }
  }
}
