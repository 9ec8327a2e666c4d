// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump;

import io.snnsim.dump.file.FilePart;
import io.snnsim.dump.layers.LayerGraph;
import io.snnsim.dump.onnx.OnnxFile;
import io.snnsim.error.SnnsimException;
import io.snnsim.parts.OptionalJar;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.zip.ZipFile;

/**
 * Kinds of files that weights come in, told apart by what they hold; by name only where that tells
 * nothing.
 */
enum FileKind {
  NPZ,
  TORCH_ZIP,
  TORCH_LEGACY,
  HDF5,
  SAFETENSORS,
  /** A model of Keras in a zip file. */
  KERAS,
  ONNX,
  /** None of these; {@link ForeignFile} says what it looks like. */
  OTHER;

  /**
   * Looks at a file's first bytes, and in zip files at the names of the entries.
   *
   * @throws SnnsimException (I/O) if it cannot be read
   */
  static FileKind of(Path file) {
    byte[] head = FilePart.head(file);
    if (FilePart.begins(head, "PK")) {
      return inZip(file);
    }
    if (FilePart.begins(head, "\u0089HDF\r\n\u001a\n")) {
      return HDF5;
    }
    if (head.length > 1 && FilePart.begins(head, "\u0080") && head[1] >= 2 && head[1] <= 5) {
      return TORCH_LEGACY;
    }
    if (SafeTensors.accepts(head)) {
      return SAFETENSORS;
    }
    boolean named = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT).endsWith(".onnx");
    return OnnxFile.accepts(head) || (named && ForeignFile.isUnknown(file)) ? ONNX : OTHER;
  }

  private static FileKind inZip(Path file) {
    try (ZipFile zip = new ZipFile(file.toFile())) {
      return TorchZipFile.accepts(zip) ? TORCH_ZIP : KerasFile.accepts(zip) ? KERAS : NPZ;
    } catch (IOException e) {
      return NPZ; // Whose reader says what is wrong with it.
    }
  }

  /**
   * A network that a file holds.
   *
   * @param kind what networks of such files are called
   */
  record Layered(String kind, LayerGraph graph) {}

  /** The network of a file of this kind, if it holds more than weights. */
  Optional<Layered> layers(Path file) {
    return switch (this) {
      case HDF5 -> Hdf5Network.in(file);
      case KERAS -> Optional.of(new Layered("keras", KerasFile.read(file)));
      case ONNX -> Optional.of(new Layered("onnx", OnnxFile.read(file)));
      case NPZ, TORCH_ZIP, TORCH_LEGACY, SAFETENSORS, OTHER -> Optional.empty();
    };
  }

  /** The tensors of a file of this kind. */
  WeightDump weights(Path file) {
    return switch (this) {
      case NPZ -> WeightDump.npz(file);
      case TORCH_ZIP -> TorchZipFile.read(file);
      case TORCH_LEGACY -> TorchLegacyFile.read(file);
      case HDF5 -> {
        OptionalJar.JHDF.require("reading the HDF5 file " + file);
        yield Hdf5Tensors.read(file);
      }
      case SAFETENSORS -> {
        OptionalJar.DATABIND.require("reading the safetensors file " + file);
        yield SafeTensors.read(file);
      }
      case KERAS ->
          throw SnnsimException.badData(
              file + ": found a Keras model, expected a dump of weights; convert it as it is");
      case ONNX ->
          throw SnnsimException.badData(
              file + ": found an ONNX model, which holds its graph, expected weights alone");
      case OTHER ->
          throw SnnsimException.badData(
              file
                  + ": "
                  + ForeignFile.found(file)
                  + ", expected ONNX, or weights as torch.save, safetensors, NumPy's savez or HDF5"
                  + " keep them; in PyTorch: torch.save(net.state_dict(), 'net.pth'), elsewhere:"
                  + " np.savez('net.npz', **{name: array})");
    };
  }
}
