// SPDX-License-Identifier: Apache-2.0
// DO NOT EDIT: made from src/main/templates/GroupedConv.java.template by tools/generate-kernels.sh.
package io.snnsim.kernel.event;

import io.snnsim.kernel.contract.ConvArgs;
import io.snnsim.kernel.state.PopulationState;
import io.snnsim.kernel.vector.Species;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Grouped convolution with 8-bit weights into a 16-bit V.
 *
 * <p>Confined to the simulation's thread; allocates nothing once compiled.
 */
final class GroupedConv8 extends GroupedConv {
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
  private static final int LANES = Species.SHORTS.length();
  private static final int BYTE_LANES = Species.BYTES.length();

  GroupedConv8(ConvArgs args) {
    super(args);
  }

  @Override
  void add(long row, int firstLane, int lanes) {
    PopulationState t = args.target();
    for (int l = 0; l < lanes; l += BYTE_LANES) {
      ByteVector w = ByteVector.fromMemorySegment(Species.BYTES, args.weights(), row + l, LE);
      for (int part = 0; part < BYTE_LANES / LANES; part++) {
        long at = (firstLane + l + part * LANES) * 2L;
        ShortVector.fromMemorySegment(Species.SHORTS, t.accumulator, at, LE)
            .add(w.convertShape(VectorOperators.B2S, Species.SHORTS, part))
            .intoMemorySegment(t.accumulator, at, LE);
      }
    }
  }
}
