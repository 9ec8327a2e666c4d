// SPDX-License-Identifier: Apache-2.0
package io.snnsim.ann;

import io.snnsim.ann.op.DenseProduct;
import io.snnsim.ann.op.OpRun;
import io.snnsim.geometry.MapShape;
import java.util.ArrayList;
import java.util.List;

/**
 * Dense float32 forward pass of an {@link AnnGraph} over batches. Immutable and safe to share; each
 * thread brings its own {@link Workspace}. Running allocates nothing but scratch memory of the
 * first run. An image's result does not depend on the others of its batch.
 */
public final class AnnForward {
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
    private final OpRun[] runs;
    private int n;

    private Workspace(AnnGraph graph, int batch) {
      this.batch = batch;
      planes = new float[graph.nodes().size()][][];
      runs = new OpRun[planes.length];
      DenseProduct product = new DenseProduct();
      for (int i = 0; i < planes.length; i++) {
        MapShape to = graph.shape(i);
        planes[i] = new float[to.channels()][batch * to.plane()];
        List<float[][]> in = new ArrayList<>();
        List<MapShape> from = new ArrayList<>();
        for (String input : graph.nodes().get(i).inputs()) {
          in.add(planes[graph.indexOf(input)]);
          from.add(graph.shape(graph.indexOf(input)));
        }
        runs[i] = OpRun.of(graph.nodes().get(i).op(), in, from, planes[i], to, product);
      }
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
    load(images, n, graph.inputShape(), ws.planes[0]);
    for (int i = 1; i < ws.runs.length; i++) {
      graph.nodes().get(i).op().forward(ws.runs[i], n);
    }
  }

  private static void load(float[] images, int n, MapShape s, float[][] out) {
    int plane = s.plane();
    for (int i = 0; i < n; i++) {
      for (int c = 0; c < s.channels(); c++) {
        System.arraycopy(images, (i * s.channels() + c) * plane, out[c], i * plane, plane);
      }
    }
  }
}
