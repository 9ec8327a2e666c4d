// SPDX-License-Identifier: Apache-2.0
package io.snnsim.engine;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * An arena that knows how much was allocated from it, so that nobody who allocates has to keep
 * count. Thread-safe as the arena within is, but for the count: one thread allocates.
 */
final class CountingArena implements Arena {
  private final Arena within;
  private long bytes;

  CountingArena(Arena within) {
    this.within = within;
  }

  @Override
  public MemorySegment allocate(long byteSize, long byteAlignment) {
    MemorySegment segment = within.allocate(byteSize, byteAlignment);
    bytes += byteSize;
    return segment;
  }

  @Override
  public MemorySegment.Scope scope() {
    return within.scope();
  }

  @Override
  public void close() {
    within.close();
  }

  /** Bytes allocated so far, alignment gaps not counted. */
  long bytes() {
    return bytes;
  }
}
