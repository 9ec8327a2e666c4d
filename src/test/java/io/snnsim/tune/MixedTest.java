// SPDX-License-Identifier: Apache-2.0
package io.snnsim.tune;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.snnsim.ann.Images;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Mixed images are distinct, and every part of them is spread over the whole set. */
class MixedTest {
  private record Numbered(int count) implements Images {
    @Override
    public void read(int index, float[] into) {
      into[0] = index;
    }
  }

  @Test
  void everyImageComesOnce() {
    for (int n : new int[] {1, 2, 3, 4, 5, 6, 7, 10, 20, 97, 100, 600, 2000, 2048}) {
      Mixed mixed = new Mixed(new Numbered(n), n);
      Set<Integer> seen = new HashSet<>();
      float[] into = new float[1];
      for (int i = 0; i < n; i++) {
        mixed.read(i, into);
        assertEquals(mixed.indexOf(i), (int) into[0]);
        seen.add((int) into[0]);
      }
      assertEquals(n, seen.size(), "n=" + n);
    }
    Mixed some = new Mixed(new Numbered(10), 4);
    assertThrows(IndexOutOfBoundsException.class, () -> some.indexOf(4));
    assertThrows(IllegalArgumentException.class, () -> new Mixed(new Numbered(3), 4));
  }

  /** Of a set sorted by ten classes each part has all of them, about as often. */
  @Test
  void partsAreLikeTheWhole() {
    Mixed mixed = new Mixed(new Numbered(2000), 600);
    for (int part = 0; part < 600; part += 150) {
      int[] perClass = new int[10];
      for (int i = part; i < part + 150; i++) {
        perClass[mixed.indexOf(i) / 200]++;
      }
      for (int n : perClass) {
        assertTrue(n >= 13 && n <= 17, java.util.Arrays.toString(perClass));
      }
    }
  }
}
