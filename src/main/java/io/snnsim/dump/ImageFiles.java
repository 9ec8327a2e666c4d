// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump;

import io.snnsim.dump.file.FilePart;
import io.snnsim.error.SnnsimException;
import io.snnsim.geometry.MapShape;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** Looks at what is given as images and has it read by whoever knows its kind. Stateless. */
final class ImageFiles {
  private ImageFiles() {}

  /** See {@link ImageSet#read(Path, MapShape, ImageOptions)}. */
  static ImageSet read(Path path, MapShape expected, ImageOptions options) {
    if (Files.isDirectory(path)) {
      requireNoLabels(path, options);
      return PictureImages.read(path, PictureList.folder(path), expected, options);
    }
    NpzFile.requireFile(path);
    byte[] head = FilePart.head(path);
    if (IdxImages.looksLikeIdx(path, head)) {
      return IdxImages.read(path, expected, options);
    }
    if (NpyReader.looksLikeNpy(head)) {
      return NpyImages.read(path, expected, options);
    }
    requireNoLabels(path, options);
    String name = String.valueOf(path.getFileName()).toLowerCase(Locale.ROOT);
    if (name.endsWith(".bin")) {
      return CifarImages.read(path, expected, options);
    }
    if (PictureImages.looksLikePicture(head)) {
      return PictureImages.read(path, PictureList.single(path), expected, options);
    }
    if (name.endsWith(".txt") || name.endsWith(".lst") || name.endsWith(".csv")) {
      return PictureImages.read(path, PictureList.file(path), expected, options);
    }
    return NpzImages.read(path, expected, options);
  }

  /** See {@link ImageSet#size}. */
  static int[] size(Path path, ImageOptions options) {
    int[] made = options.crop() != null ? options.crop() : options.resize();
    if (made != null) {
      // Of pictures of which one side is said the other is whatever it is.
      boolean known = options.crop() != null || made.length == 2;
      return known ? new int[] {made[0], made[made.length - 1]} : null;
    }
    try {
      if (!Files.isRegularFile(path)) {
        return null;
      }
      byte[] head = FilePart.head(path);
      return NpyReader.looksLikeNpy(head)
          ? size(NpyImages.shape(path))
          : FilePart.begins(head, "PK") ? size(NpzImages.shape(path, options)) : null;
    } catch (SnnsimException e) {
      return null; // Which is said when they are read.
    }
  }

  /** Height and width of an array of images, or null if it is none of maps. */
  private static int[] size(int[] s) {
    return switch (s.length) {
      case 3 -> new int[] {s[1], s[2]};
      case 4 -> s[3] < s[1] ? new int[] {s[1], s[2]} : new int[] {s[2], s[3]};
      default -> null;
    };
  }

  private static void requireNoLabels(Path path, ImageOptions options) {
    if (options.labels() != null) {
      throw SnnsimException.usage(
          "--labels: found "
              + options.labels()
              + " with "
              + path
              + ", expected images in MNIST's idx format or an .npy; leave it out");
    }
  }

  /** Images of bytes, divided by 255, that lie together. */
  static PixelSource bytes(byte[] pixels, MapShape shape, ImageLayout layout) {
    int plane = shape.plane();
    return (index, into) -> {
      int base = index * shape.size();
      for (int k = 0; k < shape.channels(); k++) {
        for (int p = 0; p < plane; p++) {
          into[k * plane + p] = (pixels[base + layout.place(shape, k, p)] & 0xff) / 255f;
        }
      }
    };
  }
}
