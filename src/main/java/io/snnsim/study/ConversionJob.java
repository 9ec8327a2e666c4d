// SPDX-License-Identifier: Apache-2.0
package io.snnsim.study;

import io.snnsim.convert.Conversion;
import io.snnsim.dump.ImageOptions;
import io.snnsim.dump.ImageSet;
import io.snnsim.dump.Imported;
import io.snnsim.dump.NetworkFile;
import io.snnsim.error.SnnsimException;
import io.snnsim.format.ModelContents;
import io.snnsim.store.AtomicFile;
import io.snnsim.store.ModelStore;
import java.nio.file.Path;

/**
 * A conversion from files to files. Immutable; runs on the calling thread and those it is given.
 *
 * @param output the model
 * @param report settings, hashes and conversion report as JSON; null for none
 * @param force existing files are replaced
 */
public record ConversionJob(
    Input input, ConversionRequest request, Path output, Path report, boolean force) {
  /**
   * What is read.
   *
   * @param arch a family's name, the path of a JSON graph, or null to recognise the family
   * @param calibration training images
   * @param wanted which of them
   */
  public record Input(Path dump, String arch, Path calibration, ImageOptions wanted) {}

  /**
   * Converts and writes, unless it is cancelled before.
   *
   * @throws SnnsimException (interrupted) if cancelled, when nothing was written; (input missing,
   *     bad data, usage, io) saying what is wrong
   */
  public Conversion run(Context context) {
    Listener listener = context.listener();
    Imported imported =
        NetworkFile.read(
            input.dump(), input.arch(), ImageSet.size(input.calibration(), input.wanted()));
    if (imported.guessed()) {
      listener.say("recognised as " + imported.arch());
    }
    imported.notes().forEach(n -> listener.say("note: " + n));
    ImageSet images =
        ImageSet.read(input.calibration(), imported.graph().inputShape(), input.wanted());
    ModelParts.describe(images, imported.graph().outputShape().size(), listener);
    ConversionPipeline pipeline =
        new ConversionPipeline(
            imported,
            CalibrationImages.of(images, input.calibration()),
            request.settings(),
            context);
    ConversionPipeline.Converted converted =
        pipeline.run(request.choices(), () -> Origin.of(input.dump()));
    ModelStore.publish(output, converted.contents(), force);
    if (report != null) {
      byte[] json = converted.contents().extras().get(ModelContents.PROVENANCE);
      AtomicFile.write(report, force, stream -> stream.write(json));
    }
    return converted.conversion();
  }
}
