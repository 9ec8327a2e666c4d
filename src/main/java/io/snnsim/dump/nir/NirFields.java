// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump.nir;

import io.snnsim.ann.op.Tensor;
import io.snnsim.error.SnnsimException;
import io.snnsim.geometry.Window;
import java.util.Arrays;
import java.util.List;

/**
 * The fields of one node of a NIR graph. Immutable; used by one thread, while the file is open.
 *
 * @param file for messages
 * @param at where the node's fields lie
 */
record NirFields(NirValues values, String file, String at) {
  private static final int MOST = 1 << 12;

  boolean has(String field) {
    return values.paths().contains(at + field);
  }

  /** Floats that must be there. */
  Tensor tensor(String field) {
    if (!has(field)) {
      throw bad(field, "found nothing, expected numbers");
    }
    return values.read(at + field);
  }

  /** Floats or integers that must be there, at least one. */
  Tensor numbers(String field) {
    boolean whole = has(field) && values.isWhole(at + field);
    Tensor read = whole ? whole(values.integers(at + field)) : tensor(field);
    if (read.size() == 0) {
      throw bad(field, "found no numbers, expected one or more");
    }
    return read;
  }

  private static Tensor whole(long[] n) {
    float[] floats = new float[n.length];
    for (int i = 0; i < n.length; i++) {
      floats[i] = n[i];
    }
    return Tensor.of(floats, n.length);
  }

  /** Weights with the given number of dimensions, none of them 0. */
  Tensor weight(int rank, String layout) {
    Tensor w = tensor("weight");
    if (w.rank() != rank || w.size() == 0) {
      throw bad("weight", "found shape " + Arrays.toString(w.shape()) + ", expected " + layout);
    }
    return w;
  }

  /** One or two integers as (height, width). */
  int[] pair(String field, boolean last, int fallback) {
    if (!has(field)) {
      return new int[] {fallback, fallback};
    }
    long[] v = values.integers(at + field);
    boolean ok = v.length == 1 || v.length == 2 && !last;
    for (long n : v) {
      ok &= n >= 0 && n <= MOST;
    }
    if (!ok) {
      throw bad(
          field,
          "found "
              + Arrays.toString(Arrays.copyOf(v, Math.min(v.length, 8)))
              + ", expected one or two integers of 0.."
              + MOST);
    }
    return new int[] {(int) v[0], (int) v[v.length - 1]};
  }

  /**
   * The window of a convolution, with the padding that is stated or that keeps the map's size.
   *
   * @param signal a map of one row
   */
  Window window(int height, int width, boolean signal) {
    int[] stride = pair("stride", signal, 1);
    int[] dilation = pair("dilation", signal, 1);
    if (signal) {
      stride[0] = 1;
      dilation[0] = 1;
    }
    if (!has("padding") || !values.isText(at + "padding")) {
      int[] p = pair("padding", signal, 0);
      int rows = signal ? 0 : p[0];
      return new Window(height, width, stride[0], stride[1], rows, p[1], dilation[0], dilation[1]);
    }
    String[] word = values.texts(at + "padding");
    if (word.length != 1 || !List.of("same", "valid").contains(word[0])) {
      throw bad("padding", "found text, expected integers, same or valid");
    }
    boolean same = word[0].equals("same");
    int rows = same ? dilation[0] * (height - 1) : 0;
    int columns = same ? dilation[1] * (width - 1) : 0;
    return new Window(
        height,
        width,
        stride[0],
        stride[1],
        rows / 2,
        columns / 2,
        dilation[0],
        dilation[1],
        rows - rows / 2,
        columns - columns / 2);
  }

  /** The window of a pool. */
  Window pool() {
    int[] k = pair("kernel_size", false, 0);
    int[] s = has("stride") ? pair("stride", false, 1) : k;
    int[] p = pair("padding", false, 0);
    if (k[0] < 1 || k[1] < 1) {
      throw bad("kernel_size", "found no size, expected one or two integers");
    }
    return new Window(k[0], k[1], s[0], s[1], p[0], p[1], 1, 1);
  }

  /** How many groups a convolution has. */
  int groups() {
    return has("groups") ? pair("groups", false, 1)[1] : 1;
  }

  /** A value for each of the outputs, or null if there is no bias. */
  float[] bias(int outputs) {
    if (!has("bias")) {
      return null;
    }
    float[] given = tensor("bias").data();
    if (given.length == 1 && outputs > 1) {
      float[] all = new float[outputs];
      Arrays.fill(all, given[0]);
      return all;
    }
    return given;
  }

  SnnsimException bad(String field, String what) {
    return NirLevel.bad(file, at + field, what);
  }
}
