// SPDX-License-Identifier: Apache-2.0
package io.snnsim.export;

import io.snnsim.geometry.ConvGeometry;
import io.snnsim.geometry.Window;
import io.snnsim.network.ChannelwiseProjection;
import java.util.LinkedHashMap;
import java.util.Map;

/** Projections that are a sum over windows, or none, times a factor a channel. Stateless. */
final class Pooling {
  private Pooling() {}

  /** True if all taps of a channel weigh the same and every channel reads its own. */
  static boolean scales(ChannelwiseProjection c) {
    ConvGeometry g = c.geometry();
    Window w = g.window();
    boolean plain =
        c.channelOffset() == 0
            && g.inChannels() == g.outChannels()
            && w.padH() + w.padBottom() + w.padW() + w.padRight() == 0
            && (g.taps() == 1 || w.dilationH() == 1 && w.dilationW() == 1)
            && (g.taps() > 1 || w.strideH() == 1 && w.strideW() == 1);
    int[] weights = c.weights();
    for (int i = 0; plain && i < weights.length; i++) {
      plain = weights[i] == weights[i - i % g.taps()];
    }
    return plain;
  }

  /** The factor of each channel. */
  static float[] factors(ChannelwiseProjection c) {
    float[] out = new float[c.geometry().outChannels()];
    for (int i = 0; i < out.length; i++) {
      out[i] = c.weights()[i * c.geometry().taps()];
    }
    return out;
  }

  /** Fields of a SumPool2d. */
  static Map<String, Object> fields(Window w) {
    Map<String, Object> f = new LinkedHashMap<>();
    f.put("kernel_size", Kernel.pair(w.kernelH(), w.kernelW()));
    f.put("stride", Kernel.pair(w.strideH(), w.strideW()));
    f.put("padding", Kernel.pair(0, 0));
    return f;
  }
}
