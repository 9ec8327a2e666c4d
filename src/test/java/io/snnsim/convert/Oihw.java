// SPDX-License-Identifier: Apache-2.0
package io.snnsim.convert;

import io.snnsim.geometry.ConvGeometry;
import io.snnsim.network.ConvProjection;

/** Weights of a convolution out of the order in which kernels stream them. For tests only. */
final class Oihw {
  private Oihw() {}

  /** Weights as [oc][ic of the group][ky][kx]. */
  static int[] of(ConvProjection c) {
    ConvGeometry g = c.geometry();
    int[] out = new int[g.outChannels() * g.inPerGroup() * g.taps()];
    int k = 0;
    for (int oc = 0; oc < g.outChannels(); oc++) {
      for (int i = 0; i < g.inPerGroup(); i++) {
        for (int ky = 0; ky < g.kernelH(); ky++) {
          for (int kx = 0; kx < g.kernelW(); kx++) {
            out[k++] = c.weight(oc, i, ky, kx);
          }
        }
      }
    }
    return out;
  }
}
