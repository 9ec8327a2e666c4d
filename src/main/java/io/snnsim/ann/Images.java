// SPDX-License-Identifier: Apache-2.0
package io.snnsim.ann;

/** Images by index; implementations allow calls from several threads. */
public interface Images {
  /** Number of images. */
  int count();

  /** Writes image {@code index} as [channel][y][x] before mean/std (u8 divided by 255). */
  void read(int index, float[] into);
}
