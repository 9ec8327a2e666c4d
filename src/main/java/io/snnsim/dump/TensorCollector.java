// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump;

import io.snnsim.ann.op.Tensor;
import io.snnsim.dump.file.FilePart;
import io.snnsim.dump.file.Text;
import io.snnsim.error.SnnsimException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Gathers the tensors that a reader of foreign files finds, with the rules that hold for every
 * format: names with dots and once each, finite values, counters and the values that training loops
 * keep beside weights dropped. Not thread-safe.
 */
final class TensorCollector {
  /** Of batch norm, and of profilers that count operations in the network itself. */
  private static final Set<String> COUNTERS =
      Set.of("num_batches_tracked", "total_ops", "total_params");

  /** Names of single values that checkpoints keep. */
  private static final Pattern PROGRESS =
      Pattern.compile(
          "(last_|start_)?epochs?|(global_)?steps?|iter(ation)?s?|best_\\w+|seed|lr|learning_rate"
              + "|((train|val|valid|test)_)?(acc|acc1|acc5|prec1|prec5|top1|top5|accuracy|loss)");

  /** Bytes that small files may ask for, whatever they deflate to. */
  private static final long FREE_BYTES = 48L << 20;

  /** Weights that are nearly all 0 deflate by that much. */
  private static final long MOST_DEFLATED = 20;

  private final Path file;
  private final Map<String, Tensor> tensors = new LinkedHashMap<>();
  private final Map<String, Integer> counters = new LinkedHashMap<>();
  private final Map<String, Integer> training = new TreeMap<>();
  private final List<String> progress = new ArrayList<>();
  private int bfloat16;
  private long taken;
  private final List<String> notes = new ArrayList<>();

  TensorCollector(Path file) {
    this.file = file;
  }

  /** Where a tensor is, for messages. */
  String where(String name) {
    return file + "[" + Text.oneLine(name) + "]";
  }

  /** Where the tensors come from. */
  Path file() {
    return file;
  }

  /** Says something about the file. */
  void note(String note) {
    notes.add(note);
  }

  /** True if the tensor is a counter: then it is counted, and need not be read. */
  boolean skip(String name) {
    String last = last(name);
    if (!COUNTERS.contains(last)) {
      return false;
    }
    counters.merge(last, 1, Integer::sum);
    return true;
  }

  /** True if the tensor is a counter or tells how far training was; it need not be read. */
  boolean skip(String name, long elements) {
    if (skip(name)) {
      return true;
    }
    boolean told = elements == 1 && PROGRESS.matcher(last(name)).matches();
    if (told) {
      progress.add(name);
    }
    return told;
  }

  /**
   * Takes up a tensor's bytes before memory is taken for them: weights hardly deflate, so what
   * claims to be many times its file is refused.
   *
   * @throws SnnsimException (bad data) if all so far are more than the file can be of weights
   */
  void take(String name, long bytes) {
    taken += bytes;
    if (taken <= FREE_BYTES) {
      return;
    }
    long length = FilePart.size(file);
    if (taken / MOST_DEFLATED > length) {
      throw SnnsimException.badData(
          where(name)
              + ": found tensors of "
              + taken
              + " bytes and more in a file of "
              + length
              + ", expected weights, which deflate to no less than a "
              + MOST_DEFLATED
              + "th; save them without compression");
    }
  }

  /** Counts a tensor of an optimizer. */
  void skipTraining(String name) {
    String tree = name.substring(0, name.indexOf('/') + 1);
    training.merge(tree.isEmpty() ? name : tree, 1, Integer::sum);
  }

  private static String last(String name) {
    return name.substring(Math.max(name.lastIndexOf('.'), name.lastIndexOf('/')) + 1);
  }

  /** Counts a tensor whose elements are two bytes without a type. */
  void readAsBfloat16() {
    bfloat16++;
  }

  /** Refuses a tensor whose elements are not floats. */
  SnnsimException wrongType(String name, String found) {
    return SnnsimException.badData(
        where(name)
            + ": found "
            + found
            + ", expected float16, float32 or float64 weights; convert it, or leave it out of the"
            + " dump if it is no weight"
            + (found.equals("uint16")
                ? " (bits of bfloat16 have to become floats: .float() before .numpy())"
                : ""));
  }

  /** The tensor, whose values are refused if they are not finite. */
  Tensor checked(String name, Tensor tensor) {
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
    return tensor;
  }

  /** Keeps a tensor under its name with dots for slashes. */
  void put(String name, Tensor tensor) {
    checked(name, tensor);
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
    return finish(false);
  }

  /**
   * What was gathered.
   *
   * @param keras see {@link WeightDump}
   */
  WeightDump finish(boolean keras) {
    if (bfloat16 > 0) {
      notes.add(bfloat16 + " tensors of two raw bytes a value read as bfloat16");
    }
    counters.forEach((name, n) -> notes.add(n + " " + name + " counters ignored"));
    training.forEach(
        (tree, n) ->
            notes.add(n + " tensors of " + Text.oneLine(tree) + " ignored, as of training"));
    if (!progress.isEmpty()) {
      notes.add(Text.some(progress, 6) + " ignored, as single values that tell of the training");
    }
    return new WeightDump(file, tensors, List.copyOf(notes), keras);
  }
}
