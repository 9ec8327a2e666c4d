// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump;

import io.snnsim.dump.file.FilePart;
import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import io.snnsim.geometry.MapShape;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Reads pictures as images. They are decoded when they are asked for and kept, as bytes at the
 * network's size, only where all of them are small: memory does not grow with their number beyond
 * {@value #MOST_KEPT} bytes. Stateless.
 */
final class PictureImages {
  /** Bytes of decoded pictures that are kept for the next time. */
  private static final long MOST_KEPT = 256L << 20;

  private PictureImages() {}

  static boolean looksLikePicture(byte[] head) {
    return FilePart.begins(head, "\u0089PNG\r\n\u001a\n")
        || FilePart.begins(head, "\u00ff\u00d8\u00ff");
  }

  static ImageSet read(Path where, PictureList list, MapShape expected, ImageOptions options) {
    requireDecoder();
    if (expected.channels() != 1 && expected.channels() != 3) {
      throw SnnsimException.badData(
          where
              + ": found pictures, expected images of "
              + expected.channels()
              + " channels; give a .npz");
    }
    List<Path> good = new ArrayList<>();
    List<Integer> labels = list.labels() == null ? null : new ArrayList<>();
    List<Path> bad = new ArrayList<>();
    for (int i = 0; i < list.files().size() && good.size() < options.most(); i++) {
      Path file = list.files().get(i);
      if (!isPicture(file, options)) {
        bad.add(file);
        continue;
      }
      good.add(file);
      if (labels != null) {
        labels.add(list.labels().get(i));
      }
    }
    String counted = bad.size() + " files that are no PNG or JPEG, " + PictureList.names(bad);
    if (!bad.isEmpty() && !options.skipBad()) {
      throw SnnsimException.badData(
          where
              + ": found "
              + counted
              + ", expected pictures; move them away, or leave them out with --skip-bad");
    }
    if (good.isEmpty()) {
      throw SnnsimException.badData(
          where
              + ": found no pictures, expected PNG or JPEG in a folder for each class, or a list"
              + " of them; check the path");
    }
    List<String> notes = new ArrayList<>(list.notes());
    if (!bad.isEmpty()) {
      notes.add("left out " + counted);
    }
    PixelSource source = source(good, expected, options);
    source.read(0, new float[expected.size()]); // A wrong size is said before anything begins.
    return new ImageSet(
        where + ", classes",
        expected,
        new ImageSet.Range(0, good.size()),
        source,
        labels == null ? null : labels.stream().mapToInt(Integer::intValue).toArray(),
        new ImageSet.About(List.copyOf(notes), list.classes(), List.copyOf(good)));
  }

  /** True if it begins as a picture and, where bad ones are left out, can be decoded as well. */
  private static boolean isPicture(Path file, ImageOptions options) {
    if (!Files.exists(file)) {
      throw new SnnsimException(
          Category.INPUT_MISSING,
          file + ": no such file, expected a picture; check the list, whose classes are numbers");
    }
    if (!Files.isRegularFile(file) || !looksLikePicture(FilePart.head(file))) {
      return false;
    }
    if (options.skipBad()) {
      try {
        Picture.read(file);
      } catch (SnnsimException e) {
        return false;
      }
    }
    return true;
  }

  private static PixelSource source(List<Path> files, MapShape shape, ImageOptions options) {
    boolean kept = (long) files.size() * shape.size() <= MOST_KEPT;
    AtomicReferenceArray<byte[]> decoded = new AtomicReferenceArray<>(kept ? files.size() : 0);
    return (index, into) -> {
      byte[] pixels = kept ? decoded.get(index) : null;
      if (pixels == null) {
        Path file = files.get(index);
        pixels = Picture.read(file).fitted(file, shape, options);
        if (kept) {
          decoded.set(index, pixels);
        }
      }
      for (int i = 0; i < pixels.length; i++) {
        into[i] = (pixels[i] & 0xff) / 255f;
      }
    };
  }

  private static void requireDecoder() {
    try {
      Class.forName("javax.imageio.ImageIO", false, PictureImages.class.getClassLoader());
    } catch (ClassNotFoundException e) {
      throw new SnnsimException(
          Category.MISSING_JAR,
          "reading pictures needs the JDK's module java.desktop, found it nowhere; add"
              + " --add-modules=java.desktop, or give images as .npz",
          e);
    }
  }
}
