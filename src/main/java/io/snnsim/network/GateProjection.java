// SPDX-License-Identifier: Apache-2.0
package io.snnsim.network;

import io.snnsim.geometry.ConvGeometry;

/** The window through which a {@link NeuronModel#MAX_GATE} population watches its source. */
public record GateProjection(String name, int source, int target, ConvGeometry geometry)
    implements Projection {
  @Override
  public String kind() {
    return "gate";
  }

  @Override
  public int sourcesPerTarget() {
    return 1;
  }

  @Override
  public int targetsPerSource() {
    return 1;
  }

  @Override
  public int weightBytes() {
    return 0;
  }

  @Override
  public long weightCount() {
    return 0;
  }

  @Override
  public boolean connects(int ocFrom, int ocTo, int icFrom, int icTo) {
    return icFrom < ocTo && icTo > ocFrom;
  }

  /** A gate compares counts: it has no weights. */
  @Override
  public int weight(int oc, int ic, int ky, int kx) {
    return 0;
  }
}
