// SPDX-License-Identifier: Apache-2.0
package io.snnsim.convert.fit;

import io.snnsim.geometry.MapShape;

/**
 * Spikes of one population on calibration images: -1, 0 or 1 for every neuron, image and step, in
 * two bits. Threads may write and read different images at the same time.
 *
 * <p>A byte holds four steps of one neuron, the earliest in its lowest bits:
 *
 * <pre>packed[step / 4][channel][image * plane + position]</pre>
 */
final class SpikeTrains implements Sent {
  private static final int STEPS_A_BYTE = 4;

  private final int steps;
  private final byte[][][] packed;

  /** Trains that hold anything until they are written. */
  SpikeTrains(MapShape shape, int images, int steps, MapPool pool) {
    this.steps = steps;
    packed = new byte[(steps + STEPS_A_BYTE - 1) / STEPS_A_BYTE][][];
    for (int k = 0; k < packed.length; k++) {
      packed[k] = pool.takeBytes(shape.channels(), Math.multiplyExact(images, shape.plane()));
    }
  }

  int channels() {
    return packed[0].length;
  }

  /** Bits of {@code spike} in the byte of its step. */
  static int bits(int step) {
    return 2 * (step % STEPS_A_BYTE);
  }

  /** True if a byte ends with this step. */
  boolean endsByte(int step) {
    return step % STEPS_A_BYTE == STEPS_A_BYTE - 1 || step == steps - 1;
  }

  /**
   * Stores the byte that ends with {@code step} of {@code n} neurons of a channel.
   *
   * @param bytes the two low bits of every spike, each {@link #bits} up
   */
  void set(int step, int channel, int first, int n, int[] bytes) {
    byte[] row = packed[step / STEPS_A_BYTE][channel];
    for (int i = 0; i < n; i++) {
      row[first + i] = (byte) bytes[i];
    }
  }

  /** As the other, for whole-number arithmetic. */
  void get(int step, int channel, int first, int n, short[] spikes) {
    byte[] row = packed[step / STEPS_A_BYTE][channel];
    int up = 30 - bits(step);
    for (int i = 0; i < n; i++) {
      spikes[i] = (short) (row[first + i] << up >> 30);
    }
  }

  /** Reads what {@code n} neurons of a channel do in a step, to index {@code at} on. */
  void get(int step, int channel, int first, int n, float[] spikes, int at) {
    byte[] row = packed[step / STEPS_A_BYTE][channel];
    int up = 30 - bits(step);
    for (int i = 0; i < n; i++) {
      spikes[at + i] = row[first + i] << up >> 30;
    }
  }

  @Override
  public void release(MapPool pool) {
    for (byte[][] part : packed) {
      pool.give(part);
    }
  }

  @Override
  public void counts(int channel, int first, int n, float unit, float[] values, int at) {
    for (int i = 0; i < n; i++) {
      int sum = 0;
      for (byte[][] part : packed) {
        int b = part[channel][first + i];
        sum += (b << 30 >> 30) + (b << 28 >> 30) + (b << 26 >> 30) + (b << 24 >> 30);
      }
      values[at + i] = unit * sum;
    }
  }

  int steps() {
    return steps;
  }
}
