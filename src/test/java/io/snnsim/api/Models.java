// SPDX-License-Identifier: Apache-2.0
package io.snnsim.api;

import io.snnsim.format.ModelContents;
import io.snnsim.format.SnnWriter;
import io.snnsim.network.Network;
import java.lang.foreign.MemorySegment;
import java.util.Map;

/** Models of networks that tests make. */
final class Models {
  private Models() {}

  /** The bytes of a model file. */
  static MemorySegment bytes(Network network) {
    SnnWriter writer = new SnnWriter(new ModelContents(network, Map.of()));
    MemorySegment bytes = MemorySegment.ofArray(new byte[Math.toIntExact(writer.byteSize())]);
    writer.write(bytes);
    return bytes;
  }

  static Model open(Network network) {
    return Model.open(bytes(network), ModelOptions.DEFAULT);
  }
}
