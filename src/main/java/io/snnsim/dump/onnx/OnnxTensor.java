// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump.onnx;

import io.snnsim.dump.file.Text;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A tensor as a file states it; its values stay there until {@link TensorData} reads them. Treat as
 * immutable.
 *
 * @param dims stated sizes, perhaps not sound
 * @param type TensorProto.DataType
 * @param raw its values' bytes, or null
 * @param typed its values as numbers of the wire format, which {@code typedField} names
 * @param typedField number of the TensorProto's field that {@code typed} are of
 * @param external where else the values are, by key, empty if they are here
 */
record OnnxTensor(
    String name,
    long[] dims,
    int type,
    Wire.Span raw,
    List<Wire.Span> typed,
    int typedField,
    Map<String, String> external) {
  /** Fields with typed values. */
  static final int FLOAT_DATA = 4;

  static final int INT32_DATA = 5;
  static final int INT64_DATA = 7;
  static final int DOUBLE_DATA = 10;
  static final int UINT64_DATA = 11;

  /** The file and its name, for messages. */
  String where(Path file) {
    return file + "[" + (name.isEmpty() ? "constant" : Text.oneLine(name)) + "]";
  }
}
