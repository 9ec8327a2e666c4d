// SPDX-License-Identifier: Apache-2.0
package io.snnsim.engine;

import io.snnsim.engine.plan.CostModel;
import io.snnsim.engine.plan.Plan;
import io.snnsim.engine.plan.Planner;
import io.snnsim.engine.plan.UpdateMethod;
import io.snnsim.kernel.KernelProvider;
import io.snnsim.kernel.pattern.PatternForm;
import io.snnsim.kernel.pattern.PatternTables;
import io.snnsim.network.ConvProjection;
import io.snnsim.network.Network;
import io.snnsim.network.Projection;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;

/**
 * The tables of the projections whose weights are added by spike patterns. Immutable; the tables
 * lie in the arena that was given.
 */
final class PatternWeights {
  private final Network network;

  /** By projection; null of those without. */
  private final List<PatternTables> tables = new ArrayList<>();

  /**
   * Builds them.
   *
   * @param weights by projection, as event kernels read them
   */
  PatternWeights(
      Network network, Plan plan, CostModel costs, List<ConvWeights> weights, Arena arena) {
    this.network = network;
    for (int j = 0; j < weights.size(); j++) {
      boolean served = network.projections().get(j) instanceof ConvProjection c && serve(c, plan);
      tables.add(served ? tables(j, costs, weights.get(j), arena) : null);
    }
  }

  private PatternTables tables(int j, CostModel costs, ConvWeights weights, Arena arena) {
    ConvProjection c = (ConvProjection) network.projections().get(j);
    return PatternTables.of(
        form(network, c, costs), weights.memory(), c.type().bytes(), weights.blockOffset(), arena);
  }

  private static PatternForm form(Network network, ConvProjection c, CostModel costs) {
    return Planner.patternForm(network, c, costs, KernelProvider.vectorBits());
  }

  /** True if the weights of a projection are added by patterns. */
  static boolean serve(ConvProjection c, Plan plan) {
    return plan.methods().get(c.target()) == UpdateMethod.PATTERNS && c.layout().dense();
  }

  /** Off-heap bytes that they will take. */
  static long bytes(Network network, Plan plan, CostModel costs) {
    long bytes = 0;
    for (Projection p : network.projections()) {
      if (p instanceof ConvProjection c && serve(c, plan)) {
        bytes += form(network, c, costs).tableBytes();
      }
    }
    return bytes;
  }

  /** Of a projection; null if its weights are not added by patterns. */
  PatternTables of(ConvProjection c) {
    return tables.get(network.indexOf(c));
  }

  /** Off-heap bytes. */
  long bytes() {
    long bytes = 0;
    for (PatternTables t : tables) {
      bytes += t == null ? 0 : t.bytes();
    }
    return bytes;
  }
}
