// SPDX-License-Identifier: Apache-2.0
package io.snnsim.convert.fit;

/** Images in batches, one of which is a task. Stateless. */
final class Batches {
  /** Images of a full one. */
  static final int SIZE = 8;

  private Batches() {}

  /** Number of batches of so many images. */
  static int count(int images) {
    return (images + SIZE - 1) / SIZE;
  }

  /** Images of batch {@code b}. */
  static int size(int b, int images) {
    return Math.min(SIZE, images - b * SIZE);
  }
}
