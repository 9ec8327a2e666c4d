// SPDX-License-Identifier: Apache-2.0
package io.snnsim.study;

import io.snnsim.ann.AnnGraph;
import io.snnsim.dump.EmbeddedAnn;
import io.snnsim.dump.ImageOptions;
import io.snnsim.dump.ImageSet;
import io.snnsim.error.SnnsimException;
import io.snnsim.format.ModelContents;
import io.snnsim.network.Network;
import io.snnsim.readout.EarlyExit;
import io.snnsim.readout.ExitMargins;
import io.snnsim.readout.FittedSteps;
import io.snnsim.readout.Readout;
import io.snnsim.store.ModelFile;
import io.snnsim.tune.ExitCalibration;
import java.nio.file.Path;

/** What a model file carries beside its network, and what fits it. Stateless. */
public final class ModelParts {
  private ModelParts() {}

  /**
   * The first images of a file that a network takes.
   *
   * @throws SnnsimException as {@link ImageSet#read(Path, io.snnsim.geometry.MapShape, int)}
   */
  public static ImageSet images(Network network, Path data, int most) {
    return images(network, data, ImageOptions.first(most));
  }

  /**
   * The images of a file that a network takes.
   *
   * @throws SnnsimException as {@link ImageSet#read(Path, io.snnsim.geometry.MapShape,
   *     ImageOptions)}
   */
  public static ImageSet images(Network network, Path data, ImageOptions wanted) {
    return ImageSet.read(data, network.input().shape(), wanted);
  }

  /** Says what was chosen of a file, and if its classes may not be those of the network. */
  public static void describe(ImageSet images, int classes, Listener listener) {
    images.notes().forEach(n -> listener.say("note: " + n));
    if (images.classes() > 0 && images.classes() != classes) {
      listener.warn(
          "the images are of "
              + images.classes()
              + " classes, the network tells "
              + classes
              + " apart; where a folder is missing all classes behind it count as others, so make"
              + " an empty one for it");
    }
  }

  /** As {@link #describe(ImageSet, int, Listener)}, of the classes of a spiking network. */
  public static void describe(ImageSet images, Network network, Listener listener) {
    describe(images, network.populations().get(network.output()).shape().size(), listener);
  }

  /**
   * The ANN that a model was converted from, read on a thread of its own; null if the file has
   * none.
   *
   * @param name of the model in messages
   */
  public static Background<AnnGraph> ann(ModelFile file, Path name) {
    byte[] graph = file.extra(ModelContents.ANN_GRAPH);
    byte[] tensors = file.extra(ModelContents.ANN_TENSORS);
    return graph == null || tensors == null
        ? null
        : Background.start(
            "snnsim-ann-reader", () -> new EmbeddedAnn(graph, tensors).decode(name.toString()));
  }

  /**
   * As {@link #ann}, of a model that must have one.
   *
   * @throws SnnsimException (bad data) if it has none
   */
  public static AnnGraph requiredAnn(ModelFile file, Path name) {
    Background<AnnGraph> ann = ann(file, name);
    if (ann == null) {
      throw SnnsimException.badData(
          name
              + ": found no ANN in the model, expected the one that it was converted from; convert"
              + " it again with 'snnsim convert'");
    }
    return ann.get();
  }

  /**
   * The number of steps that a model was fitted to, 0 if none.
   *
   * @throws SnnsimException (bad data) if what it says of its conversion is no JSON
   */
  public static int fittedSteps(ModelFile file) {
    return FittedSteps.of(
        file.extra(ModelContents.PROVENANCE),
        file.path() + ", section " + ModelContents.PROVENANCE);
  }

  /**
   * The rule that ends images early, by the margins that a file carries.
   *
   * @param name of the model in messages
   * @param factor how many errors of the margin are safe
   * @throws SnnsimException (usage) if it carries none, or none for so many steps or this readout
   */
  public static EarlyExit earlyExit(
      ModelFile file, Path name, Readout readout, int steps, double factor) {
    byte[] section = file.extra(ModelContents.EARLY_EXIT);
    if (section == null) {
      throw SnnsimException.usage(
          "--early-exit: "
              + name
              + " has no section early.exit, expected a model that is fitted to a number of steps;"
              + " convert it with --preset low-latency --target-steps "
              + steps
              + " and "
              + ExitCalibration.FEWEST
              + " calibration images or more");
    }
    ExitMargins margins = ExitMargins.parse(section, name + ", section early.exit");
    if (steps > margins.steps()) {
      throw SnnsimException.usage(
          "--steps: found "
              + steps
              + ", expected 1.."
              + margins.steps()
              + ", which early exit is calibrated for; run fewer, or convert with --target-steps "
              + steps);
    }
    if (readout != margins.readout()) {
      throw SnnsimException.usage(
          "--readout: found "
              + readout.label()
              + ", expected "
              + margins.readout().label()
              + ", which early exit is calibrated for");
    }
    return new EarlyExit(margins, factor);
  }
}
