// SPDX-License-Identifier: Apache-2.0
package io.snnsim.ann;

import io.snnsim.geometry.MapShape;
import io.snnsim.geometry.Window;
import java.util.Arrays;
import java.util.List;

/**
 * Dense float32 forward pass of an {@link AnnGraph} over batches. Immutable and safe to share; each
 * thread brings its own {@link Workspace}. Running allocates nothing.
 *
 * <p>Every convolution and fully connected layer is one matrix product over tiles of output
 * positions (of all images of the batch). The sum of one output value runs over (ic, ky, kx) in
 * that order whatever the batch or the tile, so an image's result does not depend on its
 * neighbours.
 */
public final class AnnForward {
  private static final int TILE = 512;

  private final AnnGraph graph;

  /** A forward pass over {@code graph}. */
  public AnnForward(AnnGraph graph) {
    this.graph = graph;
  }

  /** The network. */
  public AnnGraph graph() {
    return graph;
  }

  /**
   * A batch size that keeps a workspace in the order of 4 MB, or of one image if that needs more. A
   * tile of the matrix products is full with two images of the smallest maps that matter, so larger
   * batches gain nothing: their activations fall out of the cache.
   */
  public int suggestedBatch() {
    long values = 0;
    for (int i = 0; i < graph.nodes().size(); i++) {
      values += graph.shape(i).size();
    }
    return Math.clamp((1L << 20) / values, 1, 64);
  }

  /** Activations of one batch; confined to one thread. */
  public static final class Workspace {
    private final int batch;
    private final float[][][] planes;
    private final float[][] columns;
    private final float[][][] flattened;
    private final float[] sums = new float[TILE];
    private final float[] sums2 = new float[TILE];
    private int n;

    private Workspace(AnnGraph graph, int batch) {
      this.batch = batch;
      planes = new float[graph.nodes().size()][][];
      flattened = new float[planes.length][][];
      int rows = 0;
      for (int i = 0; i < planes.length; i++) {
        AnnOp op = graph.nodes().get(i).op();
        MapShape s = graph.shape(i);
        if (op instanceof AnnOp.Conv2d c) {
          rows = Math.max(rows, c.weight().size() / s.channels());
        } else if (op instanceof AnnOp.Linear l) {
          rows = Math.max(rows, l.weight().shape()[1]);
          if (!isVector(graph.shape(input(graph, i)))) {
            flattened[i] = new float[l.weight().shape()[1]][batch];
          }
        }
        if (!(op instanceof AnnOp.Identity)) {
          planes[i] = new float[s.channels()][batch * s.height() * s.width()];
        }
      }
      columns = new float[rows][TILE];
    }

    /** Largest number of images. */
    public int batch() {
      return batch;
    }

    /** Number of images of the last run. */
    public int images() {
      return n;
    }

    /**
     * Output of node {@code i} of the last run as [channel][image * height * width + y * width +
     * x]; a view, overwritten by the next run.
     */
    public float[][] activation(int i) {
      return planes[i];
    }
  }

  /** A workspace for up to {@code batch} images. */
  public Workspace newWorkspace(int batch) {
    return new Workspace(graph, batch);
  }

  /**
   * Runs {@code n} images.
   *
   * @param images normalised images, [image][channel][y][x]
   */
  public void run(float[] images, int n, Workspace ws) {
    if (n < 1 || n > ws.batch) {
      throw new IllegalArgumentException("images=" + n + ", expected 1.." + ws.batch);
    }
    ws.n = n;
    for (int i = 0; i < graph.nodes().size(); i++) {
      AnnNode node = graph.nodes().get(i);
      int in = input(graph, i);
      float[][] x = in < 0 ? null : ws.planes[in];
      MapShape from = in < 0 ? null : graph.shape(in);
      MapShape to = graph.shape(i);
      switch (node.op()) {
        case AnnOp.Input o -> load(images, n, to, ws.planes[i]);
        case AnnOp.Conv2d c ->
            conv(
                x,
                from,
                to,
                n,
                c.weight().data(),
                c.bias() == null ? null : c.bias().data(),
                c.window(),
                c.groups(),
                ws,
                ws.planes[i]);
        case AnnOp.Linear l -> {
          float[][] flat = isVector(from) ? x : flatten(x, from, n, ws.flattened[i]);
          conv(
              flat,
              new MapShape(from.size(), 1, 1),
              to,
              n,
              l.weight().data(),
              l.bias() == null ? null : l.bias().data(),
              Window.square(1, 1, 0),
              1,
              ws,
              ws.planes[i]);
        }
        case AnnOp.BatchNorm b -> batchNorm(b, x, to, n, ws.planes[i]);
        case AnnOp.Relu r -> relu(x, to, n, ws.planes[i]);
        case AnnOp.AvgPool p -> pool(x, from, to, n, p.window(), true, ws.planes[i]);
        case AnnOp.MaxPool p -> pool(x, from, to, n, p.window(), false, ws.planes[i]);
        case AnnOp.GlobalAvgPool p -> pool(x, from, to, n, globalWindow(from), true, ws.planes[i]);
        case AnnOp.Flatten f -> flatten(x, from, n, ws.planes[i]);
        case AnnOp.Add a -> add(node, ws, to, n, ws.planes[i]);
        case AnnOp.ZeroPadShortcut z -> zeroPad(z, x, from, to, n, ws.planes[i]);
        case AnnOp.Identity id -> ws.planes[i] = x;
      }
    }
  }

  /** Node that feeds node {@code i} first, or -1. */
  private static int input(AnnGraph graph, int i) {
    List<String> inputs = graph.nodes().get(i).inputs();
    return inputs.isEmpty() ? -1 : graph.indexOf(inputs.getFirst());
  }

  private static boolean isVector(MapShape s) {
    return s.height() * s.width() == 1;
  }

  /** The window of a global average pool over {@code map}. */
  public static Window globalWindow(MapShape map) {
    return new Window(map.height(), map.width(), 1, 1, 0, 0, 1, 1);
  }

  private static void load(float[] images, int n, MapShape s, float[][] out) {
    int plane = s.height() * s.width();
    for (int i = 0; i < n; i++) {
      for (int c = 0; c < s.channels(); c++) {
        System.arraycopy(images, (i * s.channels() + c) * plane, out[c], i * plane, plane);
      }
    }
  }

  private static void conv(
      float[][] x,
      MapShape from,
      MapShape to,
      int n,
      float[] weights,
      float[] bias,
      Window w,
      int groups,
      Workspace ws,
      float[][] out) {
    int icg = from.channels() / groups;
    int ocg = to.channels() / groups;
    int k = icg * w.taps();
    int positions = n * to.height() * to.width();

    float[][] columns = ws.columns;
    for (int g = 0; g < groups; g++) {
      for (int p = 0; p < positions; p += TILE) {
        int count = Math.min(TILE, positions - p);
        Columns.gather(x, from, to, w, g * icg, icg, p, count, columns);
        for (int oc = g * ocg; oc < (g + 1) * ocg; oc += 2) {
          boolean pair = oc + 1 < (g + 1) * ocg;
          Arrays.fill(ws.sums, 0, count, bias == null ? 0 : bias[oc]);
          Arrays.fill(ws.sums2, 0, count, bias == null || !pair ? 0 : bias[oc + 1]);
          RowProduct.add(
              ws.sums, ws.sums2, columns, k, weights, oc * k, pair ? (oc + 1) * k : -1, count);
          System.arraycopy(ws.sums, 0, out[oc], p, count);
          if (pair) {
            System.arraycopy(ws.sums2, 0, out[oc + 1], p, count);
          }
        }
      }
    }
  }

  private static void batchNorm(AnnOp.BatchNorm b, float[][] x, MapShape s, int n, float[][] out) {
    int size = n * s.height() * s.width();
    for (int c = 0; c < s.channels(); c++) {
      double scale = b.gamma().data()[c] / Math.sqrt((double) b.var().data()[c] + (double) b.eps());
      float a = (float) scale;
      float d = (float) (b.beta().data()[c] - b.mean().data()[c] * scale);
      float[] in = x[c];
      float[] o = out[c];
      for (int i = 0; i < size; i++) {
        o[i] = in[i] * a + d;
      }
    }
  }

  private static void relu(float[][] x, MapShape s, int n, float[][] out) {
    int size = n * s.height() * s.width();
    for (int c = 0; c < s.channels(); c++) {
      float[] in = x[c];
      float[] o = out[c];
      for (int i = 0; i < size; i++) {
        o[i] = Math.max(0, in[i]);
      }
    }
  }

  private static void pool(
      float[][] x, MapShape from, MapShape to, int n, Window w, boolean average, float[][] out) {
    for (int c = 0; c < to.channels(); c++) {
      int k = 0;
      for (int image = 0; image < n; image++) {
        for (int oy = 0; oy < to.height(); oy++) {
          for (int ox = 0; ox < to.width(); ox++) {
            float sum = 0;
            float largest = Float.NEGATIVE_INFINITY;
            for (int ky = 0; ky < w.kernelH(); ky++) {
              int iy = oy * w.strideH() - w.padH() + ky * w.dilationH();
              if (iy < 0 || iy >= from.height()) {
                continue;
              }
              for (int kx = 0; kx < w.kernelW(); kx++) {
                int ix = ox * w.strideW() - w.padW() + kx * w.dilationW();
                if (ix < 0 || ix >= from.width()) {
                  continue;
                }
                float v = x[c][(image * from.height() + iy) * from.width() + ix];
                sum += v;
                largest = Math.max(largest, v);
              }
            }
            out[c][k++] = average ? sum / w.taps() : largest;
          }
        }
      }
    }
  }

  private static float[][] flatten(float[][] x, MapShape from, int n, float[][] out) {
    int plane = from.height() * from.width();
    for (int c = 0; c < from.channels(); c++) {
      for (int i = 0; i < n; i++) {
        for (int p = 0; p < plane; p++) {
          out[c * plane + p][i] = x[c][i * plane + p];
        }
      }
    }
    return out;
  }

  private void add(AnnNode node, Workspace ws, MapShape s, int n, float[][] out) {
    int size = n * s.height() * s.width();
    for (int c = 0; c < s.channels(); c++) {
      float[] o = out[c];
      float[] first = ws.planes[graph.indexOf(node.inputs().getFirst())][c];
      System.arraycopy(first, 0, o, 0, size);
      for (int j = 1; j < node.inputs().size(); j++) {
        float[] x = ws.planes[graph.indexOf(node.inputs().get(j))][c];
        for (int i = 0; i < size; i++) {
          o[i] = o[i] + x[i];
        }
      }
    }
  }

  private static void zeroPad(
      AnnOp.ZeroPadShortcut z, float[][] x, MapShape from, MapShape to, int n, float[][] out) {
    for (int c = 0; c < from.channels(); c++) {
      float[] in = x[c];
      float[] o = out[c + z.channelsBefore()];
      int k = 0;
      for (int image = 0; image < n; image++) {
        for (int oy = 0; oy < to.height(); oy++) {
          int base = (image * from.height() + oy * z.stride()) * from.width();
          for (int ox = 0; ox < to.width(); ox++) {
            o[k++] = in[base + ox * z.stride()];
          }
        }
      }
    }
  }
}
