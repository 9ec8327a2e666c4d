// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump.onnx;

import io.snnsim.dump.layers.LayerGraph;
import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/** Reads ONNX files as networks. Stateless. */
public final class OnnxFile {
  /** Fields of a ModelProto that may come second, with the types that they have. */
  private static final String SECOND = "\u0012\u001a\"(2:B";

  private OnnxFile() {}

  /** True if a file that begins so may be ONNX: a small version, then another field of a model. */
  public static boolean accepts(byte[] head) {
    return head.length > 2 && head[0] == 8 && head[1] > 0 && SECOND.indexOf(head[2]) >= 0;
  }

  /**
   * Reads a file.
   *
   * @throws SnnsimException (bad data, input missing, I/O) if it is not sound, has no single input
   *     of a fixed size or not one output, or lacks the files with its weights; what else cannot be
   *     imported are obstacles
   */
  public static LayerGraph read(Path file) {
    try (FileChannel in = FileChannel.open(file);
        TensorData data = new TensorData(file, in)) {
      OnnxModel model = new ModelParser(new Wire(in, file, in.size()), file).parse();
      LayerGraph layers = new Importer(file.toString(), model, data).layers();
      data.beside().forEach(layers::beside);
      return layers;
    } catch (IOException e) {
      throw new SnnsimException(Category.IO, file + ": cannot be read: " + e.getMessage(), e);
    }
  }
}
