// SPDX-License-Identifier: Apache-2.0
package io.snnsim.ann;

import io.snnsim.geometry.MapShape;
import io.snnsim.work.Execution;
import io.snnsim.work.Tasks;
import java.util.Arrays;
import java.util.function.Supplier;

/**
 * Runs a forward pass over many images on several threads. Stateless; the caller's thread waits.
 * Results do not depend on the number of threads.
 */
public final class AnnBatch {
  /** Sees the activations of one batch of images; one instance a thread, so it needs no locks. */
  @FunctionalInterface
  public interface Observer {
    /** Called with the workspace after images {@code first .. first + ws.images() - 1}. */
    void seen(int first, AnnForward.Workspace ws);
  }

  private AnnBatch() {}

  /**
   * Predicted class (argmax of the output, ties to the lower index) of every image.
   *
   * @return -1 for images that were not reached because the work was cancelled
   */
  public static int[] predict(
      AnnForward forward, Images images, Normalisation normalisation, Execution execution) {
    int[] result = new int[images.count()];
    Arrays.fill(result, -1);
    int output = forward.graph().nodes().size() - 1;
    run(
        forward,
        images,
        normalisation,
        execution,
        () ->
            (first, ws) -> {
              float[][] logits = ws.activation(output);
              for (int i = 0; i < ws.images(); i++) {
                int best = 0;
                for (int c = 1; c < logits.length; c++) {
                  if (logits[c][i] > logits[best][i]) {
                    best = c;
                  }
                }
                result[first + i] = best;
              }
            });
    return result;
  }

  /**
   * Runs all images, or those begun until the work is cancelled.
   *
   * @param execution asked before each batch; progress is left to the observers
   * @param observers makes one observer a thread
   */
  public static void run(
      AnnForward forward,
      Images images,
      Normalisation normalisation,
      Execution execution,
      Supplier<Observer> observers) {
    MapShape shape = forward.graph().inputShape();
    int batch = Math.min(forward.suggestedBatch(), Math.max(1, images.count()));
    int plane = shape.height() * shape.width();
    int batches = (images.count() + batch - 1) / batch;
    Tasks.run(
        "snnsim-ann",
        execution,
        batches,
        () -> {
          Observer observer = observers.get();
          AnnForward.Workspace ws = forward.newWorkspace(batch);
          float[] one = new float[shape.size()];
          float[] many = new float[batch * shape.size()];
          return k -> {
            int first = k * batch;
            int n = Math.min(batch, images.count() - first);
            for (int i = 0; i < n; i++) {
              images.read(first + i, one);
              for (int j = 0; j < one.length; j++) {
                int c = j / plane;
                many[i * one.length + j] = normalisation.of(one[j], c);
              }
            }
            forward.run(many, n, ws);
            observer.seen(first, ws);
          };
        });
  }
}
