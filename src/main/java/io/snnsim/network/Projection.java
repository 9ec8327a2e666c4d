// SPDX-License-Identifier: Apache-2.0
package io.snnsim.network;

import io.snnsim.geometry.ConvGeometry;

/** Synapses from one population to another. Immutable. */
public sealed interface Projection permits ConvProjection, ChannelwiseProjection, GateProjection {
  /** Unique within the network. */
  String name();

  /** Index of the source population. */
  int source();

  /** Index of the target population, larger than that of the source. */
  int target();

  /** Geometry between the two maps. */
  ConvGeometry geometry();
}
