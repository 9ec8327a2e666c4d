// SPDX-License-Identifier: Apache-2.0
package io.snnsim.geometry;

/**
 * Shape of an image, of a feature map or of a population of neurons. Immutable.
 *
 * @param channels at least 1
 * @param height rows, at least 1
 * @param width columns, at least 1
 */
public record MapShape(int channels, int height, int width) {
  /**
   * {@return values or neurons: channels * height * width}
   *
   * @throws ArithmeticException if that is more than an int holds
   */
  public int size() {
    return Math.multiplyExact(Math.multiplyExact(channels, height), width);
  }

  /** {@return positions of one channel: height * width} */
  public int plane() {
    return Math.multiplyExact(height, width);
  }

  /** For instance {@code 3x32x32}: channels, height, width. */
  @Override
  public String toString() {
    return channels + "x" + height + "x" + width;
  }
}
