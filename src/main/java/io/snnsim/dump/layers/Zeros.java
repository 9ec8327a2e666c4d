// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump.layers;

import io.snnsim.geometry.Window;

/**
 * Rows and columns of zeros around a map, each 0 or more. Immutable.
 *
 * @param top rows above
 * @param left columns to the left
 * @param bottom rows below
 * @param right columns to the right
 */
public record Zeros(int top, int left, int bottom, int right) {
  /** No padding. */
  public static final Zeros NONE = new Zeros(0, 0, 0, 0);

  /** As much on each side. */
  public static Zeros even(int rows, int columns) {
    return new Zeros(rows, columns, rows, columns);
  }

  /** These and others around them. */
  Zeros and(Zeros more) {
    return new Zeros(
        Math.addExact(top, more.top),
        Math.addExact(left, more.left),
        Math.addExact(bottom, more.bottom),
        Math.addExact(right, more.right));
  }

  /** The window with these zeros beside its own. */
  public Window into(Window w) {
    return new Window(
        w.kernelH(),
        w.kernelW(),
        w.strideH(),
        w.strideW(),
        Math.addExact(w.padH(), top),
        Math.addExact(w.padW(), left),
        w.dilationH(),
        w.dilationW(),
        Math.addExact(w.padBottom(), bottom),
        Math.addExact(w.padRight(), right));
  }

  @Override
  public String toString() {
    return top
        + " rows above, "
        + bottom
        + " below, "
        + left
        + " columns left, "
        + right
        + " right";
  }
}
