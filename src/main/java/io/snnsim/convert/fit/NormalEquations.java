// SPDX-License-Identifier: Apache-2.0
package io.snnsim.convert.fit;

import io.snnsim.ann.op.RowProduct;
import java.util.Arrays;

/**
 * Ridge least squares with many targets: sums X'X and X'Y over chunks of samples, then solves by
 * Cholesky. Sums of a chunk are in float32, those of chunks in double. The result does not depend
 * on the number of threads. Confined to one thread, which lends it workers.
 */
final class NormalEquations {
  /** Samples of a chunk: few enough for float32, and for the cache. */
  static final int CHUNK = 512;

  /** Columns that are factorised together. */
  private static final int PANEL = 4;

  /** Rows of one task. */
  private static final int ROWS = 64;

  private final int features;
  private final int targets;
  private final double[][] gram;
  private final double[][] right;
  private final double[] squares;
  private final float[] columns;
  private long samples;

  /** Equations without samples. */
  NormalEquations(int features, int targets) {
    this.features = features;
    this.targets = targets;
    gram = new double[features][];
    right = new double[features][targets];
    squares = new double[targets];
    for (int i = 0; i < features; i++) {
      gram[i] = new double[i + 1];
    }
    columns = new float[Math.multiplyExact(features, CHUNK)];
  }

  int targets() {
    return targets;
  }

  /**
   * Adds up to {@link #CHUNK} samples.
   *
   * @param x [sample][feature]
   * @param y [sample][target]
   */
  void add(float[][] x, float[][] y, int n, Workers workers) {
    samples += n;
    for (int k = 0; k < n; k++) {
      for (int c = 0; c < targets; c++) {
        squares[c] += (double) y[k][c] * y[k][c];
      }
    }
    int block = 16;
    workers.run(
        (features + block - 1) / block,
        () -> {
          float[] s = new float[Math.max(features, targets)];
          float[] t = new float[s.length];
          return b -> {
            int last = Math.min(features, (b + 1) * block);
            for (int k = 0; k < n; k++) {
              for (int i = b * block; i < last; i++) {
                columns[i * CHUNK + k] = x[k][i];
              }
            }
            for (int i = b * block; i < last; i += 2) {
              boolean pair = i + 1 < last;
              multiply(s, t, x, i, pair, n, pair ? i + 2 : i + 1);
              gather(s, gram[i], i + 1);
              if (pair) {
                gather(t, gram[i + 1], i + 2);
              }
              multiply(s, t, y, i, pair, n, targets);
              gather(s, right[i], targets);
              if (pair) {
                gather(t, right[i + 1], targets);
              }
            }
          };
        });
  }

  private void multiply(
      float[] s, float[] t, float[][] rows, int i, boolean pair, int samples, int length) {
    Arrays.fill(s, 0, length, 0);
    Arrays.fill(t, 0, length, 0);
    int second = pair ? (i + 1) * CHUNK : -1;
    RowProduct.add(s, t, rows, samples, columns, i * CHUNK, second, length);
  }

  private static void gather(float[] from, double[] into, int n) {
    for (int i = 0; i < n; i++) {
      into[i] += from[i];
    }
  }

  /**
   * The change B of known coefficients that brings X (known + B) nearest to Y: minimises |Y - X
   * (known + B)|^2 + sum of penalty * B^2.
   *
   * @param known [feature][target]
   * @param ridge penalty of the first {@code penalised} features, as a share of their mean square
   * @return [feature][target]
   */
  double[][] change(double[][] known, double ridge, int penalised, Workers workers) {
    double[][] b = residual(known, workers);
    double diagonal = 0;
    for (int i = 0; i < penalised; i++) {
      diagonal += gram[i][i];
    }
    double penalty = ridge * diagonal / Math.max(1, penalised);
    double[][] lower = new double[features][];
    for (int i = 0; i < features; i++) {
      lower[i] = gram[i].clone();
      // A feature that never varies gets no say; what keeps the matrix positive is far below 1.
      lower[i][i] += i < penalised ? penalty + 1e-12 * samples : 1e-9 * samples;
    }
    factorise(lower, workers);
    substitute(lower, b);
    return b;
  }

  /** Adds the samples of {@code other}. */
  void add(NormalEquations other) {
    samples += other.samples;
    add(squares, other.squares, 1);
    for (int i = 0; i < features; i++) {
      add(gram[i], other.gram[i], 1);
      add(right[i], other.right[i], 1);
    }
  }

  /**
   * Sum of squares that coefficients leave: |Y - X b|^2.
   *
   * @param b [feature][target]
   */
  double left(double[][] b, Workers workers) {
    double[][] r = residual(b, workers);
    double sum = 0;
    for (double s : squares) {
      sum += s;
    }
    // |Y|^2 - b'X'Y - b'(X'Y - X'X b)
    for (int i = 0; i < features; i++) {
      for (int c = 0; c < targets; c++) {
        sum -= b[i][c] * (right[i][c] + r[i][c]);
      }
    }
    return sum;
  }

  /** X'Y - X'X known. */
  private double[][] residual(double[][] known, Workers workers) {
    double[][] b = new double[features][];
    workers.run(
        features,
        () ->
            i -> {
              b[i] = right[i].clone();
              for (int j = 0; j < features; j++) {
                add(b[i], known[j], -(j <= i ? gram[i][j] : gram[j][i]));
              }
            });
    return b;
  }

  /** Cholesky, in place: four columns at a time, then what they take from all later ones. */
  private void factorise(double[][] a, Workers workers) {
    double[][] columns = new double[PANEL][features];
    for (int first = 0; first < features; first += PANEL) {
      int k = first;
      int width = Math.min(PANEL, features - k);
      for (int p = 0; p < width; p++) {
        double pivot = finish(a[k + p], a[k + p], k, p);
        double root = Math.sqrt(Math.max(pivot, Double.MIN_NORMAL));
        a[k + p][k + p] = root;
        for (int i = k + p + 1; i < features; i++) {
          a[i][k + p] = finish(a[i], a[k + p], k, p) / root;
          columns[p][i] = a[i][k + p];
        }
      }
      if (width == PANEL) {
        int below = k + PANEL;
        workers.run(
            (features - below + ROWS - 1) / ROWS,
            () ->
                r -> {
                  int end = Math.min(features, below + (r + 1) * ROWS);
                  for (int i = below + r * ROWS; i < end; i++) {
                    subtract(a[i], columns, k, below, i + 1);
                  }
                });
      }
    }
  }

  /** Column k + p of a row, less what columns k .. k + p - 1 account for. */
  private static double finish(double[] row, double[] pivotRow, int k, int p) {
    double sum = row[k + p];
    for (int q = k; q < k + p; q++) {
      sum -= row[q] * pivotRow[q];
    }
    return sum;
  }

  private static void subtract(double[] row, double[][] columns, int k, int from, int to) {
    double a = row[k];
    double b = row[k + 1];
    double c = row[k + 2];
    double d = row[k + 3];
    double[] c0 = columns[0];
    double[] c1 = columns[1];
    double[] c2 = columns[2];
    double[] c3 = columns[3];
    for (int j = from; j < to; j++) {
      row[j] = row[j] - a * c0[j] - b * c1[j] - c * c2[j] - d * c3[j];
    }
  }

  private void substitute(double[][] lower, double[][] b) {
    for (int i = 0; i < features; i++) {
      for (int k = 0; k < i; k++) {
        add(b[i], b[k], -lower[i][k]);
      }
      scale(b[i], 1 / lower[i][i]);
    }
    for (int i = features - 1; i >= 0; i--) {
      for (int k = i + 1; k < features; k++) {
        add(b[i], b[k], -lower[k][i]);
      }
      scale(b[i], 1 / lower[i][i]);
    }
  }

  private static void add(double[] into, double[] from, double factor) {
    for (int i = 0; i < into.length; i++) {
      into[i] += factor * from[i];
    }
  }

  private static void scale(double[] row, double factor) {
    for (int i = 0; i < row.length; i++) {
      row[i] *= factor;
    }
  }
}
