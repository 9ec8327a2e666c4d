// SPDX-License-Identifier: Apache-2.0
package io.snnsim.convert.fit;

import io.snnsim.ann.Images;

/**
 * The images of a conversion that is fitted to spike trains. Immutable; as safe to share as the
 * images.
 *
 * @param all those that are used
 * @param judges the last so many of them, which nothing is fitted to
 */
public record FitImages(Images all, int judges) {
  /** Number of images that are fitted to, from the first on. */
  public int fitted() {
    return all.count() - judges;
  }
}
