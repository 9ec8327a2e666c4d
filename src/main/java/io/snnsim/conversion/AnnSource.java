// SPDX-License-Identifier: Apache-2.0
package io.snnsim.conversion;

import io.snnsim.dump.GraphJson;
import io.snnsim.dump.Imported;
import io.snnsim.dump.NetworkFile;
import io.snnsim.study.Origin;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;

/**
 * A trained network to convert. Immutable and safe to share between threads, if what it was made of
 * is; reads nothing before a conversion does.
 */
public final class AnnSource {
  private final Supplier<Imported> network;
  private final Supplier<Origin> origin;

  private AnnSource(Supplier<Imported> network, Supplier<Origin> origin) {
    this.network = network;
    this.origin = origin;
  }

  /**
   * A file that holds its graph, or a dump of weights whose family is recognised by names and
   * shapes of its tensors.
   *
   * @param file ONNX, Keras, NIR, or weights: PyTorch, safetensors, .npz or HDF5
   * @return the source
   */
  public static AnnSource dump(Path file) {
    Objects.requireNonNull(file, "file");
    return dumpOf(file, null);
  }

  /**
   * A dump of weights.
   *
   * @param file ONNX, Keras, NIR, or weights: PyTorch, safetensors, .npz or HDF5
   * @param architecture a family such as {@code resnet-cifar}, or the path of a JSON graph
   *     (docs/schema/graph.md)
   * @return the source
   */
  public static AnnSource dump(Path file, String architecture) {
    Objects.requireNonNull(file, "file");
    Objects.requireNonNull(architecture, "architecture");
    return dumpOf(file, architecture);
  }

  private static AnnSource dumpOf(Path file, String architecture) {
    return new AnnSource(() -> NetworkFile.read(file, architecture), () -> Origin.of(file));
  }

  /**
   * A network in memory.
   *
   * @param graph its JSON (docs/schema/graph.md)
   * @param tensors its parameters by name; every one must be used
   * @return the source
   */
  public static AnnSource graph(String graph, Map<String, Tensor> tensors) {
    Objects.requireNonNull(graph, "graph");
    Objects.requireNonNull(tensors, "tensors");
    Map<String, Tensor> given = new LinkedHashMap<>(tensors);
    return new AnnSource(() -> imported(graph, given), () -> origin(graph, given));
  }

  private static Imported imported(String graph, Map<String, Tensor> tensors) {
    Map<String, io.snnsim.ann.op.Tensor> parameters = new LinkedHashMap<>();
    tensors.forEach(
        (name, t) -> parameters.put(name, new io.snnsim.ann.op.Tensor(t.shape(), t.values())));
    return new Imported(
        GraphJson.read(graph, "graph", "memory", parameters), "graph", false, List.of());
  }

  private static Origin origin(String graph, Map<String, Tensor> tensors) {
    MessageDigest digest = Origin.digest();
    digest.update(graph.getBytes(StandardCharsets.UTF_8));
    tensors.forEach(
        (name, t) -> {
          digest.update(name.getBytes(StandardCharsets.UTF_8));
          digest.update(bytes(t.values()));
        });
    return Origin.of("memory", digest);
  }

  static byte[] bytes(float[] values) {
    ByteBuffer bytes = ByteBuffer.allocate(values.length * 4).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    return bytes.array();
  }

  Imported network() {
    return network.get();
  }

  Supplier<Origin> origin() {
    return origin;
  }
}
