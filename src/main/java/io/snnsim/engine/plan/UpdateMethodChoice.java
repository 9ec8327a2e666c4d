// SPDX-License-Identifier: Apache-2.0
package io.snnsim.engine.plan;

import io.snnsim.network.Network;
import io.snnsim.network.Projection;
import java.util.List;

/**
 * By which method a population with both is updated, one time step after another. It follows the
 * spikes: what the method in use would have cost more than the other is added up, what it would
 * have cost less is taken off again, and when the sum exceeds the price of a change, the method
 * changes. So no course of firing rates costs more than a small multiple of the best choice made in
 * hindsight (the argument of ski rental), and noise around the break-even changes nothing.
 *
 * <p>Costs are estimates, not times, so that the same images take the same course. Confined to the
 * simulation's thread; allocates only in the constructor.
 */
public final class UpdateMethodChoice {
  private final MethodCosts costs;
  private final int[] sources;
  private final double changeNanos;
  private double regret;
  private boolean lookup = true;
  private long changes;

  /** For population {@code p}, which starts by lookup. */
  public UpdateMethodChoice(Network network, int p, int blockSteps, CostModel model) {
    costs = MethodCosts.of(network, p, blockSteps, model);
    List<Projection> into = network.into(p);
    sources = into.stream().mapToInt(Projection::source).toArray();
    changeNanos = network.populations().get(p).shape().size() * model.moveNanos();
  }

  /** The next steps are by lookup, else by events. */
  public boolean byLookup() {
    return lookup;
  }

  /** How often the method has changed. */
  public long changes() {
    return changes;
  }

  /** Populations whose spikes decide, in the order of {@link Network#into}. */
  public int[] sources() {
    return sources;
  }

  /**
   * Takes in the spikes of the last steps.
   *
   * @param spikes of every source in these steps, by population
   * @return true if the method changes now
   */
  public boolean changesAfter(long[] spikes, int steps) {
    double events = steps * costs.eventNanos();
    for (int i = 0; i < sources.length; i++) {
      events += costs.spikeNanos()[i] * spikes[sources[i]];
    }
    return changesAfter(steps * costs.lookupNanos(), events);
  }

  /** As above, of what the steps cost by either method. */
  public boolean changesAfter(double lookupNanos, double eventNanos) {
    double lost = lookup ? lookupNanos - eventNanos : eventNanos - lookupNanos;
    regret = Math.max(0, regret + lost);
    if (regret <= changeNanos) {
      return false;
    }
    regret = 0;
    lookup = !lookup;
    changes++;
    return true;
  }
}
