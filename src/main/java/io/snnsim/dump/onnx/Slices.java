// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump.onnx;

/**
 * What a Slice node states, as attributes or, from opset 10 on, as inputs. Treat as immutable.
 *
 * @param axes dimensions that are sliced
 */
record Slices(int[] axes, long[] starts, long[] ends, long[] steps) {
  static Slices of(Scope scope, OnnxNode node, int rank) {
    boolean old = scope.opset() < 10;
    long[] starts =
        old ? node.integers("starts") : scope.constant(node, 1, "starts").list("starts");
    long[] ends = old ? node.integers("ends") : scope.constant(node, 2, "ends").list("ends");
    long[] axes =
        old
            ? node.integers("axes")
            : node.has(3) ? scope.constant(node, 3, "axes").list("axes") : null;
    long[] steps = node.has(4) ? scope.constant(node, 4, "steps").list("steps") : null;
    int n = starts == null ? -1 : starts.length;
    boolean sound =
        ends != null
            && ends.length == n
            && (axes == null ? n <= rank : axes.length == n)
            && (steps == null || steps.length == n);
    if (!sound) {
      throw new NoLayer("found starts, ends, axes and steps of different lengths", "");
    }
    int[] at = new int[n];
    for (int i = 0; i < n; i++) {
      at[i] = axes == null ? i : Axes.of(axes[i], rank);
    }
    return new Slices(at, starts, ends, steps);
  }

  /** What slice {@code i} takes of a dimension of {@code size}. */
  Axes.Range range(int i, int size) {
    return Axes.Range.of(starts[i], ends[i], steps == null ? 1 : steps[i], size);
  }
}
