// SPDX-License-Identifier: Apache-2.0
package io.snnsim.convert.fit;

/**
 * What a fit aims at: the ANN's input sums where it looks. Immutable but for the arrays, which must
 * not be changed.
 *
 * @param positions where it looks
 * @param sums [channel][image * perImage + sample]
 */
record Targets(SampledPositions positions, float[][] sums) {
  /** The targets among all input sums, for the first {@code images} images. */
  static Targets of(float[][] planes, SampledPositions positions, int images, MapPool.Lease lease) {
    return new Targets(positions, positions.picked(planes, images, lease));
  }
}
