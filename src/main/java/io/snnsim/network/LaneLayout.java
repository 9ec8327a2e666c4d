// SPDX-License-Identifier: Apache-2.0
package io.snnsim.network;

/**
 * How channels are laid into SIMD lanes: channel blocks of 64 (the last may be shorter), each
 * padded to whole 64-byte vectors of the membrane potential's type. One block's spikes are one
 * 64-bit word. Immutable, allocation-free.
 *
 * <p>State (V, currents, counts) lies as [block][y][x][lane]; weights as [block][ky][kx][ic][lane].
 *
 * @param channels channels of the population
 * @param granule lanes in 64 bytes of V: 32 (16-bit V) or 16 (32-bit V)
 */
public record LaneLayout(int channels, int granule) {
  /** Channels in a full channel block, and bits in a spike word. */
  public static final int BLOCK = 64;

  /** The layout of {@code channels} channels with a wide (32-bit) or narrow (16-bit) V. */
  public static LaneLayout of(int channels, boolean wide) {
    return new LaneLayout(channels, wide ? 16 : 32);
  }

  /** Number of channel blocks, which is also the number of spike words a pixel. */
  public int blocks() {
    return (channels + BLOCK - 1) / BLOCK;
  }

  /** Lanes of block {@code b}, padding included. */
  public int lanes(int b) {
    int left = Math.min(BLOCK, channels - b * BLOCK);
    return (left + granule - 1) / granule * granule;
  }

  /** Channels of all blocks, padding included. */
  public int paddedChannels() {
    return (blocks() - 1) * BLOCK + lanes(blocks() - 1);
  }

  /** Lanes before block {@code b}. */
  public int lanesBefore(int b) {
    return b * BLOCK;
  }
}
