// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump;

import io.jhdf.HdfFile;
import io.jhdf.api.Dataset;
import io.jhdf.api.Group;
import io.jhdf.api.Node;
import io.jhdf.dataset.DatasetBase;
import io.jhdf.object.datatype.CompoundDataType;
import io.jhdf.object.datatype.DataType;
import io.jhdf.object.datatype.EnumDataType;
import io.jhdf.object.datatype.FixedPoint;
import io.jhdf.object.datatype.FloatingPoint;
import io.jhdf.object.datatype.StringData;
import io.jhdf.object.datatype.VariableLength;
import io.snnsim.ann.op.Tensor;
import io.snnsim.dump.file.Text;
import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Reads every dataset of an HDF5 file as a tensor: contiguous, compact and chunked layouts with the
 * filters that jHDF knows. Stateless. Links are refused, since they may lead to other files or in
 * circles; dimensions are checked against what is stored before memory is taken.
 */
final class Hdf5Tensors {
  private static final int DEEPEST = 32;

  /** Deflate, the strongest of the usual filters, never expands more. */
  private static final long MOST_EXPANSION = 1032;

  /** How jHDF fails at types without a name, which h5py gives to NumPy's void. */
  private static final String OPAQUE = "End of buffer reached before NULL";

  private final TensorCollector into;
  private final long fileBytes;
  private final Set<Long> open = new HashSet<>();

  /** What is being read, for messages. */
  private String at = "";

  private Hdf5Tensors(TensorCollector into, long fileBytes) {
    this.into = into;
    this.fileBytes = fileBytes;
  }

  /** Reads a file whose first bytes are those of HDF5. */
  static WeightDump read(Path file) {
    TensorCollector into = new TensorCollector(file);
    Hdf5Tensors reader = new Hdf5Tensors(into, length(file));
    try (HdfFile hdf = new HdfFile(file)) {
      refuseNir(file, hdf);
      reader.collect(hdf, "");
    } catch (SnnsimException e) {
      throw e;
    } catch (RuntimeException | OutOfMemoryError | StackOverflowError e) {
      // jHDF states its limits and the faults it finds by exceptions of many types.
      throw new SnnsimException(
          Category.BAD_DATA,
          (reader.at.isEmpty() ? file : into.where(reader.at))
              + ": found HDF5 that cannot be read ("
              + Text.oneLine(cause(e))
              + "), expected an undamaged file with the usual filters; "
              + (cause(e).contains(OPAQUE)
                  ? "bfloat16 is perhaps stored as bytes without a type: export .float() before"
                      + " .numpy()"
                  : "write it again with h5py"),
          e);
    }
    WeightDump dump = into.finish();
    if (dump.tensors().isEmpty()) {
      throw SnnsimException.badData(
          file + ": found HDF5 without a dataset of weights, expected one dataset a tensor");
    }
    return dump;
  }

  private static long length(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      throw new SnnsimException(Category.IO, file + ": cannot be read: " + e.getMessage(), e);
    }
  }

  private static String cause(Throwable e) {
    Throwable last = e;
    while (last.getCause() != null) {
      last = last.getCause();
    }
    return last.getClass().getSimpleName()
        + (last.getMessage() == null ? "" : ": " + last.getMessage());
  }

  private static void refuseNir(Path file, HdfFile hdf) {
    if (hdf.getChildren().get("node") instanceof Group node
        && node.getChildren().containsKey("edges")) {
      throw SnnsimException.badData(
          file + ": found a NIR graph, expected a dump of weights, one dataset a tensor");
    }
  }

  private void collect(Group group, String prefix) {
    at = prefix;
    if (open.size() > DEEPEST || !open.add(group.getAddress())) {
      throw SnnsimException.badData(
          into.where(prefix)
              + ": found groups nested deeper than "
              + DEEPEST
              + " or in a circle, expected a tree");
    }
    for (Map.Entry<String, Node> e : new TreeMap<>(group.getChildren()).entrySet()) {
      Node node = e.getValue();
      String name = prefix + e.getKey();
      at = name;
      if (node.isLink()) {
        throw SnnsimException.badData(
            into.where(name) + ": found a link, expected a dataset; store the values themselves");
      }
      if (node instanceof Group g) {
        collect(g, name + "/");
      } else if (node instanceof Dataset d && !into.skip(name, d.getSize())) {
        into.put(name, tensor(name, d));
      }
    }
    open.remove(group.getAddress());
  }

  private static boolean isBfloat16(DataType type) {
    return type instanceof FloatingPoint f
        && f.getSize() == 2
        && f.getExponentSize() == 8
        && f.getMantissaSize() == 7
        && f.getExponentBias() == 127;
  }

  private void requireFloats(String name, DataType type) {
    if (!(type instanceof FloatingPoint f)) {
      throw into.wrongType(name, typeName(type));
    }
    int exponent =
        switch (f.getSize()) {
          case 2 -> 5;
          case 4 -> 8;
          case 8 -> 11;
          default -> -1;
        };
    if (f.getExponentSize() != exponent) {
      throw into.wrongType(
          name, f.getSize() * 8 + "-bit floats with " + f.getExponentSize() + " exponent bits");
    }
  }

  /** Values whose upper halves are stored; null if they were never written. */
  private float[] bfloat16(Dataset d, DataType type, int n) {
    if (d.isEmpty() || !(d instanceof DatasetBase stored)) {
      return null;
    }
    ByteOrder order = type instanceof FloatingPoint f ? f.getByteOrder() : ByteOrder.LITTLE_ENDIAN;
    ByteBuffer bits = stored.getDataBuffer().order(order);
    float[] values = new float[Math.min(n, bits.remaining() / 2)];
    for (int i = 0; i < values.length; i++) {
      values[i] = TorchType.bfloat16(bits.getShort());
    }
    return values;
  }

  private Tensor tensor(String name, Dataset d) {
    DataType type = d.getDataType();
    boolean brain = isBfloat16(type);
    if (!brain) {
      requireFloats(name, type);
    }
    long[] sizes = d.getDimensionsAsLong();
    long bytes = type.getSize();
    for (long size : sizes) {
      bytes = Math.multiplyExact(bytes, size);
    }
    long stored = Math.min(d.getStorageInBytes(), fileBytes);
    if (bytes > Integer.MAX_VALUE - 64 || bytes > Math.multiplyExact(stored, MOST_EXPANSION)) {
      throw SnnsimException.badData(
          into.where(name)
              + ": found shape "
              + Arrays.toString(sizes)
              + " and "
              + stored
              + " bytes stored, expected them to agree, and less than 2 GiB; the file is damaged,"
              + " or the dataset was never written");
    }
    int[] shape = d.getDimensions();
    if (bytes == 0) {
      return new Tensor(shape, new float[0]);
    }
    Object flat =
        brain
            ? bfloat16(d, type, (int) bytes / 2)
            : d.isEmpty() ? null : d.isScalar() ? d.getData() : d.getDataFlat();
    float[] values =
        switch (flat) {
          case float[] f -> f;
          case double[] f -> narrow(f);
          case Number n -> new float[] {n.floatValue()};
          case null, default ->
              throw SnnsimException.badData(
                  into.where(name)
                      + ": found a dataset that was never written, expected "
                      + bytes / type.getSize()
                      + " values");
        };
    if (values.length != bytes / type.getSize()) {
      throw SnnsimException.badData(
          into.where(name)
              + ": found "
              + values.length
              + " values, expected those of shape "
              + Arrays.toString(shape)
              + "; the file is damaged");
    }
    return new Tensor(shape, values);
  }

  private static String typeName(DataType type) {
    return switch (type) {
      case FixedPoint f -> (f.isSigned() ? "int" : "uint") + f.getSize() * 8;
      case EnumDataType e -> "an enumeration (bool, perhaps)";
      case CompoundDataType c -> "compound values (complex, perhaps)";
      case StringData s -> "text";
      case VariableLength v -> "text or lists of varying length";
      default -> "data of HDF5 class " + type.getDataClass();
    };
  }

  private static float[] narrow(double[] x) {
    float[] out = new float[x.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = (float) x[i];
    }
    return out;
  }
}
