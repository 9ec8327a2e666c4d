// SPDX-License-Identifier: Apache-2.0
package io.snnsim.encode;

/**
 * Turns an image into what the input stage sees at each time step. Confined to one thread; one
 * instance a session. Allocates nothing after construction.
 */
public interface InputEncoder {
  /** True if the encoded image is the same at every step, so that its current is computed once. */
  boolean constant();

  /**
   * Starts an image.
   *
   * @param imageIndex index of the image in its data set: with the seed it determines the spikes,
   *     whatever the thread or order
   * @param x normalised image, [channel][y][x]; read, not kept beyond the image
   * @param steps number of steps that the image will be shown, if known, else 0
   */
  void begin(long imageIndex, float[] x, int steps);

  /** Writes the analog frame of step {@code t} (0-based) to {@code out}, laid out as the image. */
  void frame(int t, float[] out);
}
