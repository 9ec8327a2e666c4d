// SPDX-License-Identifier: Apache-2.0
package io.snnsim.api;

/**
 * How an image's values lie in memory: their type, and the order of channels (C), rows (H) and
 * columns (W) with the fastest running last. Values are what the network was converted for before
 * mean and standard deviation are applied, which the model does itself: bytes (u8) are divided by
 * 255, floats (f32) are taken as they are.
 */
public enum ImageFormat {
  /** Floats, [channel][y][x]. */
  F32_CHW(4, false),
  /** Floats, [y][x][channel]. */
  F32_HWC(4, true),
  /** Bytes 0..255, [channel][y][x]. */
  U8_CHW(1, false),
  /** Bytes 0..255, [y][x][channel], as image decoders write them. */
  U8_HWC(1, true);

  private final int bytes;
  private final boolean channelsLast;

  ImageFormat(int bytes, boolean channelsLast) {
    this.bytes = bytes;
    this.channelsLast = channelsLast;
  }

  /** {@return bytes of a value: 1 or 4} */
  public int valueBytes() {
    return bytes;
  }

  /** {@return true of [y][x][channel]} */
  public boolean channelsLast() {
    return channelsLast;
  }
}
