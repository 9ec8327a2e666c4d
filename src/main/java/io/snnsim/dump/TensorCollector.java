// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump;

import io.snnsim.ann.op.Tensor;
import io.snnsim.error.SnnsimException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Gathers the tensors that a reader of foreign files finds, with the rules that hold for every
 * format: names with dots and once each, finite values, counters dropped, {@code module.} removed.
 * Not thread-safe.
 */
final class TensorCollector {
  private static final String COUNTER = "num_batches_tracked";
  private static final String MODULE = "module.";

  private final Path file;
  private final Map<String, Tensor> tensors = new LinkedHashMap<>();
  private int counters;

  TensorCollector(Path file) {
    this.file = file;
  }

  /** Where a tensor is, for messages. */
  String where(String name) {
    return file + "[" + Text.oneLine(name) + "]";
  }

  /** True if the tensor is no weight: then it is counted, and need not be read. */
  boolean skip(String name) {
    boolean counter = name.matches("(.*[./])?" + COUNTER);
    counters += counter ? 1 : 0;
    return counter;
  }

  /** Refuses a tensor whose elements are not floats. */
  SnnsimException wrongType(String name, String found) {
    return SnnsimException.badData(
        where(name)
            + ": found "
            + found
            + ", expected float16, float32 or float64 weights; convert it, or leave it out of the"
            + " dump if it is no weight");
  }

  /** Keeps a tensor under its name with dots for slashes. */
  void put(String name, Tensor tensor) {
    float[] data = tensor.data();
    for (int i = 0; i < data.length; i++) {
      if (!Float.isFinite(data[i])) {
        throw SnnsimException.badData(
            where(name)
                + ": found "
                + data[i]
                + " at element "
                + i
                + ", expected finite float32 weights; export a network that trained without"
                + " diverging");
      }
    }
    String dotted = name.replace('/', '.');
    if (tensors.put(dotted, tensor) != null) {
      throw SnnsimException.badData(
          where(name)
              + ": found a second tensor named "
              + Text.oneLine(dotted)
              + " (/ is read as .), expected names once each; rename one");
    }
  }

  /** What was gathered. */
  WeightDump finish() {
    List<String> notes = new ArrayList<>();
    Map<String, Tensor> result = tensors;
    if (!tensors.isEmpty() && tensors.keySet().stream().allMatch(k -> k.startsWith(MODULE))) {
      notes.add("prefix '" + MODULE + "' removed from every tensor name");
      result = new LinkedHashMap<>();
      for (Map.Entry<String, Tensor> e : tensors.entrySet()) {
        result.put(e.getKey().substring(MODULE.length()), e.getValue());
      }
    }
    if (counters > 0) {
      notes.add(counters + " " + COUNTER + " counters ignored");
    }
    return new WeightDump(file, result, List.copyOf(notes));
  }
}
