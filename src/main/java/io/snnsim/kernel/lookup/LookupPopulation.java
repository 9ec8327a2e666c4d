// SPDX-License-Identifier: Apache-2.0
package io.snnsim.kernel.lookup;

import io.snnsim.geometry.MapShape;

/**
 * What lookups need to know of a population. Immutable.
 *
 * @param wide V has 32 bits
 * @param signed its spikes may be negative
 * @param bias per channel, in grid units
 * @param constantBound largest size of its bias or constant current, in grid units
 * @param codeSteps steps that it reads before it sends; 0 if it sends in the step that it reads
 * @param byLookup it is updated by lookup
 */
public record LookupPopulation(
    MapShape shape,
    boolean wide,
    boolean signed,
    int[] bias,
    long constantBound,
    int codeSteps,
    boolean byLookup) {
  int laneBytes() {
    return wide ? 4 : 2;
  }
}
