// SPDX-License-Identifier: Apache-2.0
package io.snnsim.engine;

import io.snnsim.geometry.Window;
import io.snnsim.kernel.lookup.Synapses;
import io.snnsim.network.Projection;

/** A projection as the lookup tables are built from it. Immutable. */
record NetworkSynapses(Projection projection) implements Synapses {
  @Override
  public int source() {
    return projection.source();
  }

  @Override
  public Window geometry() {
    return projection.geometry().window();
  }

  @Override
  public boolean connects(int ocFrom, int ocTo, int icFrom, int icTo) {
    return projection.connects(ocFrom, ocTo, icFrom, icTo);
  }

  @Override
  public int weight(int oc, int ic, int ky, int kx) {
    return projection.weight(oc, ic, ky, kx);
  }
}
