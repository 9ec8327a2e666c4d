package io.snnsim.dump;

import io.jhdf.HdfFile;
import io.jhdf.api.Dataset;
import io.jhdf.api.Group;
import io.jhdf.api.Node;
import io.snnsim.ann.Tensor;
import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Array;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The named tensors of a foreign file, as float32. Immutable; reading is stateless.
 *
 * @param file where they came from
 * @param tensors by name, in file order, names with dots
 * @param notes what was dealt with on the way
 */
public record WeightDump(Path file, Map<String, Tensor> tensors, List<String> notes) {
  /**
   * Reads {@code .npz} or HDF5, told apart by their first bytes.
   *
   * @throws SnnsimException (input missing, bad data) naming file and tensor
   */
  public static WeightDump read(Path file) {
    NpzFile.requireFile(file);
    byte[] head = head(file);
    Map<String, Tensor> raw;
    if (head.length >= 4 && head[0] == 'P' && head[1] == 'K') {
      raw = npz(file);
    } else if (head.length >= 8 && head[0] == (byte) 0x89 && head[1] == 'H' && head[2] == 'D') {
      raw = hdf5(file);
    } else {
      throw SnnsimException.badData(
          file
              + ": found neither NumPy .npz nor HDF5, expected a weight dump; in PyTorch: np.savez("
              + "'net.npz', **{k: v.numpy() for k, v in net.state_dict().items()})");
    }
    return clean(file, raw);
  }

  private static WeightDump clean(Path file, Map<String, Tensor> raw) {
    List<String> notes = new ArrayList<>();
    boolean module = !raw.isEmpty() && raw.keySet().stream().allMatch(k -> k.startsWith("module."));
    if (module) {
      notes.add("prefix 'module.' removed from every tensor name");
    }
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    int counters = 0;
    for (Map.Entry<String, Tensor> e : raw.entrySet()) {
      String name = module ? e.getKey().substring("module.".length()) : e.getKey();
      if (name.endsWith("num_batches_tracked")) {
        counters++;
        continue;
      }
      float[] data = e.getValue().data();
      for (int i = 0; i < data.length; i++) {
        if (!Float.isFinite(data[i])) {
          throw SnnsimException.badData(
              file
                  + "["
                  + e.getKey()
                  + "]: found "
                  + data[i]
                  + " at element "
                  + i
                  + ", expected finite weights; export a network that trained without diverging");
        }
      }
      tensors.put(name, e.getValue());
    }
    if (counters > 0) {
      notes.add(counters + " num_batches_tracked counters ignored");
    }
    return new WeightDump(file, tensors, List.copyOf(notes));
  }

  private static byte[] head(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      return in.readNBytes(8);
    } catch (IOException e) {
      throw new SnnsimException(Category.IO, file + ": cannot be read: " + e.getMessage(), e);
    }
  }

  private static Map<String, Tensor> npz(Path file) {
    Map<String, Tensor> result = new LinkedHashMap<>();
    try (NpzFile npz = NpzFile.open(file)) {
      for (String name : npz.names()) {
        NpyArray a = npz.get(name);
        result.put(name.replace('/', '.'), new Tensor(a.shape(), a.toFloats()));
      }
    }
    return result;
  }

  private static Map<String, Tensor> hdf5(Path file) {
    Map<String, Tensor> result = new LinkedHashMap<>();
    try (HdfFile hdf = new HdfFile(file)) {
      collect(file, hdf, "", result, 0);
    } catch (SnnsimException e) {
      throw e;
    } catch (RuntimeException e) {
      throw new SnnsimException(
          Category.BAD_DATA, file + ": HDF5 that cannot be read (" + e.getMessage() + ")", e);
    }
    if (result.isEmpty()) {
      throw SnnsimException.badData(file + ": HDF5 without a dataset, expected a weight dump");
    }
    return result;
  }

  private static void collect(
      Path file, Group group, String prefix, Map<String, Tensor> into, int depth) {
    if (depth > 32) {
      throw SnnsimException.badData(file + ": groups nested deeper than 32");
    }
    for (Node node : group.getChildren().values()) {
      String name = prefix + node.getName();
      if (node instanceof Group g) {
        collect(file, g, name + ".", into, depth + 1);
      } else if (node instanceof Dataset d) {
        into.put(name.replace('/', '.'), tensor(file, name, d));
      }
    }
  }

  private static Tensor tensor(Path file, String name, Dataset d) {
    Object flat = d.isScalar() ? d.getData() : d.getDataFlat();
    int[] shape = d.getDimensions();
    int n = flat.getClass().isArray() ? Array.getLength(flat) : 1;
    float[] out = new float[n];
    for (int i = 0; i < n; i++) {
      Object v = flat.getClass().isArray() ? Array.get(flat, i) : flat;
      if (!(v instanceof Number x)) {
        throw SnnsimException.badData(
            file
                + "["
                + name
                + "]: found "
                + d.getJavaType().getSimpleName()
                + ", expected numbers");
      }
      out[i] = x.floatValue();
    }
    if (Arrays.stream(shape).asLongStream().reduce(1, Math::multiplyExact) != n) {
      throw SnnsimException.badData(
          file + "[" + name + "]: shape " + Arrays.toString(shape) + " but " + n + " values");
    }
    return new Tensor(shape, out);
  }
}
