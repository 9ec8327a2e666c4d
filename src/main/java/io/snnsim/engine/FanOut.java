// SPDX-License-Identifier: Apache-2.0
package io.snnsim.engine;

import io.snnsim.geometry.ConvGeometry;
import io.snnsim.kernel.state.PopulationState;
import io.snnsim.network.Network;
import io.snnsim.network.Projection;

/**
 * How many synapses of one projection a neuron of its source has: windows that see its row, times
 * windows that see its column, times target channels that read its channel. Immutable.
 *
 * @param rows by row of the source: pairs of an output row and a window row that meet there
 * @param columns the same by column
 * @param channels target channels that read one source channel
 */
record FanOut(int source, int target, int[] rows, int[] columns, int channels) {
  /** One a projection of the network. */
  static FanOut[] of(Network network) {
    return network.projections().stream().map(FanOut::of).toArray(FanOut[]::new);
  }

  private static FanOut of(Projection p) {
    ConvGeometry g = p.geometry();
    return new FanOut(
        p.source(),
        p.target(),
        meetings(
            g.inHeight(),
            g.outHeight(),
            g.kernelH(),
            g.window().strideH(),
            g.window().padH(),
            g.window().dilationH()),
        meetings(
            g.inWidth(),
            g.outWidth(),
            g.kernelW(),
            g.window().strideW(),
            g.window().padW(),
            g.window().dilationW()),
        p.targetsPerSource());
  }

  private static int[] meetings(int in, int out, int kernel, int stride, int pad, int dilation) {
    int[] n = new int[in];
    for (int o = 0; o < out; o++) {
      for (int k = 0; k < kernel; k++) {
        int i = o * stride - pad + k * dilation;
        if (i >= 0 && i < in) {
          n[i]++;
        }
      }
    }
    return n;
  }

  /** Synaptic operations of the image so far, given the states of all populations. */
  long synapticOps(PopulationState[] states) {
    return channels * states[source].weightedSpikes(rows, columns);
  }
}
