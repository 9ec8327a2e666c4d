// SPDX-License-Identifier: Apache-2.0
package io.snnsim.study;

import io.snnsim.ann.Images;
import io.snnsim.dump.file.FilePart;
import io.snnsim.engine.BatchObserver;
import io.snnsim.engine.BatchOptions;
import io.snnsim.engine.BatchResult;
import io.snnsim.engine.BatchRunner;
import io.snnsim.engine.KernelChoice;
import io.snnsim.engine.Simulator;
import io.snnsim.engine.plan.CostModel;
import io.snnsim.engine.plan.Plan;
import io.snnsim.engine.plan.PlanFile;
import io.snnsim.engine.plan.Planner;
import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import io.snnsim.format.ModelContents;
import io.snnsim.network.Network;
import io.snnsim.store.ModelFile;
import io.snnsim.tune.BatchImages;
import io.snnsim.work.Execution;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Where plans come from: an option, the hint in a model file, a short run. Stateless. */
public final class PlanSource {
  /** Enough to tell a layer of 5 % from one of 15 %. */
  private static final int RATE_IMAGES = 8;

  /** The same of codes, whose steps need no time to become steady. */
  private static final int CODE_IMAGES = 3;

  private static final int RATE_STEPS = 32;

  /** A plan of as many populations as a file may have is smaller. */
  private static final int MOST_BYTES = 32 << 20;

  private PlanSource() {}

  /**
   * The plan to run a model by: that of the option, else the file's hint, else null for the
   * engine's own choice.
   */
  public static Plan of(ModelFile file, Path option) {
    PlanFile plan = read(file, option);
    if (plan == null) {
      return null;
    }
    return option == null ? plan.onThisJvm(file.network()) : plan.plan();
  }

  /** As {@link #of}, with the firing rates that the plan rests on. */
  public static PlanFile read(ModelFile file, Path option) {
    if (option != null) {
      FilePart.requireNoDevice(option);
      try (InputStream in = Files.newInputStream(option)) {
        byte[] bytes = in.readNBytes(MOST_BYTES + 1);
        if (bytes.length > MOST_BYTES) {
          throw SnnsimException.badData(
              option + ": found more than " + MOST_BYTES + " bytes, expected a plan");
        }
        return PlanFile.parse(bytes, file.network(), option.toString());
      } catch (NoSuchFileException e) {
        throw new SnnsimException(
            Category.INPUT_MISSING,
            option + ": no such file, expected a plan; make one with 'snnsim bench --tune'");
      } catch (IOException e) {
        throw new SnnsimException(Category.IO, option + ": cannot be read: " + e.getMessage(), e);
      }
    }
    byte[] hint = file.extra(ModelContents.PLAN);
    if (hint == null) {
      return null;
    }
    String section = file.path() + ", section plan";
    try {
      return PlanFile.parse(hint, file.network(), section);
    } catch (SnnsimException e) {
      if (e.category() != Category.USAGE) {
        throw e;
      }
      // Nobody has typed it: the file is at fault.
      throw new SnnsimException(
          Category.BAD_DATA,
          section + ": " + e.getMessage() + "; convert again, or give another by --plan",
          e);
    }
  }

  /**
   * The plan to store in a model file: from the firing rates of a few calibration images.
   *
   * @throws SnnsimException (interrupted) if cancelled
   */
  static byte[] hint(Network network, Images images, Execution execution) {
    double[] rates = rates(network, images, execution);
    execution.requireNotCancelled("while firing rates were measured");
    return new PlanFile(Planner.plan(network, rates, CostModel.DEFAULT), rates).toJson(network);
  }

  private static double[] rates(Network network, Images images, Execution execution) {
    int most = network.codeSteps() > 0 ? CODE_IMAGES : RATE_IMAGES;
    int count = Math.min(most, images.count());
    int steps = network.codeStepsOr(RATE_STEPS);
    BatchResult result;
    // Rates take longer than the vector kernels' compilation, and a run for early exit may follow.
    KernelChoice kernels =
        network.codeSteps() > 0
            ? ShortRun.kernels(KernelChoice.AUTO, network, steps, count)
            : KernelChoice.AUTO;
    try (Simulator model = Simulator.of(network, kernels)) {
      result =
          BatchRunner.run(
              model,
              new BatchImages(images, count),
              new BatchOptions(
                  steps, execution.threads(), 0, count, null, false, execution.cancelled()),
              new BatchObserver() {});
    }
    double[] rates = new double[network.populations().size()];
    for (int p = 0; p < rates.length; p++) {
      double neuronSteps = (double) network.populations().get(p).shape().size() * count * steps;
      rates[p] = result.spikes()[p] / neuronSteps;
    }
    return rates;
  }
}
