// SPDX-License-Identifier: Apache-2.0
package io.snnsim.engine;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * An arena that adds up what is asked of it and gives nothing: to learn what an object will take
 * from its own constructor, which must not touch what it is given. Confined to one thread.
 */
final class MeasuringArena implements Arena {
  private long bytes;

  @Override
  public MemorySegment allocate(long byteSize, long byteAlignment) {
    bytes = Math.addExact(bytes, byteSize);
    return MemorySegment.NULL;
  }

  @Override
  public MemorySegment.Scope scope() {
    return MemorySegment.NULL.scope();
  }

  @Override
  public void close() {
    // It has nothing.
  }

  /** Bytes asked for so far. */
  long bytes() {
    return bytes;
  }
}
