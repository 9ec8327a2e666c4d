// SPDX-License-Identifier: Apache-2.0
package io.snnsim.convert.scheme;

import io.snnsim.ann.op.Conv2d;
import io.snnsim.ann.op.Tensor;
import io.snnsim.geometry.MapShape;
import io.snnsim.geometry.Window;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * The taps of a window by the node of the phase that each falls on, for the outputs of one phase:
 * what each node then needs is a window of its own. Immutable.
 *
 * @param byNode taps on each node
 * @param each shape of every node's map
 * @param strideH rows of a node from one output of the phase to the next
 * @param strideW columns
 * @param height rows of the outputs of the phase
 * @param width columns
 */
record PhaseTaps(
    Map<String, List<Tap>> byNode, MapShape each, int strideH, int strideW, int height, int width) {
  /**
   * A tap.
   *
   * @param ky row in the window
   * @param kx column in it
   * @param y row of the node that it reads for the first output, maybe outside
   * @param x column of it
   */
  record Tap(int ky, int kx, int y, int x) {}

  /** A window in one dimension: what begins at {@code first}, which padding may be before. */
  private record Span(int first, int kernel, int before, int after) {
    /**
     * The span of taps {@code low .. high}, whose weights are 0 where no tap is.
     *
     * @param size of the map
     * @param outputs how many, in steps of {@code stride}
     */
    static Span of(int low, int high, int size, int stride, int outputs) {
      int first = Math.min(0, low);
      int kernel = high - first + 1;
      int after = (outputs - 1) * stride + high + 1 - size;
      if (after < 0) {
        kernel -= after; // Else there would be more outputs.
        after = 0;
      }
      int excess = after - Math.max(-first, kernel - 1);
      if (excess > 0) {
        first -= excess; // Windows that see nothing but padding are refused.
        kernel += excess;
      }
      return new Span(first, kernel, -first, after);
    }
  }

  /**
   * Taps of a window over phases.
   *
   * @param in what it reads
   * @param w the window over the whole map
   * @param out the outputs
   * @param qy row of the phase
   * @param qx column of it
   */
  static PhaseTaps of(Phases in, Window w, Phases.Outputs out, int qy, int qx) {
    int rows = in.rows();
    int columns = in.columns();
    Map<String, List<Tap>> byNode = new LinkedHashMap<>();
    for (int ky = 0; ky < w.kernelH(); ky++) {
      int y = qy * w.strideH() - w.padH() + ky * w.dilationH();
      for (int kx = 0; kx < w.kernelW(); kx++) {
        int x = qx * w.strideW() - w.padW() + kx * w.dilationW();
        String node = in.node(Math.floorMod(y, rows), Math.floorMod(x, columns));
        Tap tap = new Tap(ky, kx, Math.floorDiv(y, rows), Math.floorDiv(x, columns));
        byNode.computeIfAbsent(node, n -> new ArrayList<>()).add(tap);
      }
    }
    // Of a single output any stride will do.
    int strideH = out.rows() * w.strideH() % rows == 0 ? out.rows() * w.strideH() / rows : 1;
    int strideW =
        out.columns() * w.strideW() % columns == 0 ? out.columns() * w.strideW() / columns : 1;
    return new PhaseTaps(byNode, in.each(), strideH, strideW, out.height(), out.width());
  }

  /** A convolution as one over a node: weights of taps that read the same value are added. */
  Conv2d over(String node, Conv2d c, Tensor bias) {
    List<Tap> taps = byNode.get(node);
    Span v = rows(taps);
    Span h = columns(taps);
    int[] s = c.weight().shape();
    int channels = Math.multiplyExact(s[0], s[1]);
    int area = Math.multiplyExact(v.kernel(), h.kernel());
    double[] sums = new double[area];
    float[] data = new float[Math.multiplyExact(channels, area)];
    for (int k = 0; k < channels; k++) {
      Arrays.fill(sums, 0);
      for (Tap t : taps) {
        sums[(t.y() - v.first()) * h.kernel() + t.x() - h.first()] +=
            c.weight().data()[(k * s[2] + t.ky()) * s[3] + t.kx()];
      }
      for (int i = 0; i < area; i++) {
        data[k * area + i] = (float) sums[i];
      }
    }
    Tensor weight = Tensor.of(data, s[0], s[1], v.kernel(), h.kernel());
    return new Conv2d(weight, bias, window(v, h), c.groups());
  }

  /** The window over the only node that is read, in which every place is a tap; null if none is. */
  Window alone() {
    List<Tap> taps = byNode.values().iterator().next();
    TreeSet<Integer> ys = new TreeSet<>(taps.stream().map(Tap::y).toList());
    TreeSet<Integer> xs = new TreeSet<>(taps.stream().map(Tap::x).toList());
    Span v = rows(taps);
    Span h = columns(taps);
    boolean full =
        byNode.size() == 1
            && v.kernel() == ys.size()
            && h.kernel() == xs.size()
            && taps.stream().map(t -> List.of(t.y(), t.x())).distinct().count()
                == (long) ys.size() * xs.size();
    return full ? window(v, h) : null;
  }

  private Span rows(List<Tap> taps) {
    int low = taps.stream().mapToInt(Tap::y).min().orElseThrow();
    int high = taps.stream().mapToInt(Tap::y).max().orElseThrow();
    return Span.of(low, high, each.height(), strideH, height);
  }

  private Span columns(List<Tap> taps) {
    int low = taps.stream().mapToInt(Tap::x).min().orElseThrow();
    int high = taps.stream().mapToInt(Tap::x).max().orElseThrow();
    return Span.of(low, high, each.width(), strideW, width);
  }

  private Window window(Span v, Span h) {
    return new Window(
        v.kernel(),
        h.kernel(),
        strideH,
        strideW,
        v.before(),
        h.before(),
        1,
        1,
        v.after(),
        h.after());
  }
}
