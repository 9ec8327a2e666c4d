// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump;

import io.snnsim.dump.file.FilePart;
import io.snnsim.dump.keras.KerasModel;
import io.snnsim.dump.layers.LayerGraph;
import io.snnsim.error.SnnsimException;
import io.snnsim.parts.OptionalJar;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** Opens the files in which Keras keeps whole models. Stateless. */
final class KerasFile {
  private static final String CONFIG = "config.json";
  private static final String WEIGHTS = "model.weights.h5";

  /** A thousand layers take half of it; as a tree it is some twenty times as large. */
  private static final int MOST_CONFIG = 4 << 20;

  /** What a zip file may hold beside twice its own size, so that small ones may be compressed. */
  private static final int MOST_EXPANDED = 32 << 20;

  private KerasFile() {}

  /** True of zip files that Keras wrote. */
  static boolean accepts(ZipFile zip) {
    return zip.getEntry(CONFIG) != null
        && (zip.getEntry("metadata.json") != null || zip.getEntry(WEIGHTS) != null);
  }

  /** The network of an opened HDF5 file, if it is one of Keras that says which layers it has. */
  static Optional<LayerGraph> in(Hdf5File hdf, Path file) {
    String config = hdf.text("model_config");
    if (config == null) {
      return Optional.empty();
    }
    if (config.length() > MOST_CONFIG) {
      throw tooLong(file + "[model_config]", config.length(), MOST_CONFIG);
    }
    if (!KerasModel.hasLayers(config, file.toString())) {
      return Optional.empty();
    }
    String backend = hdf.text("backend");
    if (backend != null && backend.startsWith("theano")) {
      throw SnnsimException.badData(
          file
              + ": found a model that Keras saved with Theano, whose kernels are turned around,"
              + " expected one of another backend; load it with TensorFlow and save it again");
    }
    LayerGraph graph = KerasModel.ofHdf5(config, hdf, file.toString());
    if (hdf.has("optimizer_weights")) {
      graph.note("optimizer_weights ignored, as of training");
    }
    return Optional.of(graph);
  }

  /** The network of a {@code .keras} file. */
  static LayerGraph read(Path file) {
    OptionalJar.JHDF.require("reading the Keras file " + file);
    try (ZipFile zip = new ZipFile(file.toFile())) {
      byte[] config = bytes(zip, file, CONFIG, MOST_CONFIG);
      long most = Math.min(Integer.MAX_VALUE - 64, 2 * Files.size(file) + MOST_EXPANDED);
      byte[] weights = bytes(zip, file, WEIGHTS, most);
      return Hdf5File.with(
          weights,
          new TensorCollector(file),
          hdf ->
              KerasModel.ofZip(new String(config, StandardCharsets.UTF_8), hdf, file.toString()));
    } catch (IOException e) {
      throw FilePart.unreadableZip(file, e, "what model.save('net.keras') writes");
    }
  }

  private static byte[] bytes(ZipFile zip, Path file, String name, long most) throws IOException {
    ZipEntry entry = zip.getEntry(name);
    if (entry == null) {
      throw SnnsimException.badData(
          file
              + ": found a Keras model without "
              + name
              + ", expected it; save the model in one piece, as net.keras");
    }
    long size = entry.getSize();
    if (size < 0 || size > most) {
      throw tooLong(file + "[" + name + "]", size, most);
    }
    try (InputStream in = zip.getInputStream(entry)) {
      byte[] bytes = in.readNBytes((int) size);
      if (bytes.length < size) {
        throw new EOFException(name + " ends after " + bytes.length + " of " + size + " bytes");
      }
      return bytes;
    }
  }

  private static SnnsimException tooLong(String what, long found, long most) {
    return SnnsimException.badData(
        what
            + ": found "
            + found
            + " bytes, expected at most "
            + most
            + "; save the model with Keras, which does not compress it");
  }
}
