// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump;

import io.snnsim.dump.file.Text;
import io.snnsim.error.SnnsimException;
import io.snnsim.geometry.MapShape;
import java.nio.file.Path;
import java.util.List;

/**
 * Reads images and labels of a {@code .npz} file. Stateless; the images stay in memory as the file
 * has them (u8 as u8), once, and are converted one by one.
 */
final class NpzImages {
  private NpzImages() {}

  /** See {@link ImageSet#read(Path, MapShape, ImageOptions)}. */
  static ImageSet read(Path file, MapShape expected, ImageOptions options) {
    try (NpzFile npz = NpzFile.open(file)) {
      ImageArrays names = ImageArrays.in(npz, options.training());
      NpzFile.Rows rows = npz.first(names.images(), options.most());
      NpyArray a = rows.array();
      int[] whole = a.shape();
      int count = whole.length == 0 ? 0 : whole[0];
      if (whole.length > 0) {
        whole[0] = rows.inFile();
      }
      ImageLayout layout = ImageLayout.of(whole, expected, a.where());
      if (count == 0) {
        throw SnnsimException.badData(
            a.where() + ": found 0 images, expected one or more; check the selection");
      }
      requireType(a);
      NpyArray pixels = a.inOrder();
      if (pixels.kind() == NpyArray.Kind.FLOAT) {
        requireFinite(pixels);
      }
      int[] labels =
          names.labels() == null
              ? null
              : ImageLabels.of(npz.first(names.labels(), count), count, rows.inFile());
      List<String> notes =
          names.chosen(npz)
              ? List.of("images are " + names.images() + " of " + Text.some(npz.names(), 8))
              : List.of();
      String labelsWhere = file + "[" + (names.labels() == null ? "labels" : names.labels()) + "]";
      return new ImageSet(
          labelsWhere,
          expected,
          new ImageSet.Range(0, count),
          source(pixels, expected, layout),
          labels,
          new ImageSet.About(notes, 0, List.of(file)));
    }
  }

  /** Height and width of the images, or null if the array is none of maps. */
  static int[] size(Path file, ImageOptions options) {
    try (NpzFile npz = NpzFile.open(file)) {
      int[] s = npz.first(ImageArrays.in(npz, options.training()).images(), 1).array().shape();
      return switch (s.length) {
        case 3 -> new int[] {s[1], s[2]};
        case 4 -> s[3] < s[1] ? new int[] {s[1], s[2]} : new int[] {s[2], s[3]};
        default -> null;
      };
    }
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

  private static void requireFinite(NpyArray a) {
    for (int i = 0; i < a.size(); i++) {
      float x = a.floatAt(i);
      if (!Float.isFinite(x)) {
        throw SnnsimException.badData(
            a.where()
                + ": found "
                + x
                + " at element "
                + i
                + ", expected finite pixels; check how the images were made");
      }
    }
  }

  private static PixelSource source(NpyArray pixels, MapShape shape, ImageLayout layout) {
    int c = shape.channels();
    int plane = shape.plane();
    boolean last = layout == ImageLayout.CHANNELS_LAST;
    boolean u8 = pixels.kind() == NpyArray.Kind.UNSIGNED;
    return (index, into) -> {
      int base = index * c * plane;
      for (int k = 0; k < c; k++) {
        for (int p = 0; p < plane; p++) {
          int at = base + (last ? p * c + k : k * plane + p);
          into[k * plane + p] = u8 ? pixels.unsignedByteAt(at) / 255f : pixels.floatAt(at);
        }
      }
    };
  }
}
