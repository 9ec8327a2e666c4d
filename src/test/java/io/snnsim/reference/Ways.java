// SPDX-License-Identifier: Apache-2.0
package io.snnsim.reference;

import io.snnsim.engine.plan.CostModel;
import io.snnsim.engine.plan.UpdateMethod;
import io.snnsim.network.Network;

/** By which methods tests may ask a population to be updated. Stateless. */
final class Ways {
  /** Costs by which populations with both methods change theirs in every block. */
  static final CostModel RESTLESS = new CostModel(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1);

  private Ways() {}

  /** The rule for lookups, said once more than the planner does. */
  static boolean canLookUp(Network network, int p) {
    return p != network.output()
        && (network.populations().get(p).model().integrates()
            || !network.populations().get(p).wide());
  }

  /** The rule for both, likewise. */
  static boolean canAdapt(Network network, int p) {
    return canLookUp(network, p)
        && network.populations().get(p).model().integrates()
        && network.input().projections().stream().noneMatch(a -> a.target() == p);
  }

  /** That method where the population can be updated so, else by events. */
  static UpdateMethod where(Network network, int p, UpdateMethod wanted) {
    boolean can =
        switch (wanted) {
          case EVENTS -> true;
          case LOOKUP -> canLookUp(network, p);
          case ADAPTIVE -> canAdapt(network, p);
        };
    return can ? wanted : UpdateMethod.EVENTS;
  }
}
