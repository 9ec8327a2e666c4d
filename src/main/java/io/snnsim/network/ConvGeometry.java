package io.snnsim.network;

/**
 * Sliding-window geometry of a projection between two populations. A fully connected projection is
 * a window as large as the source map. Immutable.
 */
public record ConvGeometry(
    int inChannels,
    int inHeight,
    int inWidth,
    int outChannels,
    int outHeight,
    int outWidth,
    int kernelH,
    int kernelW,
    int strideH,
    int strideW,
    int padH,
    int padW,
    int dilationH,
    int dilationW,
    int groups) {
  /** Input channels that one output channel reads. */
  public int inPerGroup() {
    return inChannels / groups;
  }

  /** Output channels of one group. */
  public int outPerGroup() {
    return outChannels / groups;
  }

  /** Number of taps of the window. */
  public int taps() {
    return kernelH * kernelW;
  }
}
