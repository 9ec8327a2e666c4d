// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump;

import io.snnsim.dump.nir.NirGraph;
import io.snnsim.parts.OptionalJar;
import java.nio.file.Path;
import java.util.Optional;

/** Looks for a network in HDF5 files that hold more than weights, opening them once. Stateless. */
final class Hdf5Network {
  private Hdf5Network() {}

  /** The network of a file, if it is a graph of NIR or a model of Keras that says its layers. */
  static Optional<FileKind.Layered> in(Path file) {
    OptionalJar.JHDF.require("reading the HDF5 file " + file);
    return Hdf5File.with(
        file,
        new TensorCollector(file),
        hdf ->
            NirGraph.isThere(hdf.paths())
                ? Optional.of(new FileKind.Layered("nir", NirGraph.read(hdf, file.toString())))
                : KerasFile.in(hdf, file).map(g -> new FileKind.Layered("keras", g)));
  }
}
