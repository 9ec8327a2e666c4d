package io.snnsim.ann;

/** Shape of one image's feature map: channels x height x width. Immutable. */
public record MapShape(int channels, int height, int width) {
  /** Number of values in the map. */
  public int size() {
    return Math.multiplyExact(Math.multiplyExact(channels, height), width);
  }

  @Override
  public String toString() {
    return channels + "x" + height + "x" + width;
  }
}
