// SPDX-License-Identifier: Apache-2.0
package io.snnsim.network;

import io.snnsim.geometry.ConvGeometry;

/**
 * A projection in which every target channel reads one source channel: depthwise convolution,
 * average pooling, identity and zero-padded shortcuts.
 *
 * <p>Target channel {@code c} reads source channel {@code c - channelOffset}, if there is one.
 *
 * @param channelOffset zero channels before the source's (0 but for option-A shortcuts)
 * @param weights [source channel][ky][kx], grid units of the target; not copied
 */
public record ChannelwiseProjection(
    String name, int source, int target, ConvGeometry geometry, int channelOffset, int[] weights)
    implements Projection {
  @Override
  public String kind() {
    return "channelwise";
  }

  @Override
  public int sourcesPerTarget() {
    return 1;
  }

  @Override
  public int targetsPerSource() {
    return 1;
  }

  @Override
  public int weightBytes() {
    return Integer.BYTES;
  }

  @Override
  public long weightCount() {
    return weights.length;
  }

  @Override
  public boolean connects(int ocFrom, int ocTo, int icFrom, int icTo) {
    return icFrom < ocTo - channelOffset && icTo > ocFrom - channelOffset;
  }

  @Override
  public int weight(int oc, int ic, int ky, int kx) {
    return ic == oc - channelOffset
        ? weights[ic * geometry.taps() + ky * geometry.kernelW() + kx]
        : 0;
  }
}
