// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump;

import io.snnsim.ann.Images;
import io.snnsim.error.SnnsimException;
import io.snnsim.geometry.MapShape;
import java.nio.file.Path;
import java.util.List;

/**
 * Images and, where there are any, labels of a file. Immutable and safe to share; what stays in
 * memory is up to the kind of file.
 *
 * <p>Read are {@code .npz}, {@code .npy}, MNIST's idx (gzipped too), CIFAR's {@code .bin}, and PNG
 * and JPEG pictures in a folder with a folder for each class, in a list, or a single one.
 *
 * <p>Of a {@code .npz}: images are named {@code images}, {@code x}, {@code data}, {@code x_test},
 * {@code arr_0} and the like, or are the only array besides labels: u8, divided by 255 when read,
 * or floats, taken as they are; NHWC, NCHW, or for one channel NHW or flat rows; where a shape is
 * both NHWC and NCHW it is read as NHWC. Labels are named {@code labels}, {@code y}, {@code
 * targets}, {@code arr_1} and the like: a number, or a one-hot row, for each image.
 */
public final class ImageSet implements Images {
  /** Which images of a source. */
  record Range(int from, int count) {}

  /**
   * What is to be said of a file.
   *
   * @param notes lines
   * @param classes that the file itself tells apart, 0 if it does not say
   * @param files that the images lie in
   */
  record About(List<String> notes, int classes, List<Path> files) {}

  private final String labelsWhere;
  private final MapShape shape;
  private final Range range;
  private final PixelSource source;
  private final int[] labels;
  private final About about;

  ImageSet(
      String labelsWhere,
      MapShape shape,
      Range range,
      PixelSource source,
      int[] labels,
      About about) {
    this.labelsWhere = labelsWhere;
    this.shape = shape;
    this.range = range;
    this.source = source;
    this.labels = labels;
    this.about = about;
  }

  /**
   * Height and width of images before it is known what a network takes, as far as they are easily
   * told; null if they are not.
   */
  public static int[] size(Path file, ImageOptions options) {
    return ImageFiles.size(file, options);
  }

  /** Reads all images of a file, see {@link #read(Path, MapShape, ImageOptions)}. */
  public static ImageSet read(Path file, MapShape expected) {
    return read(file, expected, Integer.MAX_VALUE);
  }

  /** Reads the first images of a file, see {@link #read(Path, MapShape, ImageOptions)}. */
  public static ImageSet read(Path file, MapShape expected, int most) {
    return read(file, expected, ImageOptions.first(most));
  }

  /**
   * Reads the first images of a file. What lies behind them is not read: their headers must fit the
   * file and each other, but neither the pixels nor the labels behind the last image wanted nor the
   * file's checksums are looked at, which can only be compared when all is read.
   *
   * @param expected shape of one image that the network takes
   * @throws SnnsimException (bad data) if size, layout, type or labels do not fit
   */
  public static ImageSet read(Path file, MapShape expected, ImageOptions options) {
    return ImageFiles.read(file, expected, options);
  }

  /**
   * Refuses labels that are no class.
   *
   * @throws SnnsimException (bad data) naming the first one
   */
  public void checkLabels(int classes) {
    for (int i = 0; labels != null && i < range.count(); i++) {
      int l = label(i);
      if (l == classes && fromOne()) {
        throw SnnsimException.badData(
            labelsWhere
                + ": found classes 1.."
                + classes
                + ", expected 0.."
                + (classes - 1)
                + "; subtract 1 from all labels");
      }
      if (l < 0 || l >= classes) {
        throw SnnsimException.badData(
            labelsWhere
                + ": found "
                + l
                + " at image "
                + (range.from() + i)
                + ", expected 0.."
                + (classes - 1)
                + "; give images of the classes that the network was trained on");
      }
    }
  }

  private boolean fromOne() {
    int least = Integer.MAX_VALUE;
    for (int i = 0; i < range.count(); i++) {
      least = Math.min(least, label(i));
    }
    return least == 1;
  }

  @Override
  public int count() {
    return range.count();
  }

  /** Shape of one image. */
  public MapShape shape() {
    return shape;
  }

  /** True if the file has labels. */
  public boolean labelled() {
    return labels != null;
  }

  /** Label of image {@code i}; only if {@link #labelled()}. */
  public int label(int i) {
    return labels[range.from() + i];
  }

  /** Lines on what was chosen of the file, for those who gave it. */
  public List<String> notes() {
    return about.notes();
  }

  /** Classes that the file itself tells apart, as a folder of folders does; 0 if unknown. */
  public int classes() {
    return about.classes();
  }

  /** The files that the images lie in, in their order. */
  public List<Path> files() {
    return about.files();
  }

  /** Images {@code first} .. {@code last - 1} as a view. */
  public ImageSet subset(int first, int last) {
    if (first < 0 || last > range.count() || first > last) {
      throw new IllegalArgumentException(first + ".." + last + " of " + range.count());
    }
    Range part = new Range(range.from() + first, last - first);
    return new ImageSet(labelsWhere, shape, part, source, labels, about);
  }

  @Override
  public void read(int index, float[] into) {
    if (index < 0 || index >= range.count()) {
      throw new IndexOutOfBoundsException(index + " of " + range.count());
    }
    source.read(range.from() + index, into);
  }
}
