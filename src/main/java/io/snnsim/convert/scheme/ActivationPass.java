// SPDX-License-Identifier: Apache-2.0
package io.snnsim.convert.scheme;

import io.snnsim.ann.AnnBatch;
import io.snnsim.ann.AnnForward;
import io.snnsim.ann.Images;
import io.snnsim.ann.Normalisation;
import io.snnsim.error.SnnsimException;
import io.snnsim.work.Execution;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** Shows what populations that sum up do on all images to one collector a thread. Stateless. */
final class ActivationPass {
  /** Takes activations in; used by one thread. */
  interface Collector {
    /**
     * Takes in some images of a population.
     *
     * @param planes [channel][image, y, x]
     * @param size values of a channel
     */
    void add(int population, float[][] planes, int size);
  }

  private ActivationPass() {}

  /**
   * Runs the ANN.
   *
   * @param execution told the number of images done
   * @param collectors makes one a thread
   * @return the collectors, in no order
   * @throws SnnsimException (interrupted) if cancelled
   */
  static <C extends Collector> List<C> run(
      Lowering lowering,
      Images images,
      Normalisation normalisation,
      Execution execution,
      Supplier<C> collectors) {
    List<Lowering.Draft> drafts = lowering.drafts();
    List<C> all = new ArrayList<>();
    AnnBatch.run(
        new AnnForward(lowering.graph()),
        images,
        normalisation,
        execution,
        () -> {
          C mine = collectors.get();
          synchronized (all) {
            all.add(mine);
          }
          return (first, ws) -> {
            for (int p = 0; p < drafts.size(); p++) {
              Lowering.Draft draft = drafts.get(p);
              if (draft.kind() == Lowering.Kind.SUM) {
                int size = ws.images() * draft.shape().height() * draft.shape().width();
                mine.add(p, ws.activation(draft.node()), size);
              }
            }
            execution.progress().accept(ws.images());
          };
        });
    execution.requireNotCancelled("during calibration");
    return all;
  }

  /** Says what was measured of a population that sums up. */
  interface Measured {
    /**
     * Its level.
     *
     * @param before levels of the populations before it
     */
    Calibration.Level of(int population, List<Calibration.Level> before);
  }

  /**
   * Levels of all populations: those that do not sum up have their source's.
   *
   * @param summing asked in order
   */
  static List<Calibration.Level> levels(Lowering lowering, Measured summing) {
    List<Calibration.Level> levels = new ArrayList<>();
    for (int p = 0; p < lowering.drafts().size(); p++) {
      Lowering.Draft draft = lowering.drafts().get(p);
      levels.add(
          draft.kind() == Lowering.Kind.SUM
              ? summing.of(p, levels)
              : levels.get(draft.terms().getFirst().source()));
    }
    return levels;
  }
}
