// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump;

import io.snnsim.ann.op.Tensor;
import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import io.snnsim.parts.OptionalJar;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The named tensors of a foreign file, as float32. Immutable; reading is stateless.
 *
 * @param file where they came from
 * @param tensors by name, in the file's order ({@code .npz}) or sorted in each group (HDF5), names
 *     with dots for slashes and whatever prefixes they have, all values finite
 * @param notes what was dealt with on the way
 */
public record WeightDump(Path file, Map<String, Tensor> tensors, List<String> notes) {
  /**
   * Reads {@code .npz} or HDF5, told apart by their first bytes. Values are float16, float32 or
   * float64, rounded to float32; counters and other values of a training are left out and noted.
   *
   * @throws SnnsimException (input missing, bad data) naming file and tensor
   */
  public static WeightDump read(Path file) {
    NpzFile.requireFile(file);
    byte[] head = head(file);
    if (head.length >= 4 && head[0] == 'P' && head[1] == 'K') {
      return npz(file);
    }
    if (head.length >= 8 && head[0] == (byte) 0x89 && head[1] == 'H' && head[2] == 'D') {
      OptionalJar.JHDF.require("reading the HDF5 file " + file);
      return Hdf5Tensors.read(file);
    }
    throw SnnsimException.badData(
        file
            + ": "
            + ForeignFile.found(file)
            + ", expected a weight dump in NumPy's .npz or HDF5; in PyTorch: np.savez('net.npz', "
            + "**{k: v.numpy() for k, v in net.state_dict().items()})");
  }

  /** The same dump with other tensors of its, and one note more. */
  WeightDump with(Map<String, Tensor> others, String note) {
    List<String> more = new ArrayList<>(notes);
    more.add(note);
    return new WeightDump(file, others, List.copyOf(more));
  }

  private static byte[] head(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      return in.readNBytes(8);
    } catch (IOException e) {
      throw new SnnsimException(Category.IO, file + ": cannot be read: " + e.getMessage(), e);
    }
  }

  private static WeightDump npz(Path file) {
    TensorCollector into = new TensorCollector(file);
    try (NpzFile npz = NpzFile.open(file)) {
      for (String name : npz.names()) {
        if (into.skip(name)) {
          continue;
        }
        NpyArray a = npz.get(name);
        if (into.skip(name, a.size())) {
          continue;
        }
        if (a.kind() != NpyArray.Kind.FLOAT) {
          throw into.wrongType(name, a.typeName());
        }
        into.put(name, new Tensor(a.shape(), a.toFloats()));
      }
    }
    return into.finish();
  }
}
