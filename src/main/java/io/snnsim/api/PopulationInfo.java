// SPDX-License-Identifier: Apache-2.0
package io.snnsim.api;

import io.snnsim.geometry.MapShape;
import java.util.Objects;

/**
 * A population of a model: neurons of one kind on a map. Immutable.
 *
 * @param name unique within the model
 * @param shape its map
 * @param signed its spikes may be -1 as well as 1
 * @param update how it is updated
 */
public record PopulationInfo(String name, MapShape shape, boolean signed, Update update) {
  /** Refuses null. */
  public PopulationInfo {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(shape, "shape");
    Objects.requireNonNull(update, "update");
  }
}
