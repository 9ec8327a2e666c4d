// SPDX-License-Identifier: Apache-2.0
package io.snnsim.convert.fit;

import io.snnsim.ann.op.RowProduct;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

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

  /** Features of one task. */
  private static final int BLOCK = 16;

  /** Samples that are in the cache while all features of a task are multiplied with them. */
  private static final int PART = 128;

  /** Fewer features are factorised before threads would have started. */
  private static final int MANY = 1024;

  private final int features;
  private final int targets;
  private final double[][] gram;
  private final double[][] right;
  private final double[] squares;
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
  }

  int targets() {
    return targets;
  }

  /**
   * Adds samples.
   *
   * @param rows [sample][target, then feature]: one product gives what X'Y and X'X get of a feature
   * @param n number of samples
   * @param chunk how many of them are summed in float32; the last ones may be fewer
   */
  void add(float[][] rows, int n, int chunk, Workers workers) {
    samples += n;
    for (int k = 0; k < n; k++) {
      for (int c = 0; c < targets; c++) {
        squares[c] += (double) rows[k][c] * rows[k][c];
      }
    }
    List<float[][]> parts = new ArrayList<>();
    for (int from = 0; from < n; from += chunk) {
      int end = Math.min(from + chunk, n);
      for (int part = from; part < end; part += PART) {
        parts.add(Arrays.copyOfRange(rows, part, Math.min(part + PART, end)));
      }
    }
    int each = (chunk + PART - 1) / PART;
    int blocks = (features + BLOCK - 1) / BLOCK;
    workers.run(
        blocks,
        () -> {
          float[] columns = new float[BLOCK * PART];
          float[][] sums = new float[BLOCK + 1][targets + features + 1];
          return b -> {
            // The last features have the longest rows: begun first, no thread waits for them.
            int first = (blocks - 1 - b) * BLOCK;
            int last = Math.min(features, first + BLOCK);
            for (int part = 0; part < parts.size(); part++) {
              add(parts.get(part), first, last, columns, sums);
              if ((part + 1) % each == 0 || part == parts.size() - 1) {
                gather(first, last, sums);
              }
            }
          };
        });
  }

  /** Adds to the sums of some features what a part of a chunk brings. */
  private void add(float[][] rows, int first, int last, float[] columns, float[][] sums) {
    for (int k = 0; k < rows.length; k++) {
      for (int i = first; i < last; i++) {
        columns[(i - first) * PART + k] = rows[k][targets + i];
      }
    }
    for (int i = first; i < last; i += 2) {
      int at = (i - first) * PART;
      boolean pair = i + 1 < last;
      float[] s = sums[i - first];
      float[] t = sums[pair ? i + 1 - first : BLOCK];
      int length = targets + (pair ? i + 2 : i + 1);
      RowProduct.add(s, t, rows, rows.length, columns, at, pair ? at + PART : -1, length);
    }
  }

  /** Moves the sums of a chunk to those of all. */
  private void gather(int first, int last, float[][] sums) {
    for (int i = first; i < last; i++) {
      float[] s = sums[i - first];
      gather(s, 0, right[i], targets);
      gather(s, targets, gram[i], i + 1);
      Arrays.fill(s, 0);
    }
  }

  private static void gather(float[] from, int first, double[] into, int n) {
    for (int i = 0; i < n; i++) {
      into[i] += from[first + i];
    }
  }

  /**
   * The change B of known coefficients that brings X (known + B) nearest to Y: minimises |Y - X
   * (known + B)|^2 + sum of penalty * B^2.
   *
   * @param residual of known, which is the same for every ridge; kept
   * @param ridge penalty of the first {@code penalised} features, as a share of their mean square
   * @return [feature][target]
   */
  double[][] change(double[][] residual, double ridge, int penalised, Workers workers) {
    double[][] b = new double[features][];
    Arrays.setAll(b, i -> residual[i].clone());
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
    factorise(lower, features < MANY ? workers.alone() : workers);
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

  /**
   * What known coefficients leave to explain: X'Y - X'X known.
   *
   * @param known [feature][target]
   */
  double[][] residual(double[][] known, Workers workers) {
    double[][] b = new double[features][];
    workers.run(
        features,
        () -> {
          double[] row = new double[features];
          return i -> {
            for (int j = 0; j < features; j++) {
              row[j] = j <= i ? gram[i][j] : gram[j][i];
            }
            b[i] = right[i].clone();
            subtract(b[i], known, row, 0, features);
          };
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
      subtract(b[i], b, lower[i], 0, i);
      scale(b[i], 1 / lower[i][i]);
    }
    double[] column = new double[features];
    for (int i = features - 1; i >= 0; i--) {
      for (int k = i + 1; k < features; k++) {
        column[k] = lower[k][i];
      }
      subtract(b[i], b, column, i + 1, features);
      scale(b[i], 1 / lower[i][i]);
    }
  }

  /**
   * Takes factor times row from {@code into}, row after row: four at a time, so to the same bit.
   */
  private static void subtract(double[] into, double[][] rows, double[] factors, int from, int to) {
    int k = from;
    for (; k + 4 <= to; k += 4) {
      double a = factors[k];
      double b = factors[k + 1];
      double c = factors[k + 2];
      double d = factors[k + 3];
      double[] r0 = rows[k];
      double[] r1 = rows[k + 1];
      double[] r2 = rows[k + 2];
      double[] r3 = rows[k + 3];
      for (int i = 0; i < into.length; i++) {
        into[i] = into[i] - a * r0[i] - b * r1[i] - c * r2[i] - d * r3[i];
      }
    }
    for (; k < to; k++) {
      add(into, rows[k], -factors[k]);
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
