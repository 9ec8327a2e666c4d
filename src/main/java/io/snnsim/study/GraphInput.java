// SPDX-License-Identifier: Apache-2.0
package io.snnsim.study;

import io.snnsim.ann.Normalisation;
import io.snnsim.dump.ImageOptions;
import io.snnsim.dump.ImageSet;
import io.snnsim.dump.SignalArray;
import io.snnsim.dynamics.Dims;
import io.snnsim.error.SnnsimException;
import io.snnsim.geometry.MapShape;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What a graph is given, step by step or the same in all steps of a presentation. Immutable, safe
 * to share.
 */
public final class GraphInput {
  /** Where values come from. */
  @FunctionalInterface
  private interface Reader {
    void read(int presentation, int step, float[] into);
  }

  /**
   * How a file is to be read.
   *
   * @param steps each value is held for; null if the file has steps
   * @param images which of them and how
   * @param mean of the input, one or one a channel; null for 0
   * @param std of the input, one or one a channel; null for 1
   */
  public record Wanted(Integer steps, ImageOptions images, float[] mean, float[] std) {}

  private final Reader reader;
  private final int presentations;
  private final int steps;
  private final boolean held;
  private final Normalisation normalisation;
  private final int plane;
  private final String understood;

  private GraphInput(
      Reader reader, int presentations, Wanted wanted, int steps, Dims dims, String understood) {
    this.reader = reader;
    this.presentations = Math.min(presentations, wanted.images.most());
    this.steps = steps;
    this.understood = understood;
    held = wanted.steps != null;
    normalisation =
        wanted.mean == null && wanted.std == null
            ? null
            : GivenNormalisation.of(wanted.mean, wanted.std, dims.channels());
    plane = dims.size() / dims.channels();
  }

  /**
   * Reads a file.
   *
   * @param dims of what the graph takes
   * @throws SnnsimException (bad data, usage, input missing) if that is not what the file has
   */
  public static GraphInput of(Path file, Dims dims, Wanted wanted, Listener listener) {
    if (wanted.steps != null && !SignalArray.isNpy(file)) {
      ImageSet images = ImageSet.read(file, map(dims), wanted.images);
      images.notes().forEach(n -> listener.say("note: " + n));
      return new GraphInput(
          (p, step, into) -> images.read(p, into),
          images.count(),
          wanted,
          wanted.steps,
          dims,
          images.count() + " images of " + file + ", bytes divided by 255, each held");
    }
    if (Files.isDirectory(file)) {
      throw SnnsimException.usage(
          "--steps: found none with the folder "
              + file
              + ", expected the number of steps that each of its images is held for");
    }
    SignalArray array = SignalArray.read(file, dims.sizes(), wanted.steps != null);
    return new GraphInput(
        array::read,
        array.presentations(),
        wanted,
        wanted.steps == null ? array.steps() : wanted.steps,
        dims,
        array.where()
            + ", "
            + array.form()
            + ", numbers as they are"
            + (wanted.steps == null ? "" : ", each held"));
  }

  private static MapShape map(Dims dims) {
    List<Integer> s = dims.sizes();
    return switch (s.size()) {
      case 1 -> new MapShape(s.get(0), 1, 1);
      case 2 -> new MapShape(s.get(0), 1, s.get(1));
      default -> new MapShape(s.get(0), s.get(1), s.get(2));
    };
  }

  /** How many presentations there are. */
  public int presentations() {
    return presentations;
  }

  /** Steps of each. */
  public int steps() {
    return steps;
  }

  /** In words. */
  public String understood() {
    return understood + (normalisation == null ? "" : ", normalised");
  }

  /** True if a step's values are the same as the first step's. */
  boolean held() {
    return held;
  }

  /** Copies what is given in a step. */
  void read(int presentation, int step, float[] into) {
    reader.read(presentation, step, into);
    for (int i = 0; normalisation != null && i < into.length; i++) {
      into[i] = normalisation.of(into[i], i / plane);
    }
  }
}
