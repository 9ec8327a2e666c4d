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

  /** Output height for an input of {@code h} rows; 0 means that the window does not fit. */
  public int outHeight(int h) {
    return out(h, kernelH, strideH, padH, dilationH);
  }

  /** Output width for an input of {@code w} columns; 0 means that the window does not fit. */
  public int outWidth(int w) {
    return out(w, kernelW, strideW, padW, dilationW);
  }

  private static int out(int size, int kernel, int stride, int pad, int dilation) {
    long room = size + 2L * pad - (long) dilation * (kernel - 1) - 1;
    return Math.clamp(Math.floorDiv(room, stride) + 1, 0, Integer.MAX_VALUE);
  }

  /** Number of taps. */
  public int taps() {
    return kernelH * kernelW;
  }

  /** As in a message: kernel 3x3, stride 1x1, padding 1x1, dilation 1x1. */
  public String text() {
    return "kernel "
        + kernelH
        + "x"
        + kernelW
        + ", stride "
        + strideH
        + "x"
        + strideW
        + ", padding "
        + padH
        + "x"
        + padW
        + ", dilation "
        + dilationH
        + "x"
        + dilationW;
  }
}
