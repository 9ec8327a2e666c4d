// SPDX-License-Identifier: Apache-2.0
package io.snnsim.bench;

import io.snnsim.engine.KernelChoice;
import io.snnsim.engine.Simulation;
import io.snnsim.engine.Simulator;
import io.snnsim.network.Network;
import java.util.Arrays;

/**
 * What the scalar kernel, which is the specification, makes of an image: spikes, synaptic
 * operations and potentials of every population. Benchmarks compare their own session with it
 * before they measure and again afterwards, when what ran is compiled code. Immutable.
 */
final class ScalarCheck {
  private final Network network;
  private final float[] image;
  private final int steps;
  private final long[] spikes;
  private final long[] synapticOps;
  private final int[][] potentials;
  private final long[] outputCounts;

  /** Runs the scalar kernel, {@code steps} time steps. */
  ScalarCheck(Network network, float[] image, int steps) {
    this.network = network;
    this.image = image;
    this.steps = steps;
    int n = network.populations().size();
    spikes = new long[n];
    synapticOps = new long[n];
    potentials = new int[n][];
    try (Simulator model = Simulator.of(network, KernelChoice.SCALAR);
        Simulation session = model.newSimulation()) {
      run(session);
      outputCounts = new long[session.classes()];
      Arrays.setAll(outputCounts, session::outputCount);
      for (int p = 0; p < n; p++) {
        spikes[p] = session.spikeTotal(p);
        synapticOps[p] = session.synapticOps(p);
        potentials[p] = potentials(session, p);
      }
    }
  }

  /** Share of neurons of population {@code p} that fired, per step. */
  double rate(int p) {
    return (double) spikes[p] / steps / network.populations().get(p).shape().size();
  }

  /** Mean synaptic operations per time step of all populations. */
  double synapticOpsPerStep() {
    return (double) Arrays.stream(synapticOps).sum() / steps;
  }

  /**
   * Presents the image to {@code session} and runs it as far.
   *
   * @throws IllegalStateException naming the first population that differs
   */
  void check(Simulation session) {
    run(session);
    for (int p = 0; p < spikes.length; p++) {
      String name = network.populations().get(p).name();
      if (session.spikeTotal(p) != spikes[p] || session.synapticOps(p) != synapticOps[p]) {
        throw new IllegalStateException(
            "population "
                + name
                + " after "
                + steps
                + " steps: found "
                + session.spikeTotal(p)
                + " spikes, "
                + session.synapticOps(p)
                + " synaptic operations, expected as the scalar kernel "
                + spikes[p]
                + ", "
                + synapticOps[p]);
      }
      if (!Arrays.equals(potentials(session, p), potentials[p])) {
        throw new IllegalStateException(
            "population "
                + name
                + " after "
                + steps
                + " steps: found other potentials than the scalar kernel's");
      }
    }
    for (int i = 0; i < outputCounts.length; i++) {
      if (session.outputCount(i) != outputCounts[i]) {
        throw new IllegalStateException(
            "output "
                + i
                + ": found "
                + session.outputCount(i)
                + " spikes, expected as the scalar kernel "
                + outputCounts[i]);
      }
    }
  }

  private void run(Simulation session) {
    session.present(image, 0, steps);
    for (int t = 0; t < steps; ) {
      t += session.runStepBlock(steps - t);
    }
  }

  private int[] potentials(Simulation session, int p) {
    return network.populations().get(p).model().integrates() ? session.potentials(p) : new int[0];
  }
}
