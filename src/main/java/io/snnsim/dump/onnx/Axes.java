// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump.onnx;

import java.util.Arrays;

/** Checks numbers that name dimensions. Stateless. */
final class Axes {
  private Axes() {}

  /**
   * A dimension, counted from the end if it is negative.
   *
   * @throws NoLayer if there is no such dimension
   */
  static int of(long axis, int rank) {
    if (axis < -rank || axis >= rank) {
      throw new NoLayer("found axis " + axis + ", expected one of " + rank + " dimensions", "");
    }
    return (int) (axis < 0 ? axis + rank : axis);
  }

  /** Several, which must differ; sorted. */
  static int[] of(long[] axes, int rank) {
    int[] result = Arrays.stream(axes).mapToInt(a -> of(a, rank)).sorted().toArray();
    for (int i = 1; i < result.length; i++) {
      if (result[i] == result[i - 1]) {
        throw new NoLayer("found axis " + result[i] + " twice, expected different ones", "");
      }
    }
    return result;
  }

  /**
   * Sizes that a Reshape asks for.
   *
   * @param from sizes before
   * @param zeroCopies whether 0 is the size that was there
   * @throws NoLayer if they are not as many values
   */
  static int[] reshaped(long[] wanted, int[] from, boolean zeroCopies) {
    long all = 1;
    for (int d : from) {
      all = Math.multiplyExact(all, (long) d);
    }
    long[] dims = wanted.clone();
    int open = -1;
    long known = 1;
    for (int i = 0; i < dims.length; i++) {
      if (dims[i] == 0 && zeroCopies && i < from.length) {
        dims[i] = from[i];
      }
      if (dims[i] == -1 && open < 0) {
        open = i;
      } else if (dims[i] < 0 || dims[i] > Integer.MAX_VALUE || known > Integer.MAX_VALUE) {
        throw shape(wanted, from);
      } else {
        known *= dims[i];
      }
    }
    if (open >= 0) {
      if (known == 0 || all % known != 0) {
        throw shape(wanted, from);
      }
      dims[open] = all / known;
    } else if (known != all) {
      throw shape(wanted, from);
    }
    return Arrays.stream(dims).mapToInt(Math::toIntExact).toArray();
  }

  private static NoLayer shape(long[] wanted, int[] from) {
    return new NoLayer(
        "found the new shape "
            + Arrays.toString(wanted)
            + " for "
            + Arrays.toString(from)
            + ", expected as many values",
        "");
  }

  /** Sizes without some of size 1. */
  static int[] squeezed(int[] dims, int[] axes) {
    for (int a : axes) {
      if (dims[a] != 1) {
        throw new NoLayer(
            "found dimension "
                + a
                + " of "
                + Arrays.toString(dims)
                + " squeezed, expected one of"
                + " size 1",
            "");
      }
    }
    int[] result = new int[dims.length - axes.length];
    for (int d = 0, k = 0; d < dims.length; d++) {
      if (Arrays.binarySearch(axes, d) < 0) {
        result[k++] = dims[d];
      }
    }
    return result;
  }

  /** Sizes with more of size 1, at these places of the result. */
  static int[] unsqueezed(int[] dims, long[] axes) {
    int[] at = of(axes, dims.length + axes.length);
    int[] result = new int[dims.length + at.length];
    for (int d = 0, k = 0; d < result.length; d++) {
      result[d] = Arrays.binarySearch(at, d) >= 0 ? 1 : dims[k++];
    }
    return result;
  }

  /** Which old dimension each new one is; backwards if it is not stated. */
  static int[] permutation(long[] perm, int rank) {
    int[] result = new int[rank];
    if (perm == null) {
      Arrays.setAll(result, i -> rank - 1 - i);
      return result;
    }
    boolean sound = of(perm, rank).length == rank;
    for (int i = 0; sound && i < rank; i++) {
      result[i] = of(perm[i], rank);
    }
    if (!sound) {
      throw new NoLayer(
          "found perm " + Arrays.toString(perm) + ", expected one of " + rank + " dimensions", "");
    }
    return result;
  }

  /** The elements that a slice takes of a dimension. */
  record Range(int start, int step, int count) {
    /** Clamps as NumPy does. */
    static Range of(long start, long end, long step, int size) {
      if (step == 0) {
        throw new NoLayer("found a slice of step 0, expected another", "");
      }
      long low = step > 0 ? 0 : -1;
      long high = step > 0 ? size : size - 1;
      long from = Math.clamp(start < 0 ? start + size : start, low, high);
      // A very negative end stays before the first element.
      long to = Math.clamp(end < 0 && end >= -size ? end + size : end, low, high);
      long way = step > 0 ? to - from : from - to;
      long stride = step == Long.MIN_VALUE ? Long.MAX_VALUE : Math.abs(step);
      long count = way <= 0 ? 0 : (way - 1) / stride + 1;
      return new Range((int) from, (int) Math.clamp(step, -size - 1L, size + 1L), (int) count);
    }

    boolean isWhole(int size) {
      return start == 0 && count == size && (step == 1 || size == 1);
    }
  }
}
