// SPDX-License-Identifier: Apache-2.0
package io.snnsim.ann;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.snnsim.ann.op.Add;
import io.snnsim.ann.op.AnnOp;
import io.snnsim.ann.op.AvgPool;
import io.snnsim.ann.op.BatchNorm;
import io.snnsim.ann.op.Conv2d;
import io.snnsim.ann.op.Flatten;
import io.snnsim.ann.op.GlobalAvgPool;
import io.snnsim.ann.op.Identity;
import io.snnsim.ann.op.Input;
import io.snnsim.ann.op.Linear;
import io.snnsim.ann.op.MaxPool;
import io.snnsim.ann.op.Relu;
import io.snnsim.ann.op.Tensor;
import io.snnsim.ann.op.Upsample;
import io.snnsim.ann.op.ZeroPadShortcut;
import io.snnsim.fixture.NaiveForward;
import io.snnsim.geometry.MapShape;
import io.snnsim.geometry.Window;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Every operator of the dense forward pass against naive loops, over random shapes. */
class AnnForwardTest {
  private static final int CASES = 300;

  private static Tensor random(Random r, int... shape) {
    int size = 1;
    for (int d : shape) {
      size *= d;
    }
    float[] data = new float[size];
    for (int i = 0; i < size; i++) {
      data[i] = (float) r.nextGaussian();
    }
    return new Tensor(shape, data);
  }

  private static int up(Random r, int most) {
    return 1 + r.nextInt(most);
  }

  /** Images that sometimes fill more than a tile of 512 positions. */
  private static MapShape map(Random r) {
    return new MapShape(up(r, 6), up(r, 18), up(r, 18));
  }

  private static Window window(Random r) {
    return new Window(
        up(r, 4), up(r, 4), up(r, 3), up(r, 3), r.nextInt(4), r.nextInt(4), up(r, 3), up(r, 3));
  }

  /** The window with no more padding than pools may have. */
  private static Window pool(Window w) {
    return new Window(
        w.kernelH(),
        w.kernelW(),
        w.strideH(),
        w.strideW(),
        Math.min(w.padH(), (w.dilationH() * (w.kernelH() - 1) + 1) / 2),
        Math.min(w.padW(), (w.dilationW() * (w.kernelW() - 1) + 1) / 2),
        w.dilationH(),
        w.dilationW());
  }

  private static boolean fits(Window w, MapShape s) {
    return w.outHeight(s.height()) > 0 && w.outWidth(s.width()) > 0;
  }

  private static float[][][] image(float[] all, int i, MapShape s) {
    float[][][] out = new float[s.channels()][s.height()][s.width()];
    for (int c = 0; c < s.channels(); c++) {
      for (int y = 0; y < s.height(); y++) {
        int from = ((i * s.channels() + c) * s.height() + y) * s.width();
        System.arraycopy(all, from, out[c][y], 0, s.width());
      }
    }
    return out;
  }

  private static float[][][] output(AnnForward.Workspace ws, int node, int i, MapShape s) {
    float[][][] out = new float[s.channels()][s.height()][s.width()];
    float[][] planes = ws.activation(node);
    int plane = s.height() * s.width();
    for (int c = 0; c < s.channels(); c++) {
      for (int k = 0; k < plane; k++) {
        out[c][k / s.width()][k % s.width()] = planes[c][i * plane + k];
      }
    }
    return out;
  }

  /** Runs one operator on a few random images and compares each with the naive result. */
  private static void check(
      String what, Random r, MapShape in, AnnOp op, UnaryOperator<float[][][]> naive) {
    AnnGraph graph =
        new AnnGraph(
            "one", List.of(AnnNode.of("input", new Input(in)), AnnNode.of("op", op, "input")));
    int n = up(r, 4);
    float[] images = random(r, n * in.size()).data();
    AnnForward.Workspace ws = new AnnForward(graph).newWorkspace(n + r.nextInt(2));
    new AnnForward(graph).run(images, n, ws);
    assertEquals(n, ws.images());
    for (int i = 0; i < n; i++) {
      float[][][] expected = naive.apply(image(images, i, in));
      MapShape out = graph.shape(1);
      assertEquals(
          new MapShape(expected.length, expected[0].length, expected[0][0].length), out, what);
      assertEqual(expected, output(ws, 1, i, out), what + " image " + i);
    }
  }

  /** Equal as numbers: a sum that skips zeros may differ in the sign of a zero. */
  private static void assertEqual(float[][][] expected, float[][][] found, String what) {
    for (int c = 0; c < expected.length; c++) {
      for (int y = 0; y < expected[0].length; y++) {
        for (int x = 0; x < expected[0][0].length; x++) {
          float e = expected[c][y][x];
          float f = found[c][y][x];
          assertTrue(e == f, () -> what + " expected " + e + " found " + f);
        }
      }
    }
  }

  private interface Case {
    void run(Random r, String what);
  }

  private static void cases(Case body) {
    for (int seed = 0; seed < CASES; seed++) {
      body.run(new Random(seed), "seed " + seed);
    }
  }

  @Test
  void convolutionsOfEveryWindowAndGrouping() {
    int[] checked = new int[4];
    cases(
        (r, what) -> {
          MapShape s = map(r);
          Window w = window(r);
          if (!fits(w, s)) {
            return;
          }
          int groups = s.channels() % 3 == 0 ? 3 : s.channels() % 2 == 0 ? 2 : 1;
          if (r.nextInt(3) == 0) {
            groups = s.channels(); // Depthwise.
          } else if (r.nextInt(3) == 0) {
            groups = 1;
          }
          int oc = groups * up(r, 4);
          Tensor weight = random(r, oc, s.channels() / groups, w.kernelH(), w.kernelW());
          Tensor bias = r.nextBoolean() ? random(r, oc) : null;
          int g = groups;
          check(
              what + " " + s + " " + w.text() + " groups " + g,
              r,
              s,
              new Conv2d(weight, bias, w, g),
              x -> NaiveForward.conv(x, weight, bias, w, g));
          checked[0]++;
          checked[1] += groups > 1 && groups < s.channels() ? 1 : 0;
          checked[2] += groups > 1 && groups == s.channels() ? 1 : 0;
          checked[3] += w.dilationH() > 1 && w.strideW() > 1 ? 1 : 0;
        });
    for (int k : checked) {
      assertTrue(k >= 15, k + " cases of one kind");
    }
  }

  @Test
  void linearLayersOverMapsAndVectors() {
    cases(
        (r, what) -> {
          MapShape s = r.nextBoolean() ? new MapShape(up(r, 40), 1, 1) : map(r);
          Tensor weight = random(r, up(r, 9), s.size());
          Tensor bias = r.nextBoolean() ? random(r, weight.shape()[0]) : null;
          check(
              what + " " + s,
              r,
              s,
              new Linear(weight, bias),
              x -> NaiveForward.linear(x, weight, bias));
        });
  }

  @Test
  void averageAndMaximumPooling() {
    int[] checked = {0, 0};
    cases(
        (r, what) -> {
          MapShape s = map(r);
          Window w = pool(window(r));
          if (!fits(w, s)) {
            return;
          }
          check(
              what + " average " + s + w.text(),
              r,
              s,
              new AvgPool(w),
              x -> NaiveForward.pool(x, w, true));
          checked[0]++;
          if (w.padH() < w.kernelH()
              && w.padW() < w.kernelW()
              && w.dilationH() * w.dilationW() == 1) {
            check(
                what + " maximum " + s + w.text(),
                r,
                s,
                new MaxPool(w),
                x -> NaiveForward.pool(x, w, false));
            checked[1]++;
          }
          Window all = new Window(s.height(), s.width(), 1, 1, 0, 0, 1, 1);
          check(what + " global", r, s, new GlobalAvgPool(), x -> NaiveForward.pool(x, all, true));
        });
    assertTrue(checked[0] > 150 && checked[1] > 5, checked[0] + " " + checked[1]);
  }

  @Test
  void batchNormIsThatOfItsFormula() {
    cases(
        (r, what) -> {
          MapShape s = map(r);
          int c = s.channels();
          Tensor var = random(r, c);
          for (int i = 0; i < c; i++) {
            var.data()[i] = Math.abs(var.data()[i]);
          }
          BatchNorm b = new BatchNorm(random(r, c), random(r, c), random(r, c), var, 1e-3f);
          AnnGraph g =
              new AnnGraph("n", List.of(AnnNode.of("i", new Input(s)), AnnNode.of("n", b, "i")));
          float[] x = random(r, s.size()).data();
          AnnForward.Workspace ws = new AnnForward(g).newWorkspace(1);
          new AnnForward(g).run(x, 1, ws);
          int plane = s.height() * s.width();
          for (int k = 0; k < x.length; k++) {
            int ch = k / plane;
            double scale = b.gamma().data()[ch] / Math.sqrt(var.data()[ch] + (double) b.eps());
            double a = x[k] * scale;
            double d = b.beta().data()[ch] - b.mean().data()[ch] * scale;
            // Two roundings of each term and one of the sum, in units of the last place of 2^-24.
            double bound = 0x1p-24 * (2 * Math.abs(a) + Math.abs(d) + Math.abs(a + d)) * 1.01;
            assertEquals(a + d, ws.activation(1)[ch][k % plane], bound, what);
          }
        });
  }

  @Test
  void reluFlattenZeroPadAndIdentity() {
    cases(
        (r, what) -> {
          MapShape s = map(r);
          check(
              what + " relu",
              r,
              s,
              new Relu(),
              x -> {
                for (float[][] plane : x) {
                  for (float[] row : plane) {
                    for (int i = 0; i < row.length; i++) {
                      row[i] = row[i] > 0 ? row[i] : 0;
                    }
                  }
                }
                return x;
              });
          check(what + " identity", r, s, new Identity(), x -> x);
          check(
              what + " flatten",
              r,
              s,
              new Flatten(),
              x -> {
                float[] flat = NaiveForward.flat(x);
                float[][][] out = new float[flat.length][1][1];
                for (int i = 0; i < flat.length; i++) {
                  out[i][0][0] = flat[i];
                }
                return out;
              });
          int rows = up(r, 3);
          int columns = up(r, 3);
          check(
              what + " upsample",
              r,
              s,
              new Upsample(rows, columns),
              x -> NaiveForward.enlarged(x, rows, columns));
          int stride = up(r, 3);
          int before = r.nextInt(4);
          int after = r.nextInt(4);
          check(
              what + " zero pad",
              r,
              s,
              new ZeroPadShortcut(stride, before, after),
              x -> NaiveForward.zeroPad(x, stride, before, after));
        });
  }

  @Test
  void sumsOfTwoAndMoreMaps() {
    cases(
        (r, what) -> {
          MapShape s = map(r);
          int terms = 2 + r.nextInt(3);
          List<AnnNode> nodes = new ArrayList<>();
          nodes.add(AnnNode.of("input", new Input(s)));
          List<String> inputs = new ArrayList<>();
          List<Tensor> weights = new ArrayList<>();
          for (int k = 0; k < terms; k++) {
            weights.add(random(r, s.channels(), 1, 1, 1));
            nodes.add(
                AnnNode.of(
                    "t" + k,
                    new Conv2d(weights.get(k), null, Window.square(1, 1, 0), s.channels()),
                    "input"));
            inputs.add("t" + k);
          }
          inputs.add("input"); // Sums may read a node that others read too.
          nodes.add(new AnnNode("sum", new Add(), inputs));
          AnnGraph g = new AnnGraph("sum", nodes);
          float[] x = random(r, 2 * s.size()).data();
          AnnForward.Workspace ws = new AnnForward(g).newWorkspace(2);
          new AnnForward(g).run(x, 2, ws);
          for (int i = 0; i < 2; i++) {
            float[][][] found = output(ws, terms + 1, i, s);
            float[][][] in = image(x, i, s);
            for (int c = 0; c < s.channels(); c++) {
              float sum = weights.getFirst().data()[c] * in[c][0][0];
              for (int k = 1; k < terms; k++) {
                sum += weights.get(k).data()[c] * in[c][0][0];
              }
              sum += in[c][0][0];
              assertEquals(sum, found[c][0][0], what);
            }
          }
        });
  }

  /** A small net of every operator, whose result must not depend on what else is in the batch. */
  private static AnnGraph mixed(Random r) {
    return new AnnGraph(
        "mixed",
        List.of(
            AnnNode.of("input", new Input(new MapShape(3, 15, 13))),
            AnnNode.of(
                "c1",
                new Conv2d(random(r, 7, 3, 3, 3), random(r, 7), Window.square(3, 1, 1), 1),
                "input"),
            AnnNode.of("r1", new Relu(), "c1"),
            AnnNode.of("d", new Identity(), "r1"),
            AnnNode.of("p", new MaxPool(Window.square(3, 2, 1)), "d"),
            AnnNode.of(
                "c2", new Conv2d(random(r, 9, 7, 3, 3), null, Window.square(3, 1, 1), 1), "p"),
            AnnNode.of("z", new ZeroPadShortcut(1, 1, 1), "p"),
            AnnNode.of("a", new Add(), "c2", "z"),
            AnnNode.of("r2", new Relu(), "a"),
            AnnNode.of("q", new AvgPool(Window.square(2, 2, 0)), "r2"),
            AnnNode.of("l", new Linear(random(r, 5, 9 * 4 * 3), random(r, 5)), "q")));
  }

  @Test
  void anImagesResultDependsOnNothingElseInTheBatch() {
    AnnGraph g = mixed(new Random(1));
    int size = g.inputShape().size();
    int n = 9;
    float[] x = random(new Random(2), n * size).data();
    AnnForward forward = new AnnForward(g);
    AnnForward.Workspace together = forward.newWorkspace(n);
    forward.run(x, n, together);
    AnnForward.Workspace alone = forward.newWorkspace(n);
    for (int i = n - 1; i >= 0; i--) {
      float[] one = java.util.Arrays.copyOfRange(x, i * size, (i + 1) * size);
      forward.run(one, 1, alone);
      for (int node = 0; node < g.nodes().size(); node++) {
        MapShape s = g.shape(node);
        float[] a = NaiveForward.flat(output(together, node, i, s));
        float[] b = NaiveForward.flat(output(alone, node, 0, s));
        assertArrayEquals(a, b, "image " + i + " node " + g.nodes().get(node).name());
      }
    }
  }

  @Test
  void runningAllocatesNothing() {
    AnnGraph g = mixed(new Random(1));
    AnnForward forward = new AnnForward(g);
    AnnForward.Workspace ws = forward.newWorkspace(4);
    float[] x = new float[4 * g.inputShape().size()];
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long least = Long.MAX_VALUE;
    for (int k = 0; k < 30; k++) {
      long before = threads.getCurrentThreadAllocatedBytes();
      forward.run(x, 4, ws);
      least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
    }
    // Boxes of the interpreter's switch bootstraps and list iterators; no array of 512 bytes.
    assertTrue(least < 512, least + " bytes a run");
  }

  @Test
  void tooManyOrTooFewImagesAreADefectOfTheCaller() {
    AnnGraph g = mixed(new Random(1));
    AnnForward forward = new AnnForward(g);
    AnnForward.Workspace ws = forward.newWorkspace(2);
    float[] x = new float[3 * g.inputShape().size()];
    assertThrows(IllegalArgumentException.class, () -> forward.run(x, 3, ws));
    assertThrows(IllegalArgumentException.class, () -> forward.run(x, 0, ws));
  }
}
