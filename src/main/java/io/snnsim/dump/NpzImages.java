// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump;

import io.snnsim.dump.file.Text;
import io.snnsim.geometry.MapShape;
import java.nio.file.Path;
import java.util.List;

/** Reads images and labels of a {@code .npz} file. Stateless; see {@link NpyImages}. */
final class NpzImages {
  private NpzImages() {}

  /** See {@link ImageSet#read(Path, MapShape, ImageOptions)}. */
  static ImageSet read(Path file, MapShape expected, ImageOptions options) {
    try (NpzFile npz = NpzFile.open(file)) {
      ImageArrays names = ImageArrays.in(npz, options.training());
      NpyRows rows = npz.rows(names.images(), options.most());
      PixelSource pixels = NpyImages.pixels(rows, expected);
      int count = rows.count();
      int[] labels =
          names.labels() == null
              ? null
              : ImageLabels.of(npz.first(names.labels(), count), count, rows.shape()[0]);
      List<String> notes =
          names.chosen(npz)
              ? List.of("images are " + names.images() + " of " + Text.some(npz.names(), 8))
              : List.of();
      String labelsWhere = file + "[" + (names.labels() == null ? "labels" : names.labels()) + "]";
      return new ImageSet(
          labelsWhere,
          expected,
          new ImageSet.Range(0, count),
          pixels,
          labels,
          new ImageSet.About(notes, 0, List.of(file)));
    }
  }

  /** Shape of the array of images. */
  static int[] shape(Path file, ImageOptions options) {
    try (NpzFile npz = NpzFile.open(file)) {
      return npz.first(ImageArrays.in(npz, options.training()).images(), 1).array().shape();
    }
  }
}
