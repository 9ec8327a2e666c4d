// SPDX-License-Identifier: Apache-2.0
package io.snnsim.kernel.lookup;

import io.snnsim.geometry.Window;

/**
 * What joins two populations, as tables are built from it. Implementations must be cheap to ask:
 * every weight is read once.
 */
public interface Synapses {
  /** Index of the source population. */
  int source();

  /** Window between the maps. */
  Window geometry();

  /**
   * True if some of the target channels {@code ocFrom .. ocTo - 1} may read some of the source
   * channels {@code icFrom .. icTo - 1}.
   */
  boolean connects(int ocFrom, int ocTo, int icFrom, int icTo);

  /** Weight in grid units of the target; 0 where there is no synapse. */
  int weight(int targetChannel, int sourceChannel, int ky, int kx);
}
