package io.snnsim.ann;

/**
 * A sliding window over a map: kernel, stride, zero padding and dilation, each as (height, width).
 * Immutable.
 */
public record Window(
    int kernelH,
    int kernelW,
    int strideH,
    int strideW,
    int padH,
    int padW,
    int dilationH,
    int dilationW) {
  /** A square window without dilation. */
  public static Window square(int kernel, int stride, int pad) {
    return new Window(kernel, kernel, stride, stride, pad, pad, 1, 1);
  }

  /** Output height for an input of {@code h} rows; &lt;= 0 means that the window does not fit. */
  public int outHeight(int h) {
    return Math.floorDiv(h + 2 * padH - dilationH * (kernelH - 1) - 1, strideH) + 1;
  }

  /** Output width for an input of {@code w} columns; &lt;= 0 means that the window does not fit. */
  public int outWidth(int w) {
    return Math.floorDiv(w + 2 * padW - dilationW * (kernelW - 1) - 1, strideW) + 1;
  }

  /** Number of taps. */
  public int taps() {
    return kernelH * kernelW;
  }
}
