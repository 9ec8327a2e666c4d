// SPDX-License-Identifier: Apache-2.0
package io.snnsim.kernel.limits;

import io.snnsim.kernel.limits.HostLimits.Operation;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Measures {@link HostLimits}. Confined to one thread; its memory is off-heap and freed at the end.
 */
public final class LimitMeter {
  /** So that a call takes tens of microseconds, far above what the clock resolves. */
  private static final long BYTES_A_CALL = 1 << 20;

  /** Much more from memory, of which a lucky part may lie in a cache after all. */
  private static final long MEMORY_BYTES_A_CALL = 16 << 20;

  private static final int BYTES_A_WARM_UP_CALL = 4096;
  private static final long LARGEST_BUFFER = 256L << 20;
  private static final int ROUNDS = 2;

  /** No loop is as slow as this once it is compiled, and none as fast before. */
  private static final double COMPILED_GOPS = 2;

  private final MemorySegment data;

  /** Where the last call ended: the data longest unused comes next. */
  private long offset;

  /** Keeps the loops' results alive; the value means nothing. */
  private static volatile int sink;

  private LimitMeter(MemorySegment data) {
    this.data = data;
  }

  public static HostLimits measure(CacheSizes caches, long millis, long patienceMillis) {
    List<MemoryLevel> levels = new ArrayList<>(caches.bytes().keySet());
    levels.sort(null);
    // What the caches are measured with is not read as memory: it may still be in a cache.
    long cached = bufferBytes(caches, levels.getLast());
    long memory = bufferBytes(caches, MemoryLevel.MEMORY);
    levels.add(MemoryLevel.MEMORY);
    Map<MemoryLevel, Map<Operation, Double>> best = new EnumMap<>(MemoryLevel.class);
    try (Arena arena = Arena.ofConfined()) {
      LimitMeter meter = new LimitMeter(arena.allocate(cached + memory, 64));
      boolean compiled = meter.warmUp(patienceMillis * 1_000_000);
      long slice = millis * 1_000_000 / (ROUNDS * levels.size() * Operation.values().length);
      for (int round = 0; round < ROUNDS; round++) {
        for (MemoryLevel level : levels) {
          boolean far = level == MemoryLevel.MEMORY;
          long call = far ? MEMORY_BYTES_A_CALL : BYTES_A_CALL;
          for (Operation o : Operation.values()) {
            double gops = meter.best(o, far ? cached : 0, bufferBytes(caches, level), call, slice);
            best.computeIfAbsent(level, l -> new EnumMap<>(Operation.class))
                .merge(o, gops, Math::max);
          }
        }
      }
      return new HostLimits(caches, memory, best, compiled);
    }
  }

  /** Half a cache, since other data wants room too; of the last one a quarter, as it is shared. */
  private static long bufferBytes(CacheSizes caches, MemoryLevel level) {
    Map<MemoryLevel, Long> sizes = caches.bytes();
    long size =
        switch (level) {
          case L1, L2 -> sizes.get(level) / 2;
          case L3 ->
              Math.max(
                  sizes.get(level) / 4, Math.min(sizes.get(level), 2 * sizes.get(MemoryLevel.L2)));
          case MEMORY ->
              Math.max(
                  64L << 20,
                  4 * sizes.values().stream().mapToLong(Long::longValue).max().orElse(0));
        };
    return Math.min(size, LARGEST_BUFFER) / 4096 * 4096;
  }

  /** Many short calls, since it is calls that make the JVM compile a method. */
  private boolean warmUp(long nanos) {
    long end = System.nanoTime() + nanos;
    boolean compiled;
    do {
      compiled = true;
      for (Operation o : Operation.values()) {
        long fastest = Long.MAX_VALUE;
        for (int call = 0; call < 100; call++) {
          long from = System.nanoTime();
          sink = LimitLoops.run(o, data, 0, BYTES_A_WARM_UP_CALL, 1);
          fastest = Math.min(fastest, System.nanoTime() - from);
        }
        compiled &= laneOps(o, BYTES_A_WARM_UP_CALL) > COMPILED_GOPS * fastest;
      }
    } while (!compiled && System.nanoTime() < end);
    return compiled;
  }

  /**
   * Most lane operations a nanosecond over the {@code size} bytes from {@code start} on.
   *
   * @param call bytes to go through at a time
   */
  private double best(Operation o, long start, long size, long call, long nanos) {
    long part = Math.min(call, size);
    int repeats = (int) (call / part);
    long end = System.nanoTime() + nanos;
    double best = 0;
    long now;
    do {
      offset = offset + part <= size ? offset : 0;
      long from = System.nanoTime();
      sink = LimitLoops.run(o, data, start + offset, part, repeats);
      now = System.nanoTime();
      best = Math.max(best, laneOps(o, part * repeats) / Math.max(1, now - from));
      offset += part;
    } while (now < end);
    return best;
  }

  private static double laneOps(Operation o, long bytes) {
    return (double) LimitLoops.vectors(o, bytes) * LimitLoops.lanes(o);
  }
}
