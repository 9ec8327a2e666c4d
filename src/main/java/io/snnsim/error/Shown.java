// SPDX-License-Identifier: Apache-2.0
package io.snnsim.error;

import java.util.Locale;

/**
 * Text from elsewhere, such as names in a file, as it may be shown: on one line, without characters
 * that a terminal obeys or that turn the order of others, and not endless. Stateless and
 * thread-safe.
 *
 * <p>Such characters become what JSON writes for them, {@code \}{@code u001b} or {@code \n}; what
 * is left out of the middle is counted. All other text stays as it is.
 */
public final class Shown {
  /** Longest word that is shown whole: names of files have at most half as many characters. */
  private static final int LONGEST_WORD = 512;

  /** What stays of a longer one, at either end. */
  private static final int WORD_ENDS = 60;

  /** Longest text that is shown whole. */
  private static final int LONGEST = 4000;

  private static final int ENDS = 1500;

  private Shown() {}

  /**
   * One line of text.
   *
   * @param text from anywhere; null is shown as null
   * @return what may be shown of it
   */
  public static String text(String text) {
    if (text == null) {
      return "null";
    }
    String cut = text.length() > LONGEST_WORD ? cut(text) : text;
    return isPlain(cut) ? cut : escaped(cut, false);
  }

  /**
   * As {@link String#format} in English; strings among the values are shown as one line each.
   *
   * @param format as there
   * @param values as there
   * @return the text
   */
  public static String format(String format, Object... values) {
    Object[] shown = values.clone();
    for (int i = 0; i < shown.length; i++) {
      if (shown[i] instanceof String s) {
        shown[i] = text(s);
      }
    }
    return String.format(Locale.ROOT, format, shown);
  }

  /**
   * Text of several lines, which are the caller's own: all else is shown as in {@link #text}, but
   * whole. JSON stays the same JSON.
   *
   * @param lines with line feeds, carriage returns and tabs as they are
   * @return what may be shown of it
   */
  public static String lines(String lines) {
    return isPlain(lines) ? lines : escaped(lines, true);
  }

  private static boolean isPlain(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      // Past the common ones, look closer.
      if (c < ' ' || c >= 0x7f && mustEscape(text, i)) {
        return false;
      }
    }
    return true;
  }

  private static String escaped(String text, boolean layout) {
    StringBuilder s = new StringBuilder(text.length() + 16);
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (!mustEscape(text, i) || layout && (c == '\n' || c == '\r' || c == '\t')) {
        s.append(c);
        continue;
      }
      switch (c) {
        case '\n' -> s.append("\\n");
        case '\r' -> s.append("\\r");
        case '\t' -> s.append("\\t");
        default -> s.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
      }
    }
    return s.toString();
  }

  /** True of controls, of marks that are not seen, of line ends, and of halves of a character. */
  private static boolean mustEscape(String text, int i) {
    char c = text.charAt(i);
    int whole = c;
    if (Character.isHighSurrogate(c) && i + 1 < text.length()) {
      whole = text.codePointAt(i);
    } else if (Character.isLowSurrogate(c) && i > 0) {
      whole = text.codePointBefore(i + 1);
    }
    return switch (Character.getType(whole)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SURROGATE ->
          true;
      default -> false;
    };
  }

  /** Shortens long words, then the whole. */
  private static String cut(String text) {
    StringBuilder s = new StringBuilder();
    int begin = 0;
    for (int i = 0; i <= text.length(); i++) {
      if (i == text.length() || text.charAt(i) == ' ') {
        s.append(ends(text, begin, i, LONGEST_WORD, WORD_ENDS));
        s.append(i < text.length() ? " " : "");
        begin = i + 1;
      }
    }
    return ends(s.toString(), 0, s.length(), LONGEST, ENDS);
  }

  private static String ends(String text, int from, int to, int longest, int end) {
    if (to - from <= longest) {
      return text.substring(from, to);
    }
    return text.substring(from, from + end)
        + "...("
        + (to - from - 2 * end)
        + " more)..."
        + text.substring(to - end, to);
  }
}
