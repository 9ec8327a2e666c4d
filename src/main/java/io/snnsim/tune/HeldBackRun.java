// SPDX-License-Identifier: Apache-2.0
package io.snnsim.tune;

import io.snnsim.ann.Images;
import io.snnsim.engine.BatchObserver;
import io.snnsim.engine.BatchOptions;
import io.snnsim.engine.BatchRunner;
import io.snnsim.engine.KernelChoice;
import io.snnsim.engine.Simulation;
import io.snnsim.engine.Simulator;
import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import io.snnsim.network.Network;
import io.snnsim.readout.DelayedReadout;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.IntUnaryOperator;

/** Runs candidates of a search on images that nothing of them was measured on. Stateless. */
final class HeldBackRun {
  private HeldBackRun() {}

  /**
   * Which images are right after {@code steps} time steps.
   *
   * @param label right class of each image
   * @param readouts each of as many images
   * @return [readout][image]
   * @throws SnnsimException (interrupted) if cancelled
   */
  static boolean[][] right(
      Network network,
      Images images,
      IntUnaryOperator label,
      List<DelayedReadout> readouts,
      int steps,
      int threads,
      BooleanSupplier cancelled) {
    boolean[][] right = new boolean[readouts.size()][images.count()];
    BatchObserver observer =
        new BatchObserver() {
          @Override
          public void afterStep(int image, int step, Simulation s) {
            for (int r = 0; r < right.length; r++) {
              readouts.get(r).afterStep(image, step, s);
            }
          }

          @Override
          public void afterImage(int image, Simulation s, long nanos) {
            for (int r = 0; r < right.length; r++) {
              right[r][image] = readouts.get(r).decide(image, s) == label.applyAsInt(image);
              readouts.get(r).ended(image);
            }
          }
        };
    try (Simulator model = Simulator.of(network, KernelChoice.AUTO)) {
      BatchOptions batch =
          new BatchOptions(steps, threads, 0, images.count(), null, false, cancelled);
      BatchRunner.run(model, new BatchImages(images), batch, observer);
    }
    if (cancelled.getAsBoolean()) {
      throw new SnnsimException(
          Category.INTERRUPTED, "interrupted while choosing on held-back images");
    }
    return right;
  }
}
