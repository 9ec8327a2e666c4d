// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump;

import io.snnsim.dump.keras.KerasWeights;
import io.snnsim.dump.nir.NirGraph;
import io.snnsim.error.SnnsimException;
import java.nio.file.Path;

/** Reads every dataset of an HDF5 file as a tensor. Stateless. */
final class Hdf5Tensors {
  private Hdf5Tensors() {}

  /** Reads a file whose first bytes are those of HDF5. */
  static WeightDump read(Path file) {
    TensorCollector into = new TensorCollector(file);
    boolean keras =
        Hdf5File.with(
            file,
            into,
            hdf -> {
              if (NirGraph.isThere(hdf.paths())) {
                throw SnnsimException.badData(
                    file + ": found a NIR graph, which holds its graph, expected weights alone");
              }
              boolean turn = KerasWeights.areThese(hdf.paths());
              collect(hdf, into, turn);
              return turn;
            });
    WeightDump dump = into.finish(keras);
    if (dump.tensors().isEmpty()) {
      throw SnnsimException.badData(
          file + ": found HDF5 without a dataset of weights, expected one dataset a tensor");
    }
    return dump;
  }

  private static void collect(Hdf5File hdf, TensorCollector into, boolean keras) {
    for (String path : hdf.paths()) {
      if (keras && KerasWeights.isTraining(path)) {
        into.skipTraining(path);
      } else if (!into.skip(path, hdf.size(path))) {
        into.put(path, keras ? KerasWeights.turned(path, hdf.read(path)) : hdf.unchecked(path));
      }
    }
  }
}
