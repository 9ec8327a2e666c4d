package io.snnsim.api;

/**
 * Shape of an image or of a population of neurons. Immutable.
 *
 * @param channels at least 1
 * @param height rows, at least 1
 * @param width columns, at least 1
 */
public record MapShape(int channels, int height, int width) {
  /** {@return values or neurons: channels * height * width} */
  public int size() {
    return channels * height * width;
  }

  /** For instance {@code 3x32x32}: channels, height, width. */
  @Override
  public String toString() {
    return channels + "x" + height + "x" + width;
  }
}
