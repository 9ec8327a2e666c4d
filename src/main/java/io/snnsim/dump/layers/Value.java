// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump.layers;

import io.snnsim.geometry.MapShape;

/**
 * What a layer of a {@link LayerGraph} gives: the map of a node, and the zeros around it that the
 * next window takes over. Immutable.
 */
public final class Value {
  private final String node;
  private final MapShape shape;
  private final Zeros zeros;

  Value(String node, MapShape shape, Zeros zeros) {
    this.node = node;
    this.shape = shape;
    this.zeros = zeros;
  }

  /** Name of the node, which no other has. */
  public String node() {
    return node;
  }

  /** Shape of the node's map, without the zeros. */
  public MapShape shape() {
    return shape;
  }

  /** Zeros around the map. */
  public Zeros zeros() {
    return zeros;
  }
}
