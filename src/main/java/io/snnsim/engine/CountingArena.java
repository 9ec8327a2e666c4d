// SPDX-License-Identifier: Apache-2.0
package io.snnsim.engine;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * An arena that knows how much was allocated from it, so that nobody who allocates has to keep
 * count, and asks a guard before it allocates more. Thread-safe as the arena within is, but for the
 * count: one thread allocates.
 */
final class CountingArena implements Arena {
  private final Arena within;
  private final MemoryGuard guard;
  private long bytes;

  CountingArena(Arena within, MemoryGuard guard) {
    this.within = within;
    this.guard = guard;
  }

  @Override
  public MemorySegment allocate(long byteSize, long byteAlignment) {
    guard.take(byteSize);
    MemorySegment segment;
    try {
      segment = within.allocate(byteSize, byteAlignment);
    } catch (RuntimeException | Error e) {
      guard.release(byteSize);
      throw e;
    }
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
    guard.release(bytes);
  }

  /** Bytes allocated so far, alignment gaps not counted. */
  long bytes() {
    return bytes;
  }
}
