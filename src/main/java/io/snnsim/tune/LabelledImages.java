// SPDX-License-Identifier: Apache-2.0
package io.snnsim.tune;

import io.snnsim.ann.Images;
import java.util.function.IntUnaryOperator;

/**
 * Images with what is right for each. Immutable; as safe to share as the images.
 *
 * @param label right class of each image by its index; null if nobody knows
 */
public record LabelledImages(Images images, IntUnaryOperator label) {
  /** Number of images. */
  public int count() {
    return images.count();
  }

  /** True if it is known what is right. */
  public boolean labelled() {
    return label != null;
  }
}
