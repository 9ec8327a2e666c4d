// SPDX-License-Identifier: Apache-2.0
package io.snnsim.kernel.limits;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * What one core of this machine can do at most of the work that kernels consist of, measured here
 * and now with the Vector API: the inner loops of the kernels without anything around them, over
 * data of a size that fits each cache. Immutable.
 *
 * <p>A lane operation is one lane of a vector addition. An <em>add</em> loads a vector and adds it
 * to a sum in a register, as the event kernels do with a row of weights; 8-bit weights are widened
 * to 16 bits on the way. A <em>lookup</em> permutes a table in a register by a vector of indices
 * and adds the result, each table being loaded once for four vectors of indices, as the lookup
 * kernels do.
 */
public final class HostLimits {
  /** Work of a kernel's innermost loop. */
  public enum Operation {
    ADD_I8(1, false),
    ADD_I16(2, false),
    ADD_I32(4, false),
    LOOKUP_I16(2, true),
    LOOKUP_I32(4, true);

    private final int bytes;
    private final boolean lookup;

    Operation(int bytes, boolean lookup) {
      this.bytes = bytes;
      this.lookup = lookup;
    }

    /** The add of weights of that size, or the lookup of sums of that size. */
    public static Operation of(boolean lookup, int bytes) {
      for (Operation o : values()) {
        if (o.lookup == lookup && o.bytes == bytes) {
          return o;
        }
      }
      throw new IllegalArgumentException("lookup=" + lookup + " bytes=" + bytes);
    }

    /** Bytes of a weight or sum as loaded. */
    public int bytes() {
      return bytes;
    }
  }

  private final CacheSizes caches;
  private final Map<MemoryLevel, Long> bytes = new EnumMap<>(MemoryLevel.class);
  private final Map<MemoryLevel, Map<Operation, Double>> laneGops;
  private final boolean compiled;

  public HostLimits(
      CacheSizes caches,
      long memoryBytes,
      Map<MemoryLevel, Map<Operation, Double>> laneGops,
      boolean compiled) {
    this.caches = caches;
    bytes.putAll(caches.bytes());
    bytes.put(MemoryLevel.MEMORY, memoryBytes);
    this.laneGops = laneGops;
    this.compiled = compiled;
  }

  /**
   * Measures on the calling thread: for {@code millis} once the JVM has compiled the loops, for
   * which it waits at most {@code patienceMillis}. The best of many short runs counts, so that
   * other processes spoil it only if they never pause. Needs the Vector API. While it runs it holds
   * off-heap memory of about four times the largest cache, at most 300 MB.
   */
  public static HostLimits measure(long millis, long patienceMillis) {
    return LimitMeter.measure(CacheSizes.here(), millis, patienceMillis);
  }

  /** False if patience ran out before the JVM had compiled every loop: some are then too low. */
  public boolean compiled() {
    return compiled;
  }

  /** True if the operating system told the sizes of the caches, false if usual ones are assumed. */
  public boolean sizesKnown() {
    return caches.known();
  }

  /** Levels that this machine has, from near to far. */
  public List<MemoryLevel> levels() {
    return List.copyOf(bytes.keySet());
  }

  /** Size of a cache in bytes; for memory, of the buffer that was read. */
  public long bytes(MemoryLevel level) {
    return bytes.get(level);
  }

  /** Most lane operations a nanosecond with data at that level. */
  public double laneGops(Operation operation, MemoryLevel level) {
    return laneGops.get(level).get(operation);
  }

  /** Most bytes a nanosecond that the core can take in from that level. */
  public double gigabytesPerSecond(MemoryLevel level) {
    double most = 0;
    for (Operation o : Operation.values()) {
      if (!o.lookup) {
        most = Math.max(most, laneGops(o, level) * o.bytes);
      }
    }
    return most;
  }

  /** The nearest level that holds so many bytes. */
  public MemoryLevel levelOf(long size) {
    for (MemoryLevel level : levels()) {
      if (level != MemoryLevel.MEMORY && size <= bytes(level)) {
        return level;
      }
    }
    return MemoryLevel.MEMORY;
  }
}
