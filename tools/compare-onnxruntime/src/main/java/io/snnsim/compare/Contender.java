// SPDX-License-Identifier: Apache-2.0
package io.snnsim.compare;

/** A network that answers an image at a time, on the thread that made it, until it is closed. */
interface Contender extends AutoCloseable {
  /** What a table calls it. */
  String name();

  /** True if it wants images after mean and standard deviation were applied. */
  boolean normalised();

  /** Passes over all layers that an answer takes: time steps, or 1 of a dense network. */
  int steps();

  /**
   * The class of an image.
   *
   * @param image [channel][y][x]
   */
  int classify(float[] image);

  @Override
  void close();
}
