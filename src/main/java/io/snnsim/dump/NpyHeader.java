// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump;

import io.snnsim.dump.file.Text;
import io.snnsim.error.SnnsimException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The Python dictionary at the start of a {@code .npy} file: exactly {@code descr}, {@code
 * fortran_order} and {@code shape}, in any order. Immutable; reading is stateless.
 *
 * @param descr type string such as {@code <f4}
 * @param dimensions sizes, none negative; empty for a single value
 */
record NpyHeader(String descr, boolean fortranOrder, List<Long> dimensions) {
  /** NumPy's own limit. */
  private static final int MOST_DIMENSIONS = 64;

  /** Reads the text of a header; anything but the three keys with their types is refused. */
  static NpyHeader parse(String text, String where) {
    return new Parser(text, where).header();
  }

  private static final class Parser {
    private final String text;
    private final String where;
    private int at;

    Parser(String text, String where) {
      this.text = text;
      this.where = where;
    }

    NpyHeader header() {
      String descr = null;
      Boolean fortran = null;
      List<Long> shape = null;
      Set<String> seen = new HashSet<>();
      expect('{');
      while (!next('}')) {
        String key = string();
        if (!seen.add(key)) {
          throw bad("key '" + key + "' twice");
        }
        expect(':');
        switch (key) {
          case "descr" -> descr = type();
          case "fortran_order" -> fortran = bool();
          case "shape" -> shape = shape();
          default -> throw bad("the key '" + key + "'");
        }
        if (!next(',')) {
          expect('}');
          break;
        }
      }
      skipSpace();
      if (at != text.length()) {
        throw bad("text after the dictionary");
      }
      if (seen.size() != 3) {
        throw bad("only " + seen.stream().sorted().toList());
      }
      return new NpyHeader(descr, fortran, shape);
    }

    private String type() {
      skipSpace();
      if (at < text.length() && text.charAt(at) == '[') {
        throw SnnsimException.badData(
            where
                + ": found a structured array, expected plain numbers; save each field by itself");
      }
      return string();
    }

    private boolean bool() {
      skipSpace();
      for (String word : List.of("True", "False")) {
        if (text.startsWith(word, at)) {
          at += word.length();
          return word.equals("True");
        }
      }
      throw bad("a fortran_order that is neither True nor False");
    }

    private List<Long> shape() {
      List<Long> sizes = new ArrayList<>();
      expect('(');
      while (!next(')')) {
        sizes.add(size());
        if (sizes.size() > MOST_DIMENSIONS) {
          throw bad("more than " + MOST_DIMENSIONS + " dimensions");
        }
        if (!next(',')) {
          expect(')');
          break;
        }
      }
      return List.copyOf(sizes);
    }

    private long size() {
      skipSpace();
      int from = at;
      while (at < text.length() && Character.digit(text.charAt(at), 10) >= 0) {
        at++;
      }
      String digits = text.substring(from, at);
      if (at < text.length() && text.charAt(at) == 'L') {
        at++; // Python 2 wrote long integers so.
      }
      try {
        return Long.parseLong(digits);
      } catch (NumberFormatException e) {
        throw bad("a shape that is no list of sizes");
      }
    }

    private String string() {
      skipSpace();
      char quote = at < text.length() ? text.charAt(at) : ' ';
      int end = quote == '\'' || quote == '"' ? text.indexOf(quote, at + 1) : -1;
      if (end < 0) {
        throw bad("no quoted text at character " + at);
      }
      String s = text.substring(at + 1, end);
      at = end + 1;
      return s;
    }

    private void expect(char c) {
      if (!next(c)) {
        throw bad("no '" + c + "' at character " + at);
      }
    }

    private boolean next(char c) {
      skipSpace();
      if (at < text.length() && text.charAt(at) == c) {
        at++;
        return true;
      }
      return false;
    }

    private void skipSpace() {
      while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
        at++;
      }
    }

    private SnnsimException bad(String found) {
      return SnnsimException.badData(
          where
              + ": the NumPy header has "
              + Text.oneLine(found)
              + ", expected the keys descr, fortran_order and shape; save the array again");
    }
  }
}
