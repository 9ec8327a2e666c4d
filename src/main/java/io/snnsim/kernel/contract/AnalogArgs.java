// SPDX-License-Identifier: Apache-2.0
package io.snnsim.kernel.contract;

import io.snnsim.geometry.Window;
import io.snnsim.kernel.state.PopulationState;
import java.lang.foreign.MemorySegment;

/**
 * A dense projection of the image. Immutable.
 *
 * @param image normalised image, f32 [channel][y][x], rewritten by the simulation
 * @param weights f32 [ky][kx][ic of the group][lane of all target blocks], groups = 1
 * @param bias f32 [lane]
 * @param currents i32, laid out as the target's counts; the result is added
 */
public record AnalogArgs(
    MemorySegment image,
    int inChannels,
    int inHeight,
    int inWidth,
    PopulationState target,
    Window geometry,
    MemorySegment weights,
    MemorySegment bias,
    float low,
    float high,
    MemorySegment currents) {
  /** The same with {@code currents} to add to. */
  public AnalogArgs into(MemorySegment currents) {
    return new AnalogArgs(
        image, inChannels, inHeight, inWidth, target, geometry, weights, bias, low, high, currents);
  }

  /** Lanes of one (tap, ic) row of {@code weights}. */
  public int rowLanes() {
    return (target.blocks - 1) * PopulationState.BLOCK + target.lanes(target.blocks - 1);
  }
}
