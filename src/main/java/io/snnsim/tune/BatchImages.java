// SPDX-License-Identifier: Apache-2.0
package io.snnsim.tune;

import io.snnsim.ann.Images;
import io.snnsim.engine.ImageSource;

/**
 * Images as batches of the engine take them, which knows nothing of ANNs and their data. Immutable.
 *
 * @param count the first so many of them
 */
public record BatchImages(Images images, int count) implements ImageSource {
  /** All of them. */
  public BatchImages(Images images) {
    this(images, images.count());
  }

  @Override
  public void read(int index, float[] into) {
    images.read(index, into);
  }
}
