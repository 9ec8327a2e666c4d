// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump.onnx;

import java.util.Arrays;

/**
 * A tensor whose values are known, floats or whole numbers. Treat as immutable; arrays are not
 * copied.
 *
 * @param floats null if it has whole numbers
 * @param longs null if it has floats
 */
record Constant(int[] dims, float[] floats, long[] longs) implements Known {
  static Constant of(int[] dims, float[] floats) {
    return new Constant(dims, floats, null);
  }

  static Constant of(int[] dims, long[] longs) {
    return new Constant(dims, null, longs);
  }

  /** One dimension. */
  static Constant of(long... longs) {
    return of(new int[] {longs.length}, longs);
  }

  boolean whole() {
    return longs != null;
  }

  int size() {
    return whole() ? longs.length : floats.length;
  }

  int rank() {
    return dims.length;
  }

  double at(int i) {
    return whole() ? longs[i] : floats[i];
  }

  /** The same values in other dimensions of as many. */
  Constant shaped(int... other) {
    return new Constant(other, floats, longs);
  }

  /** As in messages. */
  String shape() {
    return Arrays.toString(dims);
  }

  /**
   * Whole numbers of one dimension or of none.
   *
   * @throws NoLayer if it is something else
   */
  long[] list(String what) {
    if (!whole() || rank() > 1) {
      throw new NoLayer(
          "found "
              + what
              + " of shape "
              + shape()
              + (whole() ? "" : " of floats")
              + ", expected a list of whole numbers",
          "");
    }
    return longs;
  }

  /** Values that are all finite. */
  float[] finite(String what) {
    if (whole()) {
      throw new NoLayer("found " + what + " of whole numbers, expected floats", "");
    }
    for (int i = 0; i < floats.length; i++) {
      if (!Float.isFinite(floats[i])) {
        throw NoLayer.ever(
            "found "
                + what
                + " with the value "
                + floats[i]
                + " at element "
                + i
                + ", expected finite float32 values",
            "check the training");
      }
    }
    return floats;
  }

  /** The only value. */
  float single(String what) {
    if (size() != 1) {
      throw new NoLayer("found " + what + " of shape " + shape() + ", expected one value", "");
    }
    return (float) at(0);
  }
}
