// SPDX-License-Identifier: Apache-2.0
package io.snnsim.study;

import io.snnsim.ann.Images;
import io.snnsim.dump.ImageSet;
import java.nio.file.Path;
import java.util.function.IntConsumer;
import java.util.function.IntUnaryOperator;
import java.util.function.Supplier;

/**
 * Images that a conversion is calibrated on. Immutable; as safe to share as its parts.
 *
 * @param label class of image i, or null if they have no labels
 * @param checkLabels given the number of classes, refuses labels that are none
 * @param origin for provenance; asked once, when the conversion is done
 */
public record CalibrationImages(
    Images images, IntUnaryOperator label, IntConsumer checkLabels, Supplier<Origin> origin) {
  /** Images of a file. */
  public static CalibrationImages of(ImageSet set, Path file) {
    return new CalibrationImages(
        set,
        set.labelled() ? set::label : null,
        set::checkLabels,
        () -> Origin.of(file, set.files()));
  }
}
