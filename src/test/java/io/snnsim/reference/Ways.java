package io.snnsim.reference;

import io.snnsim.network.Network;

/** By which methods tests may ask a population to be updated. Stateless. */
final class Ways {
  private Ways() {}

  /** The rule for lookups, said once more than the planner does. */
  static boolean canLookUp(Network network, int p) {
    return p != network.output()
        && (network.populations().get(p).model().integrates()
            || !network.populations().get(p).wide());
  }
}
