// SPDX-License-Identifier: Apache-2.0
package io.snnsim.geometry;

/**
 * A sliding window over a map: kernel, stride, zero padding and dilation, each as (height, width),
 * the padding of either end of its own. Immutable.
 *
 * @param kernelH rows of taps
 * @param kernelW columns of taps
 * @param strideH rows from one output to the next
 * @param strideW columns from one output to the next
 * @param padH rows of zeros above
 * @param padW columns of zeros left of it
 * @param dilationH rows from one tap to the next
 * @param dilationW columns from one tap to the next
 * @param padBottom rows of zeros below
 * @param padRight columns of zeros right of it
 */
public record Window(
    int kernelH,
    int kernelW,
    int strideH,
    int strideW,
    int padH,
    int padW,
    int dilationH,
    int dilationW,
    int padBottom,
    int padRight) {
  /**
   * A window with as much padding on either side.
   *
   * @param kernelH rows of taps
   * @param kernelW columns of taps
   * @param strideH rows from one output to the next
   * @param strideW columns from one output to the next
   * @param padH rows of zeros above and below
   * @param padW columns of zeros left and right
   * @param dilationH rows from one tap to the next
   * @param dilationW columns from one tap to the next
   */
  public Window(
      int kernelH,
      int kernelW,
      int strideH,
      int strideW,
      int padH,
      int padW,
      int dilationH,
      int dilationW) {
    this(kernelH, kernelW, strideH, strideW, padH, padW, dilationH, dilationW, padH, padW);
  }

  /**
   * A square window without dilation.
   *
   * @param kernel rows and columns of taps
   * @param stride rows and columns from one output to the next
   * @param pad rows and columns of zeros on each side
   * @return the window
   */
  public static Window square(int kernel, int stride, int pad) {
    return new Window(kernel, kernel, stride, stride, pad, pad, 1, 1);
  }

  /**
   * A window as large as a map, so that there is one place for it.
   *
   * @param map what it is over
   * @return the window
   */
  public static Window whole(MapShape map) {
    return new Window(map.height(), map.width(), 1, 1, 0, 0, 1, 1);
  }

  /**
   * Rows of the output.
   *
   * @param h rows of the input
   * @return rows; 0 if the window does not fit
   */
  public int outHeight(int h) {
    return out(h, kernelH, strideH, (long) padH + padBottom, dilationH);
  }

  /**
   * Columns of the output.
   *
   * @param w columns of the input
   * @return columns; 0 if the window does not fit
   */
  public int outWidth(int w) {
    return out(w, kernelW, strideW, (long) padW + padRight, dilationW);
  }

  private static int out(int size, int kernel, int stride, long pads, int dilation) {
    long room = size + pads - (long) dilation * (kernel - 1) - 1;
    return Math.clamp(Math.floorDiv(room, stride) + 1, 0, Integer.MAX_VALUE);
  }

  /** {@return whether both ends of each axis have the same padding} */
  public boolean symmetric() {
    return padH == padBottom && padW == padRight;
  }

  /** {@return whether there is any padding} */
  public boolean padded() {
    return padH > 0 || padW > 0 || padBottom > 0 || padRight > 0;
  }

  /** {@return number of taps} */
  public int taps() {
    return kernelH * kernelW;
  }

  /**
   * {@return as in a message: kernel 3x3, stride 1x1, padding 1x1, dilation 1x1; unequal padding as
   * top, bottom, left, right: 0,1,0,1}
   */
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
        + (symmetric() ? padH + "x" + padW : padH + "," + padBottom + "," + padW + "," + padRight)
        + ", dilation "
        + dilationH
        + "x"
        + dilationW;
  }
}
