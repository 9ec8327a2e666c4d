// SPDX-License-Identifier: Apache-2.0
package io.snnsim.convert;

import io.snnsim.ann.AnnGraph;
import io.snnsim.ann.AnnNode;
import io.snnsim.ann.AnnOp;
import io.snnsim.geometry.MapShape;
import io.snnsim.geometry.Window;
import java.util.Arrays;

/**
 * A forward pass in double, written from the definitions of the operators and sharing nothing with
 * {@link io.snnsim.ann.AnnForward}. For tests only; stateless.
 */
final class NaiveAnn {
  private NaiveAnn() {}

  /** Value of every node, [node][channel * height * width + y * width + x], of one image. */
  static double[][] run(AnnGraph graph, double[] image) {
    double[][] values = new double[graph.nodes().size()][];
    for (int i = 0; i < values.length; i++) {
      AnnNode node = graph.nodes().get(i);
      int in = node.inputs().isEmpty() ? -1 : graph.indexOf(node.inputs().getFirst());
      double[] x = in < 0 ? null : values[in];
      MapShape from = in < 0 ? null : graph.shape(in);
      MapShape to = graph.shape(i);
      values[i] =
          switch (node.op()) {
            case AnnOp.Input o -> image.clone();
            case AnnOp.Conv2d c -> conv(c, x, from, to);
            case AnnOp.Linear l -> linear(l, x, to);
            case AnnOp.BatchNorm b -> batchNorm(b, x, to);
            case AnnOp.Relu r -> Arrays.stream(x).map(v -> Math.max(0, v)).toArray();
            case AnnOp.AvgPool p -> pool(p.window(), true, x, from, to);
            case AnnOp.MaxPool p -> pool(p.window(), false, x, from, to);
            case AnnOp.GlobalAvgPool p ->
                pool(new Window(from.height(), from.width(), 1, 1, 0, 0, 1, 1), true, x, from, to);
            case AnnOp.Flatten f -> x.clone();
            case AnnOp.Identity d -> x.clone();
            case AnnOp.Add a -> {
              double[] sum = new double[to.size()];
              for (String name : node.inputs()) {
                double[] addend = values[graph.indexOf(name)];
                for (int k = 0; k < sum.length; k++) {
                  sum[k] += addend[k];
                }
              }
              yield sum;
            }
            case AnnOp.ZeroPadShortcut z -> {
              double[] out = new double[to.size()];
              for (int c = 0; c < from.channels(); c++) {
                for (int y = 0; y < to.height(); y++) {
                  for (int v = 0; v < to.width(); v++) {
                    out[at(to, c + z.channelsBefore(), y, v)] =
                        x[at(from, c, y * z.stride(), v * z.stride())];
                  }
                }
              }
              yield out;
            }
          };
    }
    return values;
  }

  static int at(MapShape s, int c, int y, int x) {
    return (c * s.height() + y) * s.width() + x;
  }

  private static double[] conv(AnnOp.Conv2d op, double[] x, MapShape from, MapShape to) {
    Window w = op.window();
    int icg = from.channels() / op.groups();
    int ocg = to.channels() / op.groups();
    double[] out = new double[to.size()];
    for (int oc = 0; oc < to.channels(); oc++) {
      for (int oy = 0; oy < to.height(); oy++) {
        for (int ox = 0; ox < to.width(); ox++) {
          double sum = op.bias() == null ? 0 : op.bias().data()[oc];
          for (int i = 0; i < icg; i++) {
            for (int ky = 0; ky < w.kernelH(); ky++) {
              for (int kx = 0; kx < w.kernelW(); kx++) {
                int y = oy * w.strideH() - w.padH() + ky * w.dilationH();
                int v = ox * w.strideW() - w.padW() + kx * w.dilationW();
                if (y >= 0 && y < from.height() && v >= 0 && v < from.width()) {
                  int k = ((oc * icg + i) * w.kernelH() + ky) * w.kernelW() + kx;
                  sum += op.weight().data()[k] * x[at(from, oc / ocg * icg + i, y, v)];
                }
              }
            }
          }
          out[at(to, oc, oy, ox)] = sum;
        }
      }
    }
    return out;
  }

  private static double[] linear(AnnOp.Linear op, double[] x, MapShape to) {
    double[] out = new double[to.channels()];
    for (int o = 0; o < out.length; o++) {
      out[o] = op.bias() == null ? 0 : op.bias().data()[o];
      for (int i = 0; i < x.length; i++) {
        out[o] += op.weight().data()[o * x.length + i] * x[i];
      }
    }
    return out;
  }

  private static double[] batchNorm(AnnOp.BatchNorm b, double[] x, MapShape s) {
    double[] out = new double[x.length];
    int plane = s.height() * s.width();
    for (int i = 0; i < x.length; i++) {
      int c = i / plane;
      double deviation = Math.sqrt((double) b.var().data()[c] + b.eps());
      out[i] = b.gamma().data()[c] * (x[i] - b.mean().data()[c]) / deviation + b.beta().data()[c];
    }
    return out;
  }

  private static double[] pool(Window w, boolean average, double[] x, MapShape from, MapShape to) {
    double[] out = new double[to.size()];
    for (int c = 0; c < to.channels(); c++) {
      for (int oy = 0; oy < to.height(); oy++) {
        for (int ox = 0; ox < to.width(); ox++) {
          double sum = 0;
          double largest = Double.NEGATIVE_INFINITY;
          for (int ky = 0; ky < w.kernelH(); ky++) {
            for (int kx = 0; kx < w.kernelW(); kx++) {
              int y = oy * w.strideH() - w.padH() + ky * w.dilationH();
              int v = ox * w.strideW() - w.padW() + kx * w.dilationW();
              if (y >= 0 && y < from.height() && v >= 0 && v < from.width()) {
                sum += x[at(from, c, y, v)];
                largest = Math.max(largest, x[at(from, c, y, v)]);
              }
            }
          }
          out[at(to, c, oy, ox)] = average ? sum / (w.kernelH() * w.kernelW()) : largest;
        }
      }
    }
    return out;
  }
}
