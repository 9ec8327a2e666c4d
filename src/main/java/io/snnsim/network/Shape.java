package io.snnsim.network;

/** Shape of a population: channels x height x width. Immutable. */
public record Shape(int channels, int height, int width) {
  /** Number of neurons. */
  public int neurons() {
    return Math.multiplyExact(Math.multiplyExact(channels, height), width);
  }

  @Override
  public String toString() {
    return channels + "x" + height + "x" + width;
  }
}
