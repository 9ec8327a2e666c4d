// SPDX-License-Identifier: Apache-2.0
package io.snnsim.campaign.reading;

import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/** A reader with a fault behind five bytes, which chance alone would not find. Stateless. */
public final class Planted implements Supplier<Target> {
  /** For the loader of the instrumented program. */
  public Planted() {}

  @Override
  public Target get() {
    return new Target(
        "planted", Set.of(Category.BAD_DATA), false, List.of(new byte[16]), Planted::read);
  }

  private static void read(byte[] bytes) {
    if (bytes.length < 5) {
      throw SnnsimException.badData("short");
    }
    if (bytes[0] == 'f') {
      if (bytes[1] == 'a') {
        if (bytes[2] == 'u') {
          if (bytes[3] == 'l') {
            if (bytes[4] == 't') {
              throw new IndexOutOfBoundsException("planted");
            }
          }
        }
      }
    }
  }
}
