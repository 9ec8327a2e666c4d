// SPDX-License-Identifier: Apache-2.0
package io.snnsim.study;

import io.snnsim.ann.AnnGraph;
import io.snnsim.geometry.ConvGeometry;
import io.snnsim.network.InputStage;
import io.snnsim.network.Network;
import io.snnsim.network.Population;
import io.snnsim.report.Energy;
import io.snnsim.report.EnergyModel;
import io.snnsim.report.RunReport;
import java.util.List;
import java.util.function.Function;

/**
 * What an image costs by models of hardware. Immutable.
 *
 * @param ann the ANN, or null if it is not known
 * @param models the models, given whether potentials have 32 bits
 */
public record ImageEnergy(
    Network network, AnnGraph ann, Function<Boolean, List<EnergyModel>> models) {
  /** Energy of an image of a run, which may have ended images early. */
  public Energy of(RunReport run) {
    double steps = meanSteps(run);
    return of(steps, run.synapticOpsPerImageStep() * steps, run.spikesPerImageStep() * steps);
  }

  /** Time steps an image, mean. */
  public static double meanSteps(RunReport run) {
    return run.earlyExit() == null ? run.steps() : run.earlyExit().meanSteps();
  }

  /**
   * Energy of an image.
   *
   * @param steps time steps, mean
   */
  public Energy of(double steps, double synapticOps, double spikes) {
    long integrating = 0;
    boolean wide = false;
    for (Population p : network.populations()) {
      if (p.model().integrates()) {
        integrating += p.shape().size();
        wide |= p.wide();
      }
    }
    return Energy.of(
        synapticOps,
        (double) integrating * steps,
        spikes,
        inputMacs(network.input()),
        ann == null ? null : ann.macs(),
        models.apply(wide));
  }

  private static long inputMacs(InputStage input) {
    long n = 0;
    for (InputStage.AnalogProjection p : input.projections()) {
      ConvGeometry g = p.geometry();
      n += (long) g.outHeight() * g.outWidth() * g.outChannels() * g.inPerGroup() * g.taps();
    }
    return n;
  }
}
