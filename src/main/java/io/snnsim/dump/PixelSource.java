// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump;

/** Where the pixels of images come from, whatever file they lie in. Allows several threads. */
@FunctionalInterface
interface PixelSource {
  /** Writes image {@code index} as [channel][y][x]; u8 is divided by 255. */
  void read(int index, float[] into);
}
