// SPDX-License-Identifier: Apache-2.0
package io.snnsim.convert.fit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.snnsim.work.Execution;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Ridge least squares against Gaussian elimination, with sizes around the panels. */
class NormalEquationsTest {
  private static final int[] FEATURES = {1, 2, 3, 4, 5, 7, 8, 9, 63, 64, 65, 130};

  private record Data(float[][] x, float[][] y, double[][] known) {
    static Data of(int samples, int features, int targets, long seed) {
      SplittableRandom random = new SplittableRandom(seed);
      float[][] x = new float[samples][features];
      float[][] y = new float[samples][targets];
      double[][] known = new double[features][targets];
      for (int s = 0; s < samples; s++) {
        for (int i = 0; i < features; i++) {
          x[s][i] = random.nextInt(3) == 0 ? 0 : (float) random.nextGaussian();
        }
        for (int c = 0; c < targets; c++) {
          y[s][c] = (float) random.nextGaussian() + x[s][c % features];
        }
      }
      for (double[] row : known) {
        for (int c = 0; c < targets; c++) {
          row[c] = random.nextGaussian();
        }
      }
      return new Data(x, y, known);
    }

    NormalEquations equations(Workers workers, int from, int to) {
      NormalEquations e = new NormalEquations(x[0].length, y[0].length);
      e.add(rows(from, to), to - from, NormalEquations.CHUNK, workers);
      return e;
    }

    float[][] rows(int from, int to) {
      float[][] rows = new float[to - from][y[0].length + x[0].length];
      for (int s = from; s < to; s++) {
        System.arraycopy(y[s], 0, rows[s - from], 0, y[s].length);
        System.arraycopy(x[s], 0, rows[s - from], y[s].length, x[s].length);
      }
      return rows;
    }
  }

  /** The same change by elimination with pivots, in double. */
  private static double[][] naive(Data d, double ridge, int penalised) {
    int f = d.x()[0].length;
    int targets = d.y()[0].length;
    double[][] a = new double[f][f + targets];
    for (int s = 0; s < d.x().length; s++) {
      for (int i = 0; i < f; i++) {
        for (int j = 0; j < f; j++) {
          a[i][j] += (double) d.x()[s][i] * d.x()[s][j];
        }
        for (int c = 0; c < targets; c++) {
          double left = d.y()[s][c];
          for (int j = 0; j < f; j++) {
            left -= d.x()[s][j] * d.known()[j][c];
          }
          a[i][f + c] += d.x()[s][i] * left;
        }
      }
    }
    double diagonal = 0;
    for (int i = 0; i < penalised; i++) {
      diagonal += a[i][i] / penalised;
    }
    for (int i = 0; i < penalised; i++) {
      a[i][i] += ridge * diagonal;
    }
    for (int k = 0; k < f; k++) {
      int pivot = k;
      for (int i = k; i < f; i++) {
        pivot = Math.abs(a[i][k]) > Math.abs(a[pivot][k]) ? i : pivot;
      }
      double[] row = a[pivot];
      a[pivot] = a[k];
      a[k] = row;
      for (int i = 0; i < f; i++) {
        double factor = i == k ? 0 : a[i][k] / a[k][k];
        for (int j = k; j < f + targets && factor != 0; j++) {
          a[i][j] -= factor * a[k][j];
        }
      }
    }
    double[][] b = new double[f][targets];
    for (int i = 0; i < f; i++) {
      for (int c = 0; c < targets; c++) {
        b[i][c] = a[i][f + c] / a[i][i];
      }
    }
    return b;
  }

  private static double[][] change(
      NormalEquations e, double[][] known, double ridge, int penalised, Workers workers) {
    return e.change(e.residual(known, workers), ridge, penalised, workers);
  }

  /** What is added at once, and by how many threads, changes no bit as long as chunks do not. */
  @Test
  void chunksAloneDecideTheSums() {
    Data d = Data.of(1300, 37, 5, 11);
    Workers one = new Workers(Execution.on(1));
    NormalEquations whole = new NormalEquations(37, 5);
    whole.add(d.rows(0, 1300), 1300, 200, new Workers(Execution.on(3)));
    NormalEquations parts = new NormalEquations(37, 5);
    for (int s = 0; s < 1300; s += 200) {
      int end = Math.min(1300, s + 200);
      parts.add(d.rows(s, end), end - s, 200, one);
    }
    double[][] expected = parts.residual(d.known(), one);
    double[][] found = whole.residual(d.known(), one);
    for (int i = 0; i < 37; i++) {
      assertArrayEquals(expected[i], found[i], 0, "feature " + i);
    }
  }

  private static void near(double[][] expected, double[][] found, String where) {
    for (int i = 0; i < expected.length; i++) {
      for (int c = 0; c < expected[i].length; c++) {
        assertEquals(expected[i][c], found[i][c], 2e-4, where + " feature " + i + " target " + c);
      }
    }
  }

  @Test
  void changesAreThoseOfElimination() {
    Workers workers = new Workers(Execution.on(2));
    for (int features : FEATURES) {
      Data d = Data.of(700 + 3 * features, features, 3, features);
      NormalEquations e = d.equations(workers, 0, d.x().length);
      for (double ridge : new double[] {1e-5, 1e-2, 1}) {
        int penalised = Math.max(1, features - 1);
        double[][] found = change(e, d.known(), ridge, penalised, workers);
        near(naive(d, ridge, penalised), found, "features=" + features + " ridge=" + ridge);
      }
    }
  }

  @Test
  void partsAddUpAndTheErrorLeftIsThatOfTheSamples() {
    Workers workers = new Workers(Execution.on(2));
    Data d = Data.of(900, 9, 4, 5);
    NormalEquations whole = d.equations(workers, 0, 900);
    NormalEquations sum = d.equations(workers, 0, 600);
    NormalEquations judges = d.equations(workers, 600, 900);
    double direct = 0;
    for (int s = 600; s < 900; s++) {
      for (int c = 0; c < 4; c++) {
        double left = d.y()[s][c];
        for (int i = 0; i < 9; i++) {
          left -= d.x()[s][i] * d.known()[i][c];
        }
        direct += left * left;
      }
    }
    assertEquals(direct, judges.left(d.known(), workers), 1e-5 * direct);
    sum.add(judges);
    double[][] expected = change(whole, d.known(), 0.1, 9, workers);
    near(expected, change(sum, d.known(), 0.1, 9, workers), "sum");
    double[][] fitted = change(whole, d.known(), 1e-9, 9, workers);
    for (int i = 0; i < 9; i++) {
      for (int c = 0; c < 4; c++) {
        fitted[i][c] += d.known()[i][c];
      }
    }
    assertTrue(whole.left(fitted, workers) < whole.left(d.known(), workers));
  }

  /** Features that are equal or never vary leave nothing undefined. */
  @Test
  void degenerateFeaturesGiveFiniteChanges() {
    Workers workers = new Workers(Execution.on(1));
    float[][] x = new float[50][6];
    float[][] y = new float[50][1];
    for (int s = 0; s < 50; s++) {
      x[s][0] = s;
      x[s][1] = s;
      x[s][5] = 1;
      y[s][0] = 3 * s + 2;
    }
    NormalEquations e = new NormalEquations(6, 1);
    e.add(new Data(x, y, null).rows(0, 50), 50, 50, workers);
    double[][] b = change(e, new double[6][1], 1e-6, 5, workers);
    assertEquals(3, b[0][0] + b[1][0], 1e-2);
    assertEquals(2, b[5][0], 0.1);
    assertEquals(0, b[2][0], 1e-6);
  }
}
