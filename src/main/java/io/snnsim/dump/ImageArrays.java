// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump;

import io.snnsim.dump.file.Text;
import io.snnsim.error.SnnsimException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Which arrays of an {@code .npz} file are the images and their labels, by the names that people
 * give them. Immutable.
 *
 * @param images name of the array
 * @param labels name of the array, or null if there is none
 */
record ImageArrays(String images, String labels) {
  /** First ones are taken before later ones. */
  private static final List<String> IMAGES =
      List.of(
          "images", "x", "image", "imgs", "img", "data", "inputs", "input", "features", "pixels");

  private static final List<String> LABELS =
      List.of(
          "labels", "y", "label", "targets", "target", "classes", "class", "finelabels", "output");

  private static final Set<String> TRAINING = Set.of("train", "training");
  private static final Set<String> TEST = Set.of("test", "testing", "val", "valid", "validation");

  /** A name without the word that says which part of a data set it is of. */
  private record Name(String stem, String part) {
    static Name of(String array) {
      StringBuilder stem = new StringBuilder();
      String part = "";
      for (String word : array.toLowerCase(Locale.ROOT).split("[_.\\- ]")) {
        if (TRAINING.contains(word)) {
          part = "train";
        } else if (TEST.contains(word)) {
          part = word.startsWith("val") ? "val" : "test";
        } else {
          stem.append(word);
        }
      }
      return new Name(stem.toString(), part);
    }
  }

  /**
   * Chooses.
   *
   * @param training the images are to calibrate on, so that of several parts the training one is
   *     taken
   * @throws SnnsimException (bad data) if no array is named like images, or several might be
   */
  static ImageArrays in(NpzFile npz, boolean training) {
    ImageArrays numbered = numbered(npz);
    if (numbered != null) {
      return numbered;
    }
    List<String> order =
        training ? List.of("", "train", "val", "test") : List.of("", "test", "val", "train");
    for (String part : order) {
      String images = first(npz, IMAGES, part);
      if (images != null) {
        String labels = first(npz, LABELS, part);
        return new ImageArrays(images, labels);
      }
    }
    List<String> others =
        npz.names().stream().filter(n -> !LABELS.contains(Name.of(n).stem())).toList();
    if (others.size() == 1) {
      String labels = first(npz, LABELS, Name.of(others.getFirst()).part());
      return new ImageArrays(others.getFirst(), labels);
    }
    throw SnnsimException.badData(
        npz.path()
            + ": found the arrays "
            + Text.some(npz.names(), 8)
            + ", expected one named images; save with np.savez(FILE, images=..., labels=...)");
  }

  private static String first(NpzFile npz, List<String> stems, String part) {
    for (String stem : stems) {
      List<String> found = new ArrayList<>();
      for (String array : npz.names()) {
        Name name = Name.of(array);
        if (name.stem().equals(stem) && name.part().equals(part)) {
          found.add(array);
        }
      }
      if (found.contains(stem)) {
        return stem;
      }
      if (found.size() > 1) {
        throw SnnsimException.badData(
            npz.path()
                + ": found the arrays "
                + Text.some(found, 8)
                + ", expected one of them; save with np.savez(FILE, images=..., labels=...)");
      }
      if (!found.isEmpty()) {
        return found.getFirst();
      }
    }
    return null;
  }

  /** What np.savez names arr_0 and arr_1 because it was given no names; labels have one number. */
  private static ImageArrays numbered(NpzFile npz) {
    if (npz.names().size() != 2 || !npz.names().containsAll(List.of("arr_0", "arr_1"))) {
      return null;
    }
    boolean swapped =
        npz.first("arr_0", 1).array().shape().length < 2
            && npz.first("arr_1", 1).array().shape().length > 1;
    return swapped ? new ImageArrays("arr_1", "arr_0") : new ImageArrays("arr_0", "arr_1");
  }

  /** True if an image array of another part was left alone, so that a choice was made. */
  boolean chosen(NpzFile npz) {
    return npz.names().stream()
        .anyMatch(
            n ->
                !n.equals(images)
                    && IMAGES.contains(Name.of(n).stem())
                    && !Name.of(n).part().equals(Name.of(images).part()));
  }
}
