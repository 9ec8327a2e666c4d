// SPDX-License-Identifier: Apache-2.0
package io.snnsim.error;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Text from elsewhere on one line, without what a terminal obeys, and not endless. */
class ShownTest {
  @Test
  void plainTextStaysAsItIs() {
    for (String text :
        new String[] {"", "layer1.0/conv", "Schicht 3 ä", "層 \uD83D\uDE00 é", "a\\b"}) {
      assertSame(text, Shown.text(text));
      assertSame(text, Shown.lines(text));
    }
    assertEquals("null", Shown.text(null));
  }

  @ParameterizedTest
  @CsvSource({
    "000a, \\n",
    "000d, \\r",
    "0009, \\t",
    "0000, \\u0000",
    "001b, \\u001b",
    "007f, \\u007f",
    "0085, \\u0085",
    "009b, \\u009b",
    "00ad, \\u00ad",
    "061c, \\u061c",
    "200e, \\u200e",
    "200f, \\u200f",
    "2028, \\u2028",
    "2029, \\u2029",
    "202a, \\u202a",
    "202e, \\u202e",
    "2066, \\u2066",
    "2069, \\u2069",
    "feff, \\ufeff",
    "d800, \\ud800",
    "dc00, \\udc00",
    "e0041, \\udb40\\udc41"
  })
  void whatIsNotSeenIsEscaped(String code, String shown) {
    String evil = Character.toString(Integer.parseInt(code, 16));
    if (evil.length() == 1 && Character.isSurrogate(evil.charAt(0))) {
      evil = String.valueOf((char) Integer.parseInt(code, 16));
    }
    assertEquals("a" + shown + "b", Shown.text("a" + evil + "b"));
    assertEquals(shown, Shown.text(evil));
    assertEquals("x: a" + shown, new SnnsimException(Category.BUG, "x: a" + evil).getMessage());
    assertEquals("[a" + shown + "  ] 5", Shown.format("[%s  ] %d", "a" + evil, 5));
    boolean layout = shown.length() == 2;
    assertEquals(layout ? evil : shown, Shown.lines(evil));
  }

  @Test
  void longWordsAndTextsAreCut() {
    String message = Shown.text("population " + "z".repeat(5_000_000) + ": found 3, expected 2");
    assertTrue(message.length() < 300, message.length() + " characters");
    assertTrue(message.startsWith("population zzz"), message);
    assertTrue(message.endsWith("z: found 3, expected 2"), message);
    assertTrue(message.contains("...(4999881 more)..."), message);
    String words = Shown.text("begin " + "z ".repeat(2_500_000) + "end");
    assertTrue(words.length() < 4000, words.length() + " characters");
    assertTrue(words.startsWith("begin z") && words.endsWith("z end"), words);
    String path = "/" + "d".repeat(255) + "/" + "f".repeat(255);
    assertSame(path, Shown.text(path));
    assertEquals(Shown.text(words), words);
    assertTrue(Shown.text("\u001b".repeat(5_000_000)).length() < 1000);
  }
}
