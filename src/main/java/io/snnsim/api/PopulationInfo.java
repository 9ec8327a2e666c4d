// SPDX-License-Identifier: Apache-2.0
package io.snnsim.api;

import io.snnsim.geometry.MapShape;

/**
 * A population of a model: neurons of one kind on a map. Immutable.
 *
 * @param name unique within the model
 * @param shape its map
 * @param signed its spikes may be -1 as well as 1
 * @param update how it is updated
 */
public record PopulationInfo(String name, MapShape shape, boolean signed, Update update) {}
