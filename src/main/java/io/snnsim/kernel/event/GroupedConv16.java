// SPDX-License-Identifier: Apache-2.0
// DO NOT EDIT: made from src/main/templates/GroupedConv.java.template by tools/generate-kernels.sh.
package io.snnsim.kernel.event;

import io.snnsim.kernel.contract.ConvArgs;
import io.snnsim.kernel.state.PopulationState;
import io.snnsim.kernel.vector.Species;
import java.nio.ByteOrder;
import jdk.incubator.vector.ShortVector;

/**
 * Grouped convolution with 16-bit weights into a 16-bit V.
 *
 * <p>Confined to the simulation's thread; allocates nothing once compiled.
 */
final class GroupedConv16 extends GroupedConv {
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
  private static final int LANES = Species.SHORTS.length();

  GroupedConv16(ConvArgs args) {
    super(args);
  }

  @Override
  void add(long row, int firstLane, int lanes) {
    PopulationState t = args.target();
    for (int l = 0; l < lanes; l += LANES) {
      long at = (firstLane + l) * 2L;
      ShortVector.fromMemorySegment(Species.SHORTS, t.accumulator, at, LE)
          .add(ShortVector.fromMemorySegment(Species.SHORTS, args.weights(), row + l * 2L, LE))
          .intoMemorySegment(t.accumulator, at, LE);
    }
  }
}
