// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump;

import io.snnsim.dump.layers.LayerGraph;
import io.snnsim.dump.nir.NirGraph;
import io.snnsim.parts.OptionalJar;
import java.nio.file.Path;
import java.util.Optional;

/** Opens the HDF5 files in which NIR keeps graphs. Stateless. */
final class NirFile {
  private NirFile() {}

  /** The network of an HDF5 file, if it is a graph of NIR. */
  static Optional<LayerGraph> in(Path file) {
    OptionalJar.JHDF.require("reading the HDF5 file " + file);
    return Hdf5File.with(
        file,
        new TensorCollector(file),
        hdf ->
            NirGraph.isThere(hdf.paths())
                ? Optional.of(NirGraph.read(hdf, file.toString()))
                : Optional.empty());
  }
}
