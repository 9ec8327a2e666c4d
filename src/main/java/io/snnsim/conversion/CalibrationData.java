// SPDX-License-Identifier: Apache-2.0
package io.snnsim.conversion;

import io.snnsim.ann.Images;
import io.snnsim.dump.ImageOptions;
import io.snnsim.dump.ImageSet;
import io.snnsim.error.SnnsimException;
import io.snnsim.geometry.MapShape;
import io.snnsim.study.CalibrationImages;
import io.snnsim.study.Origin;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Objects;
import java.util.function.Function;

/**
 * Training images that a conversion measures activations on; some hundreds or more. Immutable and
 * safe to share between threads, if what it was made of is; reads nothing before a conversion does.
 */
public final class CalibrationData {
  private final Function<MapShape, CalibrationImages> images;

  private CalibrationData(Function<MapShape, CalibrationImages> images) {
    this.images = images;
  }

  /**
   * All images of a file.
   *
   * @param npz {@code images} (u8, divided by 255 when read, or floats; NHWC, NCHW, or NHW or flat
   *     rows for one channel), and {@code labels} if there are any; other usual names as well
   * @return the images
   */
  public static CalibrationData file(Path npz) {
    return file(npz, Integer.MAX_VALUE);
  }

  /**
   * The first images of a file.
   *
   * @param npz as for {@link #file(Path)}
   * @param most at least 1; fewer are taken if the file has fewer
   * @return the images
   * @throws SnnsimException (usage) if {@code most} is out of range
   */
  public static CalibrationData file(Path npz, int most) {
    Objects.requireNonNull(npz, "npz");
    if (most < 1) {
      throw SnnsimException.usage("most=" + most + ", expected 1 or more images");
    }
    ImageOptions wanted = ImageOptions.calibration(most);
    return new CalibrationData(
        shape -> CalibrationImages.of(ImageSet.read(npz, shape, wanted), npz));
  }

  /**
   * Images in memory without labels.
   *
   * @param images each [channel][y][x], before mean and standard deviation; at least one
   * @return the images
   */
  public static CalibrationData of(float[][] images) {
    Objects.requireNonNull(images, "images");
    return new CalibrationData(shape -> inMemory(images, null, shape));
  }

  /**
   * Images in memory, with labels by which choices are judged.
   *
   * @param images each [channel][y][x], before mean and standard deviation; at least one
   * @param labels the class of each, from 0
   * @return the images
   */
  public static CalibrationData of(float[][] images, int[] labels) {
    Objects.requireNonNull(images, "images");
    Objects.requireNonNull(labels, "labels");
    return new CalibrationData(shape -> inMemory(images, labels, shape));
  }

  CalibrationImages of(MapShape shape) {
    return images.apply(shape);
  }

  private static CalibrationImages inMemory(float[][] images, int[] labels, MapShape shape) {
    if (images.length == 0) {
      throw SnnsimException.badData("images: found none, expected one or more");
    }
    for (int i = 0; i < images.length; i++) {
      check(images[i], i, shape);
    }
    if (labels != null && labels.length != images.length) {
      throw SnnsimException.badData(
          "labels: found " + labels.length + ", expected " + images.length + ", one an image");
    }
    Images all =
        new Images() {
          @Override
          public int count() {
            return images.length;
          }

          @Override
          public void read(int index, float[] into) {
            System.arraycopy(images[index], 0, into, 0, images[index].length);
          }
        };
    return new CalibrationImages(
        all,
        labels == null ? null : i -> labels[i],
        classes -> checkLabels(labels, classes),
        () -> origin(images));
  }

  private static void check(float[] image, int index, MapShape shape) {
    if (image == null || image.length != shape.size()) {
      throw SnnsimException.badData(
          "image "
              + index
              + ": found "
              + (image == null ? "null" : image.length + " values")
              + ", expected "
              + shape.size()
              + " of "
              + shape);
    }
    for (float x : image) {
      if (!Float.isFinite(x)) {
        throw SnnsimException.badData(
            "image " + index + ": found " + x + ", expected finite values");
      }
    }
  }

  private static void checkLabels(int[] labels, int classes) {
    for (int i = 0; labels != null && i < labels.length; i++) {
      if (labels[i] < 0 || labels[i] >= classes) {
        throw SnnsimException.badData(
            "labels: found " + labels[i] + " at image " + i + ", expected 0.." + (classes - 1));
      }
    }
  }

  private static Origin origin(float[][] images) {
    MessageDigest digest = Origin.digest();
    for (float[] image : images) {
      digest.update(AnnSource.bytes(image));
    }
    return Origin.of("memory", digest);
  }
}
