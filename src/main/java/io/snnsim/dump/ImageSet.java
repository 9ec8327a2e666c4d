package io.snnsim.dump;

import io.snnsim.ann.Images;
import io.snnsim.ann.MapShape;
import io.snnsim.error.SnnsimException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * Images and, where there are any, labels of a {@code .npz} file. Immutable and safe to share; u8
 * images stay u8 in memory.
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
  private final byte[] bytes;
  private final float[] floats;
  private final int[] labels;

  private ImageSet(
      String where,
      MapShape shape,
      boolean channelsLast,
      int from,
      int count,
      byte[] bytes,
      float[] floats,
      int[] labels) {
    this.where = where;
    this.shape = shape;
    this.channelsLast = channelsLast;
    this.from = from;
    this.count = count;
    this.bytes = bytes;
    this.floats = floats;
    this.labels = labels;
  }

  /**
   * Reads a file.
   *
   * @param expected shape of one image that the network takes
   * @throws SnnsimException (bad data) if size, layout, type or labels do not fit
   */
  public static ImageSet read(Path file, MapShape expected) {
    try (NpzFile npz = NpzFile.open(file)) {
      String images = pick(npz, List.of("images", "x"), file);
      NpyArray a = npz.get(images);
      int[] s = a.shape();
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
                + Arrays.toString(s)
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
      float[] floats = u8 ? null : finite(a);
      int[] labels = labels(npz, s[0]);
      return new ImageSet(
          file.toString(),
          expected,
          last,
          0,
          s[0],
          u8 ? a.toUnsignedBytes() : null,
          floats,
          labels);
    }
  }

  private static float[] finite(NpyArray a) {
    float[] x = a.toFloats();
    for (int i = 0; i < x.length; i++) {
      if (!Float.isFinite(x[i])) {
        throw SnnsimException.badData(
            a.where()
                + ": found "
                + x[i]
                + " at element "
                + i
                + ", expected finite pixels; check how the images were made");
      }
    }
    return x;
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

  private static int[] labels(NpzFile npz, int count) {
    for (String n : List.of("labels", "y")) {
      if (npz.names().contains(n)) {
        NpyArray a = npz.get(n);
        if (a.kind() == NpyArray.Kind.FLOAT) {
          throw SnnsimException.badData(
              a.where()
                  + ": found "
                  + a.typeName()
                  + ", expected integer labels; convert with .astype('int64')");
        }
        int[] s = a.shape();
        if (a.size() != count || s.length == 0 || s[0] != count) {
          throw SnnsimException.badData(
              a.where()
                  + ": found shape "
                  + Arrays.toString(s)
                  + ", expected ["
                  + count
                  + "], one label an image; for one-hot labels use .argmax(1)");
        }
        long[] v = a.toLongs();
        int[] out = new int[count];
        for (int i = 0; i < count; i++) {
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
    return new ImageSet(
        where, shape, channelsLast, from + first, last - first, bytes, floats, labels);
  }

  @Override
  public void read(int index, float[] into) {
    if (index < 0 || index >= count) {
      throw new IndexOutOfBoundsException(index + " of " + count);
    }
    int c = shape.channels();
    int plane = shape.height() * shape.width();
    int base = (from + index) * c * plane;
    for (int k = 0; k < c; k++) {
      for (int p = 0; p < plane; p++) {
        int at = base + (channelsLast ? p * c + k : k * plane + p);
        into[k * plane + p] = bytes != null ? (bytes[at] & 0xff) / 255f : floats[at];
      }
    }
  }
}
