// SPDX-License-Identifier: Apache-2.0
package io.snnsim.convert.scheme;

import io.snnsim.error.SnnsimException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntFunction;

/**
 * Owns which populations never fire on the calibration images, and whether a network is worth
 * converting without them. Used by one thread.
 *
 * <p>Trained networks have some: a piece of a concatenation, a branch beside a shortcut. What they
 * add is nothing, whatever their lambda. But where all that the output reads of the image goes
 * through them, its answer is the same for every image, and the images are most likely not those
 * that the network was trained on.
 */
public final class SilentPopulations {
  private final Lowering lowering;
  private final Set<Integer> silent = new HashSet<>();
  private final List<String> notes = new ArrayList<>();

  /** None so far. */
  public SilentPopulations(Lowering lowering) {
    this.lowering = lowering;
  }

  /**
   * Adds one.
   *
   * @param largest activation of it on the calibration images
   * @throws SnnsimException (bad data) if the output does not depend on the image any more
   */
  public void add(int p, double largest) {
    Lowering.Draft draft = lowering.drafts().get(p);
    if (!silent.add(p)) {
      return;
    }
    for (int q = p; q < lowering.populations(); q++) {
      if (lowering.drafts().get(q).node() == draft.node()) {
        silent.add(q); // A copy, which does the same.
      }
    }
    boolean[] reached = new boolean[lowering.populations()];
    for (int q = 0; q < reached.length; q++) {
      boolean reads =
          lowering.drafts().get(q).terms().stream()
              .anyMatch(t -> t.source() == Lowering.IMAGE || reached[t.source()]);
      reached[q] = reads && !silent.contains(q);
    }
    if (!reached[reached.length - 1]) {
      Calibration.requireUsable(draft, largest);
    }
    notes.add(
        "population "
            + draft.name()
            + " never fires on the calibration images: it gets the lambda of what it reads");
  }

  /**
   * lambda of a silent population, the same for all channels: the largest of what it reads, so that
   * weights after and before it are about as large as others.
   *
   * @param lambdas of populations before it
   */
  public double[] lambda(int p, IntFunction<double[]> lambdas) {
    Lowering.Draft draft = lowering.drafts().get(p);
    double most = 0;
    for (Lowering.Term t : draft.terms()) {
      most =
          Math.max(
              most, t.source() == Lowering.IMAGE ? 1 : Calibration.max(lambdas.apply(t.source())));
    }
    double[] result = new double[draft.shape().channels()];
    Arrays.fill(result, most);
    return result;
  }

  /** A line for each. */
  public List<String> notes() {
    return List.copyOf(notes);
  }
}
