// SPDX-License-Identifier: Apache-2.0
package io.snnsim.kernel.lookup;

import io.snnsim.kernel.state.PopulationState;
import java.lang.foreign.MemorySegment;

/**
 * A population as lookup kernels see it. Immutable.
 *
 * @param planes index planes of all populations and slots, zeroed when the simulation began
 */
public record LookupArgs(
    LookupNetwork network, int population, PopulationState state, MemorySegment planes) {}
