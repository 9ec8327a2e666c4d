// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.snnsim.ann.op.Tensor;
import io.snnsim.dump.file.FilePart;
import io.snnsim.dump.file.Text;
import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * Reads safetensors files. Stateless; nothing is allocated on the word of the header before its
 * tensors are known to fill the file without overlap, hole or rest.
 *
 * <pre>
 * int64 length of the header; all numbers have the lowest byte first
 * header: {"name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [begin, end]}, ...}
 * the tensors, at offsets from the header's end
 * </pre>
 */
final class SafeTensors {
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  /** Some hundred thousand tensors. */
  private static final long MOST_HEADER = 8 << 20;

  private static final int MOST_DIMENSIONS = 8;

  /** The one name that is no tensor: texts about the file. */
  private static final String METADATA = "__metadata__";

  private static final Map<String, TorchType> TYPES =
      Map.of(
          "F64", TorchType.FLOAT64,
          "F32", TorchType.FLOAT32,
          "F16", TorchType.FLOAT16,
          "BF16", TorchType.BFLOAT16,
          "I64", TorchType.INT64,
          "I32", TorchType.INT32,
          "I16", TorchType.INT16,
          "I8", TorchType.INT8,
          "U8", TorchType.UINT8,
          "BOOL", TorchType.BOOL);

  private record Entry(String name, TorchType type, int[] shape, long begin, long end) {
    long elements() {
      return (end - begin) / type.bytes();
    }
  }

  private final Path file;
  private final TensorCollector into;

  private SafeTensors(Path file) {
    this.file = file;
    this.into = new TensorCollector(file);
  }

  /** True if a file may begin so: a length below 4 GiB, then an object. */
  static boolean accepts(byte[] head) {
    return head.length > 8
        && head[4] == 0
        && head[5] == 0
        && head[6] == 0
        && head[7] == 0
        && head[8] == '{';
  }

  /** Reads a file that {@link #accepts} takes. */
  static WeightDump read(Path file) {
    SafeTensors reader = new SafeTensors(file);
    try (FileChannel in = FileChannel.open(file)) {
      reader.collect(in);
    } catch (IOException e) {
      throw new SnnsimException(Category.IO, file + ": cannot be read: " + e.getMessage(), e);
    }
    return reader.into.finish();
  }

  private void collect(FileChannel in) throws IOException {
    long begin = 8 + FilePart.read(in, file, 0, 8).getLong();
    if (begin > in.size() || begin > MOST_HEADER) {
      throw bad(
          "found a header of "
              + (begin - 8)
              + " bytes stated in a file of "
              + in.size()
              + ", expected one that it holds, of less than 8 MiB; copy the file again");
    }
    List<Entry> entries = entries(FilePart.read(in, file, 8, begin - 8).array());
    checkFilled(entries, in.size() - begin);
    for (Entry e : entries) {
      if (into.skip(e.name, e.elements())) {
        continue;
      }
      if (!e.type.isFloat()) {
        throw into.wrongType(e.name, e.type.label());
      }
      ByteBuffer data = FilePart.read(in, file, begin + e.begin, e.end - e.begin);
      float[] values = new float[(int) e.elements()];
      for (int i = 0; i < values.length; i++) {
        values[i] = e.type.at(data, i * e.type.bytes());
      }
      into.put(e.name, new Tensor(e.shape, values));
    }
  }

  private List<Entry> entries(byte[] header) {
    JsonNode root;
    try {
      root = JSON.readTree(new String(header, StandardCharsets.UTF_8));
    } catch (JsonProcessingException e) {
      throw bad(
          "found a safetensors header that is no JSON ("
              + Text.oneLine(e.getOriginalMessage())
              + "), expected tensors by name; copy the file again");
    }
    if (!root.isObject()) {
      throw bad("found a safetensors header that is no object, expected tensors by name");
    }
    List<Entry> entries = new ArrayList<>();
    for (Map.Entry<String, JsonNode> e : root.properties()) {
      if (!e.getKey().equals(METADATA)) {
        entries.add(entry(e.getKey(), e.getValue()));
      }
    }
    if (entries.isEmpty()) {
      throw bad("found safetensors without a tensor, expected those of a network");
    }
    return entries;
  }

  private Entry entry(String name, JsonNode node) {
    JsonNode sizes = node.path("shape");
    JsonNode offsets = node.path("data_offsets");
    boolean sound =
        node.path("dtype").isTextual()
            && sizes.isArray()
            && sizes.size() <= MOST_DIMENSIONS
            && offsets.isArray()
            && offsets.size() == 2;
    for (JsonNode size : sizes) {
      sound &= size.isInt() && size.intValue() >= 0;
    }
    for (JsonNode offset : offsets) {
      sound &= offset.canConvertToLong() && offset.isIntegralNumber() && offset.longValue() >= 0;
    }
    if (!sound) {
      throw SnnsimException.badData(
          into.where(name)
              + ": found "
              + Text.oneLine(node.toString())
              + ", expected dtype, shape and two data_offsets; copy the file again");
    }
    String dtype = node.path("dtype").textValue();
    TorchType type = TYPES.get(dtype);
    if (type == null) {
      throw into.wrongType(name, "dtype " + Text.oneLine(dtype));
    }
    int[] shape = new int[sizes.size()];
    for (int d = 0; d < shape.length; d++) {
      shape[d] = sizes.get(d).intValue();
    }
    Entry e = new Entry(name, type, shape, offsets.get(0).longValue(), offsets.get(1).longValue());
    if (e.end < e.begin || e.end - e.begin != bytes(e)) {
      throw SnnsimException.badData(
          into.where(name)
              + ": found shape "
              + Arrays.toString(shape)
              + " of "
              + dtype
              + " at bytes "
              + e.begin
              + " to "
              + e.end
              + ", expected as many bytes as the shape takes; copy the file again");
    }
    return e;
  }

  /** Bytes that the shape takes, or a number that no file has. */
  private static long bytes(Entry e) {
    if (Arrays.stream(e.shape).anyMatch(d -> d == 0)) {
      return 0;
    }
    long n = e.type.bytes();
    for (int d : e.shape) {
      n = n > Long.MAX_VALUE / d ? Long.MAX_VALUE : n * d;
    }
    return n;
  }

  private void checkFilled(List<Entry> entries, long bytes) {
    List<Entry> inFile = new ArrayList<>(entries);
    inFile.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
    long at = 0;
    for (Entry e : inFile) {
      if (e.begin != at || e.end > bytes) {
        throw SnnsimException.badData(
            into.where(e.name)
                + ": found its bytes at "
                + e.begin
                + " to "
                + e.end
                + ", expected them from "
                + at
                + " on, where the tensor before ends, and within the "
                + bytes
                + " that the file has; copy it again");
      }
      at = e.end;
    }
    if (at != bytes) {
      throw bad("found " + (bytes - at) + " bytes that no tensor claims, expected none");
    }
  }

  private SnnsimException bad(String what) {
    return SnnsimException.badData(file + ": " + what);
  }
}
