// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump;

import java.util.Collection;

/** Turns what stands in hostile files into text that fits into one line. Stateless. */
final class Text {
  private static final int LONGEST = 120;

  private Text() {}

  /** {@code s} without line breaks and other control characters, and shortened. */
  static String oneLine(String s) {
    if (s == null) {
      return "no details";
    }
    String clean = s.replaceAll("[\\p{Cntrl}\\p{Zl}\\p{Zp}]+", " ").strip();
    return clean.length() <= LONGEST ? clean : clean.substring(0, LONGEST - 3) + "...";
  }

  /** The first {@code most} names, and dots if there are more. */
  static String some(Collection<String> names, int most) {
    String list = String.join(", ", names.stream().limit(most).map(Text::oneLine).toList());
    return names.size() > most ? list + ", ..." : list;
  }
}
