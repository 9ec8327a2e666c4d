// SPDX-License-Identifier: Apache-2.0
package io.snnsim.network;

import io.snnsim.geometry.ConvGeometry;

/**
 * Synapses from one population to another: where they are, how many, and what each weighs.
 * Immutable and thread-safe.
 *
 * <p>To add a kind, implement this and follow the compiler: every switch over projections names all
 * kinds.
 */
public sealed interface Projection permits ConvProjection, ChannelwiseProjection, GateProjection {
  /** Unique within the network. */
  String name();

  /** Index of the source population. */
  int source();

  /** Index of the target population, larger than that of the source. */
  int target();

  /** Geometry between the two maps. */
  ConvGeometry geometry();

  /** What kind it is, as reports name it. */
  String kind();

  /** Source channels that a target channel reads, at most: synapses of a neuron at one tap. */
  int sourcesPerTarget();

  /** Target channels that read one source channel: fan-out at one tap. */
  int targetsPerSource();

  /** Bytes of a stored weight; 0 if there are no weights. */
  int weightBytes();

  /**
   * True if some of the target channels {@code ocFrom .. ocTo - 1} may read some of the source
   * channels {@code icFrom .. icTo - 1}.
   */
  boolean connects(int ocFrom, int ocTo, int icFrom, int icTo);

  /** Weight in grid units of the target; 0 where there is no synapse. */
  int weight(int targetChannel, int sourceChannel, int ky, int kx);

  /** Weights that are not zero by their place, so without padding and other groups. */
  long weightCount();
}
