// SPDX-License-Identifier: Apache-2.0
package io.snnsim.convert.fit;

import io.snnsim.convert.scheme.Lowering;
import io.snnsim.convert.scheme.NetworkBuilder;
import java.util.List;

/** What populations of the spiking network send on calibration images. Confined to one thread. */
sealed interface Sending permits TrainSending, CodeSending {
  /**
   * What a population that integrates sends.
   *
   * @param built the population as it stands in the network
   * @param integrated null, or [channel][image * plane + position] that gets the integrated input
   *     as a multiple of theta
   */
  Sent population(
      Lowering.Draft draft,
      List<ConvertedPopulation> sources,
      NetworkBuilder.Built built,
      float[][] integrated);

  /** What a max-pool gate sends. */
  Sent gate(Lowering.Draft draft, ConvertedPopulation source);
}
