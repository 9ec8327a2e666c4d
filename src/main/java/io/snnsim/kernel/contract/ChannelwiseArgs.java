// SPDX-License-Identifier: Apache-2.0
package io.snnsim.kernel.contract;

import io.snnsim.geometry.Window;
import io.snnsim.kernel.state.PopulationState;
import java.lang.foreign.MemorySegment;

/**
 * A projection in which target channel c reads source channel c - channelOffset. Immutable.
 *
 * @param weights [ky][kx][lane of all target blocks] in the type of the target's V; zero where
 *     there is no source channel
 */
public record ChannelwiseArgs(
    PopulationState source,
    PopulationState target,
    Window geometry,
    int channelOffset,
    MemorySegment weights) {
  /** Lanes of one tap's row of {@code weights}. */
  public int tapStride() {
    return (target.blocks - 1) * PopulationState.BLOCK + target.lanes(target.blocks - 1);
  }

  /**
   * Positive source spikes of pixel {@code p} shifted to the lanes of target block {@code b}: bit i
   * = spike of source channel 64 b + i - channelOffset.
   */
  public long alignedSpikes(int p, int b) {
    int first = b * 64 - channelOffset;
    int word = Math.floorDiv(first, 64);
    int shift = first - word * 64;
    long low = positive(p, word);
    return shift == 0 ? low : low >>> shift | positive(p, word + 1) << -shift;
  }

  /** As {@link #alignedSpikes} of the negative spikes of a signed source. */
  public long alignedNegatives(int p, int b) {
    int first = b * 64 - channelOffset;
    int word = Math.floorDiv(first, 64);
    int shift = first - word * 64;
    long low = negative(p, word);
    return shift == 0 ? low : low >>> shift | negative(p, word + 1) << -shift;
  }

  private long positive(int p, int word) {
    return word < 0 || word >= source.blocks ? 0 : source.positive(p, word);
  }

  private long negative(int p, int word) {
    return word < 0 || word >= source.blocks ? 0 : source.negative(p, word);
  }
}
