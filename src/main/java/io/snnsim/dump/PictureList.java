// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump;

import io.snnsim.dump.file.Text;
import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The files that should be pictures, in the order in which they are taken. Immutable.
 *
 * @param labels one a file, or null if there are none
 * @param classes that are told apart, 0 if not known
 * @param notes lines on what is odd about them
 */
record PictureList(List<Path> files, List<Integer> labels, int classes, List<String> notes) {
  /** One picture. */
  static PictureList single(Path file) {
    return new PictureList(List.of(file), null, 0, List.of());
  }

  /**
   * A folder of a folder for each class, in the order of their names, or of pictures without
   * labels. Classes take turns, so that the first pictures are of all of them. Hidden files are no
   * part of it.
   */
  static PictureList folder(Path folder) {
    List<Path> inside = entries(folder);
    List<Path> classes = inside.stream().filter(Files::isDirectory).toList();
    if (classes.isEmpty()) {
      return new PictureList(inside, null, 0, List.of());
    }
    List<List<Path>> all = new ArrayList<>();
    List<String> empty = new ArrayList<>();
    int longest = 0;
    for (Path c : classes) {
      List<Path> files = entries(c);
      all.add(files);
      longest = Math.max(longest, files.size());
      if (files.isEmpty()) {
        empty.add(c.getFileName().toString());
      }
    }
    // What lies beside the classes is judged like all else: a picture there has no class.
    List<Path> beside = inside.stream().filter(p -> !Files.isDirectory(p)).toList();
    if (!beside.isEmpty()) {
      throw SnnsimException.badData(
          folder
              + ": found "
              + beside.size()
              + " files beside the folders of classes, "
              + names(beside)
              + ", expected folders only; move them away");
    }
    List<Path> files = new ArrayList<>();
    List<Integer> labels = new ArrayList<>();
    for (int i = 0; i < longest; i++) {
      for (int c = 0; c < all.size(); c++) {
        if (i < all.get(c).size()) {
          files.add(all.get(c).get(i));
          labels.add(c);
        }
      }
    }
    List<String> notes =
        empty.isEmpty()
            ? List.of()
            : List.of(empty.size() + " classes have no images: " + Text.some(empty, 5));
    return new PictureList(files, labels, classes.size(), notes);
  }

  /** Lines of a path, from where the list lies, and the number of its class, if there is one. */
  static PictureList file(Path list) {
    List<Path> files = new ArrayList<>();
    List<Integer> labels = new ArrayList<>();
    try {
      List<String> lines = Files.readAllLines(list);
      for (int i = 0; i < lines.size(); i++) {
        String line = lines.get(i).strip();
        if (line.isEmpty() || line.startsWith("#")) {
          continue;
        }
        int end =
            Math.max(
                Math.max(line.lastIndexOf(' '), line.lastIndexOf('\t')), line.lastIndexOf(','));
        String last = line.substring(end + 1);
        boolean labelled = end > 0 && last.matches("\\d{1,9}");
        String name = labelled ? line.substring(0, end).replaceFirst("[\\s,]+$", "") : line;
        files.add(resolve(list, i, name));
        labels.add(labelled ? Integer.valueOf(last) : null);
        if ((labels.getFirst() == null) == labelled) {
          throw SnnsimException.badData(
              list
                  + ", line "
                  + (i + 1)
                  + ": found a path with"
                  + (labelled ? "" : "out")
                  + " a class, expected as in the first line; give all lines the number of a class"
                  + " or none");
        }
      }
    } catch (CharacterCodingException e) {
      throw new SnnsimException(
          Category.BAD_DATA, list + ": found bytes that are no UTF-8 text, expected a list", e);
    } catch (IOException e) {
      throw new SnnsimException(Category.IO, list + ": cannot be read: " + e.getMessage(), e);
    }
    boolean without = labels.isEmpty() || labels.getFirst() == null;
    return new PictureList(files, without ? null : labels, 0, List.of());
  }

  private static Path resolve(Path list, int line, String name) {
    try {
      return list.resolveSibling(name);
    } catch (java.nio.file.InvalidPathException e) {
      throw new SnnsimException(
          Category.BAD_DATA,
          list + ", line " + (line + 1) + ": found '" + Text.oneLine(name) + "', expected a path",
          e);
    }
  }

  /** Names of some files; a list may name the root, which has none. */
  static String names(List<Path> files) {
    return Text.some(
        files.stream()
            .map(p -> (p.getFileName() == null ? p : p.getFileName()).toString())
            .toList(),
        5);
  }

  private static List<Path> entries(Path folder) {
    try (Stream<Path> all = Files.list(folder)) {
      return all.filter(p -> !p.getFileName().toString().startsWith(".")).sorted().toList();
    } catch (IOException e) {
      throw new SnnsimException(Category.IO, folder + ": cannot be read: " + e.getMessage(), e);
    }
  }
}
