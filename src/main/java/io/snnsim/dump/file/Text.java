// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump.file;

import io.snnsim.error.Shown;
import java.util.Collection;

/** Turns what stands in hostile files into text that fits into one line. Stateless. */
public final class Text {
  private static final int LONGEST = 120;

  private Text() {}

  /** {@code s} without line breaks and other control characters ({@link Shown}), and shortened. */
  public static String oneLine(String s) {
    return oneLine(s, LONGEST);
  }

  /** The same of at most {@code longest} characters. */
  public static String oneLine(String s, int longest) {
    if (s == null) {
      return "no details";
    }
    // Messages of libraries have several lines.
    String clean = Shown.text(s.replaceAll("[\\r\\n\\t]+", " ").strip());
    return clean.length() <= longest ? clean : clean.substring(0, longest - 3) + "...";
  }

  /** The first {@code most} names, and dots if there are more. */
  public static String some(Collection<String> names, int most) {
    String list = String.join(", ", names.stream().limit(most).map(Text::oneLine).toList());
    return names.size() > most ? list + ", ..." : list;
  }
}
