// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump;

import io.jhdf.HdfFile;
import io.jhdf.api.Attribute;
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
import io.snnsim.dump.file.FilePart;
import io.snnsim.dump.file.Text;
import io.snnsim.dump.keras.StoredTensors;
import io.snnsim.dump.nir.NirValues;
import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * An opened HDF5 file: its datasets as tensors, of contiguous, compact and chunked layouts with the
 * filters that jHDF knows, and its attributes in words. Used by one thread. Links are refused,
 * since they may lead to other files or in circles; dimensions are checked against what is stored
 * before memory is taken.
 */
final class Hdf5File implements StoredTensors, NirValues {
  private static final int DEEPEST = 32;

  /** Texts and integers of a dataset, which are names, edges and sizes. */
  private static final int MOST_WORDS = 1 << 20;

  /** Deflate, the strongest of the usual filters, never expands more. */
  private static final long MOST_EXPANSION = 1032;

  /** How jHDF fails at types without a name, which h5py gives to NumPy's void. */
  private static final String OPAQUE = "End of buffer reached before NULL";

  /** What the JVM says of pages that are not there any more. */
  private static final String LOST = "unsafe memory access";

  private final TensorCollector into;
  private final HdfFile hdf;
  private final long fileBytes;
  private final Set<Long> open = new HashSet<>();
  private final TreeMap<String, Dataset> datasets = new TreeMap<>();

  /** What is being read, for messages. */
  private String at = "";

  private Hdf5File(TensorCollector into, HdfFile hdf, long fileBytes) {
    this.into = into;
    this.hdf = hdf;
    this.fileBytes = fileBytes;
  }

  /**
   * Opens a file whose first bytes are those of HDF5, for as long as it is used.
   *
   * @param into names it in messages
   */
  static <T> T with(Path file, TensorCollector into, Function<Hdf5File, T> use) {
    long bytes = FilePart.size(file);
    if (bytes > Integer.MAX_VALUE) {
      return with(into, () -> new HdfFile(file), bytes, use);
    }
    // Mapped whole, since the library asks for memory of whatever sizes a file states, but takes
    // parts of a buffer for what they are.
    try (FileChannel in = FileChannel.open(file);
        Arena arena = Arena.ofShared()) {
      ByteBuffer all = in.map(FileChannel.MapMode.READ_ONLY, 0, bytes, arena).asByteBuffer();
      return with(into, () -> HdfFile.fromByteBuffer(all), bytes, use);
    } catch (IOException e) {
      throw new SnnsimException(Category.IO, file + ": cannot be read: " + e.getMessage(), e);
    } catch (InternalError e) {
      if (!String.valueOf(e.getMessage()).contains(LOST)) {
        throw e;
      }
      throw new SnnsimException(
          Category.IO,
          file
              + ": cannot be read any more: it was made shorter meanwhile, or its disk fails;"
              + " expected a file at rest",
          e);
    }
  }

  /** Opens one that was read from another file. */
  static <T> T with(byte[] bytes, TensorCollector into, Function<Hdf5File, T> use) {
    return with(into, () -> HdfFile.fromBytes(bytes), bytes.length, use);
  }

  private static <T> T with(
      TensorCollector into, Supplier<HdfFile> opened, long bytes, Function<Hdf5File, T> use) {
    try (HdfFile hdf = new Hdf5File(into, null, 0).guarded(opened)) {
      Hdf5File file = new Hdf5File(into, hdf, bytes);
      file.guarded(
          () -> {
            file.collect(hdf, "");
            return file;
          });
      return use.apply(file);
    }
  }

  /** Runs what the library does, which states its limits and faults by exceptions of many types. */
  private <T> T guarded(Supplier<T> run) {
    try {
      return run.get();
    } catch (SnnsimException e) {
      throw e;
    } catch (RuntimeException | OutOfMemoryError | StackOverflowError e) {
      throw new SnnsimException(
          Category.BAD_DATA,
          (at.isEmpty() ? into.file() : into.where(at))
              + ": found HDF5 that cannot be read ("
              + Text.oneLine(cause(e))
              + "), expected an undamaged file with the usual filters; "
              + (cause(e).contains(OPAQUE)
                  ? "bfloat16 is perhaps stored as bytes without a type: export .float() before"
                      + " .numpy(), and models of Keras in float32"
                  : "copy it again, or write it again with h5py"),
          e);
    }
  }

  private static String cause(Throwable e) {
    Throwable last = e;
    while (last.getCause() != null) {
      last = last.getCause();
    }
    String said = String.valueOf(last.getMessage());
    if (last instanceof BufferUnderflowException
        || last instanceof IndexOutOfBoundsException
        || said.contains("newLimit")
        || said.contains("newPosition")) {
      return "its data end before they should";
    }
    if (last instanceof OutOfMemoryError || last instanceof StackOverflowError) {
      return "it asks for more memory than there is";
    }
    return last.getMessage() == null ? last.getClass().getSimpleName() : said;
  }

  /** True if there is such a group or dataset in the root. */
  boolean has(String name) {
    return guarded(() -> hdf.getChildren().containsKey(name));
  }

  /** An attribute of the root in words, or null if there is none. */
  String text(String attribute) {
    return guarded(
        () -> {
          Attribute found = hdf.getAttributes().get(attribute);
          at = attribute;
          return found == null ? null : text(found);
        });
  }

  private String text(Attribute found) {
    boolean one = found.isScalar() || found.getSize() == 1;
    Object data = one && found.getSizeInBytes() <= fileBytes ? found.getData() : null;
    return switch (data) {
      case String text -> text;
      case String[] texts when texts.length == 1 -> texts[0];
      case null, default ->
          throw SnnsimException.badData(
              into.where(at) + ": found an attribute that is no text, expected text");
    };
  }

  /** How many values a tensor says that it has. */
  long size(String path) {
    at = path;
    return guarded(() -> datasets.get(path).getSize());
  }

  @Override
  public SortedSet<String> paths() {
    return datasets.navigableKeySet();
  }

  @Override
  public Tensor read(String path) {
    return into.checked(path, unchecked(path));
  }

  @Override
  public boolean isWhole(String path) {
    at = path;
    return guarded(() -> datasets.get(path).getDataType() instanceof FixedPoint);
  }

  @Override
  public boolean isText(String path) {
    at = path;
    return guarded(
        () -> {
          DataType type = datasets.get(path).getDataType();
          return type instanceof StringData || type instanceof VariableLength;
        });
  }

  @Override
  public String[] texts(String path) {
    at = path;
    return guarded(
        () -> {
          Dataset d = datasets.get(path);
          requireSmall(path, d);
          return switch (isText(path) ? d.isScalar() ? d.getData() : d.getDataFlat() : null) {
            case String text -> new String[] {text};
            case String[] texts -> texts;
            case null, default ->
                throw SnnsimException.badData(
                    into.where(path) + ": found " + typeName(d.getDataType()) + ", expected text");
          };
        });
  }

  @Override
  public long[] integers(String path) {
    at = path;
    return guarded(
        () -> {
          Dataset d = datasets.get(path);
          requireSmall(path, d);
          boolean whole = d.getDataType() instanceof FixedPoint;
          return switch (whole ? d.isScalar() ? d.getData() : d.getDataFlat() : null) {
            case Number n -> new long[] {n.longValue()};
            case long[] n -> n;
            case int[] n -> Arrays.stream(n).asLongStream().toArray();
            case short[] n -> IntStream.range(0, n.length).mapToLong(i -> n[i]).toArray();
            case byte[] n -> IntStream.range(0, n.length).mapToLong(i -> n[i]).toArray();
            case null, default ->
                throw SnnsimException.badData(
                    into.where(path)
                        + ": found "
                        + typeName(d.getDataType())
                        + ", expected integers");
          };
        });
  }

  /** Before memory is taken for what a file states. */
  private void requireSmall(String path, Dataset d) {
    if (d.isEmpty() || d.getSize() > Math.min(MOST_WORDS, fileBytes)) {
      throw SnnsimException.badData(
          into.where(path)
              + ": found "
              + (d.isEmpty() ? "nothing" : d.getSize() + " values")
              + ", expected some, and fewer than "
              + MOST_WORDS);
    }
  }

  /** A tensor that may have values that are not finite. */
  Tensor unchecked(String path) {
    at = path;
    return guarded(() -> tensor(path, datasets.get(path)));
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
      } else if (node instanceof Dataset d) {
        datasets.put(name, d);
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
    into.take(name, bytes);
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
