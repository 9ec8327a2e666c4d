// SPDX-License-Identifier: Apache-2.0
package io.snnsim.compare;

import io.snnsim.api.Model;
import io.snnsim.api.RunOptions;
import io.snnsim.api.Session;
import io.snnsim.error.SnnsimException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;

/**
 * A model of snnsim, run as embedders run it. Confined to one thread; allocates at opening only.
 */
final class SpikingContender implements Contender {
  private static final Duration LONGEST_WARM_UP = Duration.ofMinutes(2);

  private final Model model;
  private final Session session;
  private final int steps;
  private final RunOptions options;
  private final String name;

  /**
   * Opens and warms up a model.
   *
   * @param rateSteps time steps of a rate code, or 0 for those that it was fitted to; few-spike
   *     models know their own
   * @throws SnnsimException (usage) if the model has a rate code, was fitted to no steps and none
   *     are given; (bad data, input missing, no memory) as {@link Model#open(Path)}
   */
  SpikingContender(Path file, int rateSteps) {
    model = Model.open(file);
    int code = model.stepsPerLayer();
    steps = code > 0 ? code : rateSteps > 0 ? rateSteps : model.fittedSteps();
    if (steps == 0) {
      model.close();
      throw SnnsimException.usage(
          file
              + ": found a rate code that was fitted to no number of steps, expected the steps to"
              + " run; give --rate-steps");
    }
    session = model.newSession();
    options = RunOptions.steps(steps);
    name =
        (code > 0 ? "snnsim few-spike, K = " : "snnsim rate code, T = ")
            + steps
            + ", "
            + model.precision().name().toLowerCase(Locale.ROOT);
    model.warmUp(LONGEST_WARM_UP);
  }

  String kernel() {
    return model.kernel();
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public boolean normalised() {
    return false;
  }

  @Override
  public int steps() {
    return steps;
  }

  @Override
  public int classify(float[] image) {
    return session.classify(image, options).answer();
  }

  @Override
  public void close() {
    session.close();
    model.close();
  }
}
