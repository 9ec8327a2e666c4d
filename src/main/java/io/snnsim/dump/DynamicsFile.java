// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump;

import io.snnsim.dump.nir.NirDynamics;
import io.snnsim.dump.nir.NirGraph;
import io.snnsim.error.SnnsimException;
import io.snnsim.parts.OptionalJar;
import java.nio.file.Path;

/** Reads a graph of neurons to be simulated as it is. Stateless. */
public final class DynamicsFile {
  private DynamicsFile() {}

  /**
   * Reads a graph.
   *
   * @throws SnnsimException (input missing) if the file is not there; (bad data) if it is no graph,
   *     naming node and field
   */
  public static NirDynamics.Found read(Path file) {
    NpzFile.requireFile(file);
    if (FileKind.of(file) != FileKind.HDF5) {
      throw SnnsimException.badData(
          file + ": " + ForeignFile.found(file) + ", expected a NIR graph, as nir.write makes it");
    }
    OptionalJar.JHDF.require("reading the NIR graph " + file);
    return Hdf5File.with(
        file,
        new TensorCollector(file),
        hdf -> {
          if (!NirGraph.isThere(hdf.paths())) {
            throw SnnsimException.badData(
                file
                    + ": found HDF5 without nodes and edges, expected a NIR graph, as nir.write"
                    + " makes it");
          }
          return NirDynamics.read(hdf, file.toString());
        });
  }
}
