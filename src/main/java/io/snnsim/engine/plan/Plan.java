// SPDX-License-Identifier: Apache-2.0
package io.snnsim.engine.plan;

import java.util.List;

/**
 * How a network is run: by which method each population is updated, and over how many time steps a
 * population runs before the next one's turn. Never changes a bit of the result. Immutable.
 *
 * @param methods one a population
 * @param blockSteps steps of a step block, 1 (time-major) or more (layer-major)
 */
public record Plan(List<UpdateMethod> methods, int blockSteps) {
  /** Longest step block; spikes of that many steps are kept. */
  public static final int MOST_BLOCK_STEPS = 64;

  /** Copies the list. */
  public Plan {
    methods = List.copyOf(methods);
    if (blockSteps < 1 || blockSteps > MOST_BLOCK_STEPS) {
      throw new IllegalArgumentException(
          "blockSteps=" + blockSteps + ", expected 1.." + MOST_BLOCK_STEPS);
    }
  }
}
