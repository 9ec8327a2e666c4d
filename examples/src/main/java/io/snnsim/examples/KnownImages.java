// SPDX-License-Identifier: Apache-2.0
package io.snnsim.examples;

import io.snnsim.api.Model;
import io.snnsim.api.Precision;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Images and what models answer to them, which differ in precision, by which an answer says whose
 * it is. Immutable.
 *
 * @param images each as raw bytes [y][x][channel]
 * @param classes by model, of every image
 */
record KnownImages(List<byte[]> images, Map<Precision, int[]> classes) {
  private static final Pattern ANSWER =
      Pattern.compile("\\{\"precision\": \"(\\w+)\", \"class\": (\\d+), .*\\R?");

  /**
   * Reads images that lie one after another in a file, and the classes, one a line, that {@code
   * snnsim run} gave them, from {@code MODEL.answers} beside each model.
   */
  static KnownImages read(Path images, Path... models) throws Exception {
    Map<Precision, int[]> classes = new EnumMap<>(Precision.class);
    int bytes = 0;
    for (Path file : models) {
      try (Model model = Model.open(file)) {
        classes.put(
            model.precision(),
            Files.readAllLines(file.resolveSibling(file.getFileName() + ".answers")).stream()
                .mapToInt(Integer::parseInt)
                .toArray());
        bytes = model.inputShape().size();
      }
    }
    byte[] all = Files.readAllBytes(images);
    List<byte[]> each = new ArrayList<>();
    for (int at = 0; at < all.length; at += bytes) {
      each.add(Arrays.copyOfRange(all, at, at + bytes));
    }
    return new KnownImages(each, classes);
  }

  /**
   * Reads an answer.
   *
   * @return whose it is, or null if it is not what that model answers to the image
   */
  Precision rightBy(int image, String answer) {
    Matcher m = ANSWER.matcher(answer);
    if (!m.matches()) {
      return null;
    }
    Precision model = Precision.valueOf(m.group(1));
    int[] known = classes.get(model);
    return known != null && known[image] == Integer.parseInt(m.group(2)) ? model : null;
  }

  /** Gives a file other content: beside it first, then renamed, so that nobody sees half of it. */
  static void replace(byte[] content, Path file) throws Exception {
    Path beside = file.resolveSibling(file.getFileName() + ".new");
    Files.write(beside, content);
    Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
