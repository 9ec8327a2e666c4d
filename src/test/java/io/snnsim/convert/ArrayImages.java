// SPDX-License-Identifier: Apache-2.0
package io.snnsim.convert;

import io.snnsim.ann.Images;
import java.util.List;

/** Images that lie in arrays, [channel][y][x] each. Immutable as long as those are. */
record ArrayImages(List<float[]> pixels) implements Images {
  ArrayImages(float[][] pixels) {
    this(List.of(pixels));
  }

  @Override
  public int count() {
    return pixels.size();
  }

  @Override
  public void read(int index, float[] into) {
    System.arraycopy(pixels.get(index), 0, into, 0, into.length);
  }
}
