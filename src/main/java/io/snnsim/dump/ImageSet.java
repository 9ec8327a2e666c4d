// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump;

import io.snnsim.ann.Images;
import io.snnsim.error.SnnsimException;
import io.snnsim.geometry.MapShape;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * Images and, where there are any, labels of a {@code .npz} file. Immutable and safe to share;
 * images stay in memory as the file has them (u8 as u8), once, and are converted one by one.
 *
 * <p>Arrays: {@code images} (or {@code x}, or the only array besides labels): u8, divided by 255
 * when read, or floats, taken as they are; NHWC, NCHW, or NHW for one channel; where a shape is
 * both NHWC and NCHW it is read as NHWC. {@code labels} (or {@code y}), where there are any:
 * integers, one an image.
 */
public final class ImageSet implements Images {
  private final String where;
  private final MapShape shape;
  private final boolean channelsLast;
  private final int from;
  private final int count;
  private final NpyArray pixels;
  private final int[] labels;

  private ImageSet(
      String where,
      MapShape shape,
      boolean channelsLast,
      int from,
      int count,
      NpyArray pixels,
      int[] labels) {
    this.where = where;
    this.shape = shape;
    this.channelsLast = channelsLast;
    this.from = from;
    this.count = count;
    this.pixels = pixels;
    this.labels = labels;
  }

  /** Reads all images of a file, see {@link #read(Path, MapShape, int)}. */
  public static ImageSet read(Path file, MapShape expected) {
    return read(file, expected, Integer.MAX_VALUE);
  }

  /**
   * Reads the first images of a file. What lies behind them is not read: their headers must fit the
   * file and each other, but neither the pixels nor the labels behind the last image wanted nor the
   * file's checksums are looked at, which can only be compared when all is read.
   *
   * @param expected shape of one image that the network takes
   * @param most images to read, &gt;= 1; fewer if the file has fewer
   * @throws SnnsimException (bad data) if size, layout, type or labels do not fit
   */
  public static ImageSet read(Path file, MapShape expected, int most) {
    try (NpzFile npz = NpzFile.open(file)) {
      String images = pick(npz, List.of("images", "x"), file);
      NpzFile.Rows rows = npz.first(images, most);
      NpyArray a = rows.array();
      int[] s = a.shape();
      int inFile = rows.inFile();
      int c = expected.channels();
      int h = expected.height();
      int w = expected.width();
      boolean last;
      if (s.length == 4 && s[1] == h && s[2] == w && s[3] == c) {
        last = true;
      } else if (s.length == 4 && s[1] == c && s[2] == h && s[3] == w) {
        last = false;
      } else if (s.length == 3 && c == 1 && s[1] == h && s[2] == w) {
        last = false;
      } else {
        throw SnnsimException.badData(
            a.where()
                + ": found shape "
                + Arrays.toString(withRows(s, inFile))
                + ", expected [N, "
                + h
                + ", "
                + w
                + ", "
                + c
                + "] or [N, "
                + c
                + ", "
                + h
                + ", "
                + w
                + "]"
                + (c == 1 ? " or [N, " + h + ", " + w + "]" : "")
                + "; resize, reshape or transpose the images");
      }
      if (s[0] == 0) {
        throw SnnsimException.badData(
            a.where() + ": found 0 images, expected one or more; check the selection");
      }
      boolean u8 = a.kind() == NpyArray.Kind.UNSIGNED && a.itemBytes() == 1;
      if (!u8 && a.kind() != NpyArray.Kind.FLOAT) {
        throw SnnsimException.badData(
            a.where()
                + ": found "
                + a.typeName()
                + ", expected uint8 (0-255) or floats; convert with .astype('uint8')");
      }
      a = a.inOrder();
      if (!u8) {
        requireFinite(a);
      }
      return new ImageSet(file.toString(), expected, last, 0, s[0], a, labels(npz, s[0], inFile));
    }
  }

  private static int[] withRows(int[] shape, int rows) {
    int[] whole = shape.clone();
    if (whole.length > 0) {
      whole[0] = rows;
    }
    return whole;
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

  private static String pick(NpzFile npz, List<String> names, Path file) {
    for (String n : names) {
      if (npz.names().contains(n)) {
        return n;
      }
    }
    List<String> others =
        npz.names().stream().filter(n -> !n.equals("labels") && !n.equals("y")).toList();
    if (others.size() == 1) {
      return others.getFirst();
    }
    throw SnnsimException.badData(
        file
            + ": found the arrays "
            + Text.some(npz.names(), 8)
            + ", expected one named images; save with np.savez(FILE, images=..., labels=...)");
  }

  private static int[] labels(NpzFile npz, int wanted, int images) {
    for (String n : List.of("labels", "y")) {
      if (npz.names().contains(n)) {
        NpzFile.Rows rows = npz.first(n, wanted);
        NpyArray a = rows.array();
        if (a.kind() == NpyArray.Kind.FLOAT) {
          throw SnnsimException.badData(
              a.where()
                  + ": found "
                  + a.typeName()
                  + ", expected integer labels; convert with .astype('int64')");
        }
        int[] s = withRows(a.shape(), rows.inFile());
        if (a.size() != wanted || s.length == 0 || s[0] != images) {
          throw SnnsimException.badData(
              a.where()
                  + ": found shape "
                  + Arrays.toString(s)
                  + ", expected ["
                  + images
                  + "], one label an image; for one-hot labels use .argmax(1)");
        }
        long[] v = a.toLongs();
        int[] out = new int[wanted];
        for (int i = 0; i < wanted; i++) {
          out[i] = Math.clamp(v[i], Integer.MIN_VALUE, Integer.MAX_VALUE);
        }
        return out;
      }
    }
    return null;
  }

  /**
   * Refuses labels that are no class.
   *
   * @throws SnnsimException (bad data) naming the first one
   */
  public void checkLabels(int classes) {
    for (int i = 0; labels != null && i < count; i++) {
      int l = labels[from + i];
      if (l < 0 || l >= classes) {
        throw SnnsimException.badData(
            where
                + "[labels]: found "
                + l
                + " at image "
                + (from + i)
                + ", expected 0.."
                + (classes - 1)
                + "; give images of the classes that the network was trained on");
      }
    }
  }

  @Override
  public int count() {
    return count;
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
    return labels[from + i];
  }

  /** Images {@code first} .. {@code last - 1} as a view. */
  public ImageSet subset(int first, int last) {
    if (first < 0 || last > count || first > last) {
      throw new IllegalArgumentException(first + ".." + last + " of " + count);
    }
    return new ImageSet(where, shape, channelsLast, from + first, last - first, pixels, labels);
  }

  @Override
  public void read(int index, float[] into) {
    if (index < 0 || index >= count) {
      throw new IndexOutOfBoundsException(index + " of " + count);
    }
    int c = shape.channels();
    int plane = shape.height() * shape.width();
    int base = (from + index) * c * plane;
    boolean u8 = pixels.kind() == NpyArray.Kind.UNSIGNED;
    for (int k = 0; k < c; k++) {
      for (int p = 0; p < plane; p++) {
        int at = base + (channelsLast ? p * c + k : k * plane + p);
        into[k * plane + p] = u8 ? pixels.unsignedByteAt(at) / 255f : pixels.floatAt(at);
      }
    }
  }
}
