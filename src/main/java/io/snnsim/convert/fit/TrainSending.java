// SPDX-License-Identifier: Apache-2.0
package io.snnsim.convert.fit;

import io.snnsim.convert.scheme.Lowering;
import io.snnsim.convert.scheme.NetworkBuilder;
import java.util.List;

/**
 * Spike trains of neurons that send rates.
 *
 * @param image its values
 * @param count images
 */
record TrainSending(ConvertedPopulation image, int count, int steps, Workers workers)
    implements Sending {
  @Override
  public Sent population(
      Lowering.Draft draft,
      List<ConvertedPopulation> sources,
      NetworkBuilder.Built built,
      float[][] integrated) {
    SpikeTrains out = new SpikeTrains(draft.shape(), count, steps, workers.pool());
    SpikeTrains[] trains =
        sources.stream().map(s -> (SpikeTrains) s.sent()).toArray(SpikeTrains[]::new);
    try (MapPool.Lease lease = workers.pool().lease()) {
      workers.run(
          Batches.count(count),
          () -> {
            PopulationSimulation simulation =
                new PopulationSimulation(draft, built, Batches.SIZE, steps, lease);
            return b ->
                simulation.run(
                    trains,
                    image.activation(),
                    b * Batches.SIZE,
                    Batches.size(b, count),
                    out,
                    integrated);
          });
    }
    return out;
  }

  @Override
  public Sent gate(Lowering.Draft draft, ConvertedPopulation source) {
    SpikeTrains out = new SpikeTrains(draft.shape(), count, steps, workers.pool());
    SpikeTrains from = (SpikeTrains) source.sent();
    workers.run(
        Batches.count(count),
        () -> {
          GateSimulation simulation =
              new GateSimulation(
                  source.shape(), draft.shape(), draft.window(), Batches.SIZE, steps);
          return b -> simulation.run(from, b * Batches.SIZE, Batches.size(b, count), out);
        });
    return out;
  }
}
