// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump;

import io.snnsim.dump.file.FilePart;
import io.snnsim.error.SnnsimException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.zip.ZipFile;

/**
 * Says what a file looks like that this program cannot use, so that the refusal can name it.
 * Stateless; reads the first bytes only.
 */
final class ForeignFile {
  private static final String ONNX = "found what looks like ONNX";
  private static final String UNKNOWN = "found a file of an unknown kind";

  private ForeignFile() {}

  /** True if nothing else is known that begins as the file does. */
  static boolean isUnknown(Path file) {
    String found = found(file);
    return found.equals(UNKNOWN) || found.equals(ONNX);
  }

  /** "found ..." by the file's first bytes. */
  static String found(Path file) {
    byte[] head;
    try {
      head = FilePart.head(file);
    } catch (SnnsimException e) {
      return "found an unreadable file";
    }
    if (head.length == 0) {
      return "found an empty file";
    }
    String text = new String(head, StandardCharsets.ISO_8859_1);
    if (NpyReader.looksLikeNpy(head)) {
      return "found a single NumPy array (.npy)";
    }
    if (text.startsWith("\u0089HDF\r\n\u001a\n")) {
      return "found HDF5";
    }
    if (text.startsWith("\u0089SNN\r\n\u001a\n")) {
      return "found a spiking model (.snn)";
    }
    if (head[0] == (byte) 0x80 && head.length > 1 && head[1] >= 2 && head[1] <= 5) {
      return "found a Python pickle (perhaps an old PyTorch checkpoint)";
    }
    if (head.length > 8 && ByteBuffer.wrap(head).getInt(4) == 0 && text.startsWith("{\"", 8)) {
      return "found safetensors";
    }
    if (text.startsWith("PK")) {
      return "found a zip file";
    }
    if (text.startsWith("\u001f\u008b")) {
      return "found gzip";
    }
    if (head[0] == 8 && (text.contains("pytorch") || text.contains("onnx"))) {
      return ONNX;
    }
    if (text.stripLeading().startsWith("{")) {
      return "found JSON";
    }
    return UNKNOWN;
  }

  /** "found ..." for a zip file without NumPy arrays. */
  static String foundInZip(ZipFile zip) {
    if (zip.stream().anyMatch(e -> e.getName().endsWith("data.pkl"))) {
      return "found a PyTorch checkpoint";
    }
    if (zip.getEntry("model.weights.h5") != null) {
      return "found a Keras model";
    }
    return "found a zip file without NumPy arrays";
  }
}
