// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump;

import io.snnsim.error.SnnsimException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** Reads the labels of images: integers, whole floats, or one-hot rows. Stateless. */
final class ImageLabels {
  private ImageLabels() {}

  /** What is to be said of images whose labels lie in another file, or null if there is none. */
  static List<String> notes(Path images, Path labels) {
    return labels == null
        ? List.of("no labels found beside " + images.getFileName() + "; give them by --labels")
        : List.of();
  }

  /**
   * Labels of the first images.
   *
   * @param rows of the array, {@code wanted} of them or as many as there are
   * @param images in the file
   * @throws SnnsimException (bad data) if they are not one label an image
   */
  static int[] of(NpyRows rows, int wanted, int images) {
    NpyArray a = rows.array();
    int[] s = a.shape();
    int[] whole = rows.shape();
    boolean fits = s.length > 0 && whole[0] == images && s[0] == wanted;
    boolean oneEach = fits && a.size() == wanted;
    if (!oneEach && !(fits && s.length == 2 && s[1] > 1)) {
      throw SnnsimException.badData(
          a.where()
              + ": found shape "
              + Arrays.toString(whole)
              + ", expected ["
              + images
              + "], one label an image, or one-hot rows ["
              + images
              + ", classes]; save the labels of these images");
    }
    return oneEach ? single(a) : oneHot(a, wanted, s[1]);
  }

  private static int[] single(NpyArray a) {
    int[] out = new int[a.size()];
    if (a.kind() == NpyArray.Kind.FLOAT) {
      for (int i = 0; i < out.length; i++) {
        float v = a.floatAt(i);
        if (v != Math.rint(v) || Math.abs(v) > 1 << 24) {
          throw SnnsimException.badData(
              a.where()
                  + ": found "
                  + v
                  + " at image "
                  + i
                  + ", expected whole numbers from 0; save the number of each image's class");
        }
        out[i] = (int) v;
      }
      return out;
    }
    long[] v = a.toLongs();
    for (int i = 0; i < out.length; i++) {
      out[i] = Math.clamp(v[i], Integer.MIN_VALUE, Integer.MAX_VALUE);
    }
    return out;
  }

  private static int[] oneHot(NpyArray a, int rows, int classes) {
    int[] out = new int[rows];
    for (int i = 0; i < rows; i++) {
      int ones = 0;
      int others = 0;
      for (int k = 0; k < classes; k++) {
        float v = a.floatAt(i * classes + k);
        if (v == 1) {
          out[i] = k;
          ones++;
        } else if (v != 0) {
          others++;
        }
      }
      if (ones != 1 || others > 0) {
        throw SnnsimException.badData(
            a.where()
                + ": found row "
                + i
                + " with "
                + ones
                + " ones and "
                + others
                + " values other than 0 and 1, expected one label an image, or one-hot rows;"
                + " use .argmax(1) on scores");
      }
    }
    return out;
  }
}
