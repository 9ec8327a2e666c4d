// SPDX-License-Identifier: Apache-2.0
package io.snnsim.tune;

import io.snnsim.engine.BatchObserver;
import io.snnsim.engine.BatchOptions;
import io.snnsim.engine.BatchRunner;
import io.snnsim.engine.KernelChoice;
import io.snnsim.engine.Simulation;
import io.snnsim.engine.Simulator;
import io.snnsim.error.SnnsimException;
import io.snnsim.network.Network;
import io.snnsim.readout.DelayedReadout;
import io.snnsim.work.Execution;
import java.util.List;

/** Runs candidates of a search on images that nothing of them was measured on. Stateless. */
final class HeldBackRun {
  /**
   * Neurons of which every thread may have its own; of more the state of each thread would be
   * hundreds of megabytes, so all work on one image.
   */
  private static final long MOST_NEURONS = 1 << 21;

  private HeldBackRun() {}

  /**
   * How many images are right after {@code steps} time steps.
   *
   * @param judges images with the right class of each
   * @throws SnnsimException (interrupted) if cancelled
   */
  static int count(
      Network network,
      LabelledImages judges,
      DelayedReadout readout,
      int steps,
      Execution execution) {
    int count = 0;
    for (boolean right : right(network, judges, List.of(readout), steps, execution)[0]) {
      count += right ? 1 : 0;
    }
    return count;
  }

  /**
   * Which images are right after {@code steps} time steps.
   *
   * @param judges images with the right class of each
   * @param readouts each of as many images
   * @return [readout][image]
   * @throws SnnsimException (interrupted) if cancelled
   */
  static boolean[][] right(
      Network network,
      LabelledImages judges,
      List<DelayedReadout> readouts,
      int steps,
      Execution execution) {
    boolean[][] right = new boolean[readouts.size()][judges.count()];
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
              right[r][image] =
                  readouts.get(r).decide(image, s) == judges.label().applyAsInt(image);
              readouts.get(r).ended(image);
            }
          }
        };
    try (Simulator model = Simulator.of(network, KernelChoice.AUTO)) {
      boolean large = network.neurons() > MOST_NEURONS;
      BatchOptions batch =
          new BatchOptions(
              steps,
              large ? 1 : execution.threads(),
              0,
              judges.count(),
              null,
              false,
              execution.cancelled(),
              large ? execution.threads() : 1);
      BatchRunner.run(model, new BatchImages(judges.images()), batch, observer);
    }
    execution.requireNotCancelled("while choosing on held-back images");
    return right;
  }
}
