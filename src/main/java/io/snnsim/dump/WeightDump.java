// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump;

import io.snnsim.ann.op.Tensor;
import io.snnsim.error.SnnsimException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The named tensors of a foreign file, as float32. Immutable; reading is stateless.
 *
 * @param file where they came from
 * @param tensors by name, in the file's order or sorted in each group (HDF5), names with dots for
 *     slashes and whatever prefixes they have, all values finite
 * @param notes what was dealt with on the way
 * @param keras true of weights as Keras names them: kernels lie as operators have them, but a dense
 *     layer after a flattened map still reads it channels last
 */
public record WeightDump(
    Path file, Map<String, Tensor> tensors, List<String> notes, boolean keras) {
  /** The tensors of a file that is not of Keras. */
  public WeightDump(Path file, Map<String, Tensor> tensors, List<String> notes) {
    this(file, tensors, notes, false);
  }

  /**
   * Reads PyTorch's files, safetensors, {@code .npz} or HDF5, told apart by what they hold. Values
   * are floats of 16, 32 or 64 bits, rounded to float32; counters and other values of a training
   * are left out and noted.
   *
   * @throws SnnsimException (input missing, bad data) naming file and tensor
   */
  public static WeightDump read(Path file) {
    NpzFile.requireFile(file);
    return FileKind.of(file).weights(file);
  }

  /** The same dump with other tensors of its, and one note more. */
  WeightDump with(Map<String, Tensor> others, String note) {
    List<String> more = new ArrayList<>(notes);
    more.add(note);
    return new WeightDump(file, others, List.copyOf(more), keras);
  }

  /** Reads the arrays of an {@code .npz}. */
  static WeightDump npz(Path file) {
    TensorCollector into = new TensorCollector(file);
    try (NpzFile npz = NpzFile.open(file)) {
      for (String name : npz.names()) {
        if (into.skip(name)) {
          continue;
        }
        into.take(name, npz.statedBytes(name));
        NpyArray a = npz.get(name);
        if (into.skip(name, a.size())) {
          continue;
        }
        switch (a.kind()) {
          case FLOAT -> {}
          case RAW -> into.readAsBfloat16();
          case SIGNED, UNSIGNED, BOOL -> throw into.wrongType(name, a.typeName());
        }
        into.put(name, new Tensor(a.shape(), a.toFloats()));
      }
    }
    return into.finish();
  }
}
