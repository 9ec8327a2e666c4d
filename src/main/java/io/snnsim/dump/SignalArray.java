// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump;

import io.snnsim.dump.file.FilePart;
import io.snnsim.dump.file.Text;
import io.snnsim.error.SnnsimException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Numbers that a graph is given step by step, of a {@code .npy} or {@code .npz} file: as the file
 * has them, integers too, without any scale. Immutable, safe to share; whole in memory as the file
 * has it.
 */
public final class SignalArray {
  /** Names of the array, where there are several. */
  private static final List<String> NAMES =
      List.of("input", "inputs", "spikes", "x", "data", "arr_0");

  private final NpyArray array;
  private final int presentations;
  private final int steps;
  private final int values;

  private SignalArray(NpyArray array, int presentations, int steps, int values) {
    this.array = array;
    this.presentations = presentations;
    this.steps = steps;
    this.values = values;
  }

  /** True if a file is a {@code .npy}. */
  public static boolean isNpy(Path file) {
    return Files.isRegularFile(file) && NpyReader.looksLikeNpy(FilePart.head(file));
  }

  /**
   * Reads a file.
   *
   * @param shape of what the graph is given in a step
   * @param held the array has no steps: each row is given in all of them
   * @throws SnnsimException (bad data) if its shape is another or a number is not finite
   */
  public static SignalArray read(Path file, List<Integer> shape, boolean held) {
    NpyArray array = isNpy(file) ? NpyReader.read(file) : npz(file);
    List<Integer> found = Arrays.stream(array.shape()).boxed().toList();
    int lead = found.size() - shape.size();
    int least = held ? 0 : 1;
    boolean fits = lead >= least && lead <= least + 1 && !found.contains(0);
    if (!fits || !found.subList(lead, found.size()).equals(shape)) {
      String sizes = String.join(", ", shape.stream().map(String::valueOf).toList());
      throw SnnsimException.badData(
          array.where()
              + ": found the shape "
              + found
              + ", expected "
              + (held
                  ? "[" + sizes + "] or [presentations, " + sizes + "] with --steps"
                  : "[steps, "
                      + sizes
                      + "] or [presentations, steps, "
                      + sizes
                      + "]; to hold a"
                      + " value for T steps give --steps T"));
    }
    int presentations = lead > least ? found.getFirst() : 1;
    int steps = held ? 1 : found.get(lead - 1);
    NpyArray ordered = array.inOrder();
    ordered.requireFinite("numbers; check how the array was made", 0);
    return new SignalArray(ordered, presentations, steps, ordered.size() / presentations / steps);
  }

  private static NpyArray npz(Path file) {
    try (NpzFile npz = NpzFile.open(file)) {
      List<String> names = npz.names();
      List<String> known = new ArrayList<>(NAMES);
      known.retainAll(names);
      if (names.size() > 1 && known.size() != 1) {
        throw SnnsimException.badData(
            file
                + ": found the arrays "
                + Text.some(names, 8)
                + ", expected a single one, or one of the names "
                + String.join(", ", NAMES)
                + "; to hold images for T steps give --steps T");
      }
      return npz.get(names.size() == 1 ? names.getFirst() : known.getFirst());
    }
  }

  /** File and array. */
  public String where() {
    return array.where();
  }

  /** NumPy's name of the type and the shape. */
  public String form() {
    return array.typeName() + " " + Arrays.toString(array.shape());
  }

  /** How many presentations there are. */
  public int presentations() {
    return presentations;
  }

  /** Steps of each; 1 if it is held. */
  public int steps() {
    return steps;
  }

  /** Copies what is given in a step. */
  public void read(int presentation, int step, float[] into) {
    int from = (presentation * steps + step) * values;
    for (int i = 0; i < values; i++) {
      into[i] = array.floatAt(from + i);
    }
  }
}
