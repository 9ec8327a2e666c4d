// SPDX-License-Identifier: Apache-2.0
package io.snnsim.engine;

/** Images by index, for batches. Implementations must allow calls from several threads. */
public interface ImageSource {
  /** Number of images. */
  int count();

  /**
   * Writes image {@code index} as [channel][y][x] floats before mean/std normalisation (u8 values
   * divided by 255).
   */
  void read(int index, float[] into);
}
