// SPDX-License-Identifier: Apache-2.0
package io.snnsim.convert.scheme;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The k largest of a stream against sorting all of it. */
class LargestValuesTest {
  @Test
  void equalsSortingHoweverTheStreamIsCut() {
    for (long seed = 1; seed <= 400; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      float[] all = new float[1 + random.nextInt(20_000)];
      int kind = random.nextInt(5);
      for (int i = 0; i < all.length; i++) {
        all[i] =
            switch (kind) {
              case 0 -> random.nextInt(4); // many ties
              case 1 -> i; // every value a new record
              case 2 -> -i;
              case 3 -> Math.max(0, (float) random.nextGaussian());
              default -> (float) random.nextGaussian();
            };
      }
      int k = 1 + random.nextInt(random.nextBoolean() ? 20 : all.length);
      LargestValues[] threads = new LargestValues[1 + random.nextInt(3)];
      Arrays.setAll(threads, t -> new LargestValues(k));
      for (int at = 0; at < all.length; ) {
        int n = Math.min(all.length - at, 1 + random.nextInt(700));
        threads[random.nextInt(threads.length)].add(Arrays.copyOfRange(all, at, at + n), n);
        at += n;
      }
      LargestValues merged = new LargestValues(k);
      for (LargestValues t : threads) {
        merged.merge(t);
      }
      float[] found = merged.sorted();
      int most = Math.min(k, all.length);
      Arrays.sort(all);
      assertTrue(found.length >= most && found.length <= Math.max(2L * k, 128), "seed=" + seed);
      assertArrayEquals(
          Arrays.copyOfRange(all, all.length - most, all.length),
          Arrays.copyOfRange(found, found.length - most, found.length),
          "seed=" + seed + " k=" + k);
    }
  }

  @Test
  void nanIsKeptAsTheLargest() {
    LargestValues l = new LargestValues(2);
    for (int i = 0; i < 500; i++) {
      l.add(new float[] {i == 7 ? Float.NaN : i}, 1);
    }
    float[] found = l.sorted();
    assertTrue(Float.isNaN(found[found.length - 1]));
  }
}
