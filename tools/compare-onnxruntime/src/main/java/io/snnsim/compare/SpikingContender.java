// SPDX-License-Identifier: Apache-2.0
package io.snnsim.compare;

import io.snnsim.api.Model;
import io.snnsim.api.RunOptions;
import io.snnsim.api.Session;
import io.snnsim.error.SnnsimException;
import java.nio.file.Path;
import java.time.Duration;

/**
 * A model of snnsim, run as embedders run it. Confined to one thread; allocates at opening only.
 */
final class SpikingContender implements Contender {
  private static final Duration LONGEST_WARM_UP = Duration.ofMinutes(2);

  private final Model model;
  private final Session session;
  private final RunOptions options;
  private final String name;

  /**
   * Opens and warms up a model.
   *
   * @param rateSteps time steps of a rate code; few-spike models know their own
   * @throws SnnsimException (usage) if the model has a rate code and no steps are given; (bad data,
   *     input missing, no memory) as {@link Model#open(Path)}
   */
  SpikingContender(Path file, int rateSteps) {
    model = Model.open(file);
    int code = model.stepsPerLayer();
    if (code == 0 && rateSteps == 0) {
      model.close();
      throw SnnsimException.usage(
          file + ": found a model with a rate code, expected the steps to run; give --rate-steps");
    }
    session = model.newSession();
    options = RunOptions.steps(code > 0 ? code : rateSteps);
    name = code > 0 ? "snnsim few-spike, K = " + code : "snnsim rate code, T = " + rateSteps;
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
  public int classify(float[] image) {
    return session.classify(image, options).answer();
  }

  @Override
  public void close() {
    session.close();
    model.close();
  }
}
