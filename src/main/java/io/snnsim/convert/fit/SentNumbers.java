// SPDX-License-Identifier: Apache-2.0
package io.snnsim.convert.fit;

import io.snnsim.geometry.MapShape;

/**
 * Numbers that few-spike neurons send on calibration images, 0 to 2^K - 1. Threads may write and
 * read different images at the same time.
 */
final class SentNumbers implements Sent {
  private final short[][] numbers;

  /** Numbers that hold anything until they are written. */
  SentNumbers(MapShape shape, int images, MapPool pool) {
    numbers = pool.takeShorts(shape.channels(), Math.multiplyExact(images, shape.plane()));
  }

  /** Of a channel, [image * plane + position]. */
  short[] of(int channel) {
    return numbers[channel];
  }

  @Override
  public void release(MapPool pool) {
    pool.give(numbers);
  }

  @Override
  public void counts(int channel, int first, int n, float unit, float[] values, int at) {
    short[] row = numbers[channel];
    for (int i = 0; i < n; i++) {
      values[at + i] = unit * row[first + i];
    }
  }
}
