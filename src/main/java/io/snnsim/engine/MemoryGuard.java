// SPDX-License-Identifier: Apache-2.0
package io.snnsim.engine;

import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import io.snnsim.network.Network;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What a network and its simulations may take, and what they have taken. Shared by threads; what is
 * allocated at the same time by several of them may be seen late, but by the next of them.
 */
final class MemoryGuard {
  /** Less than this is not worth asking the machine for. */
  private static final long SMALL = 64L << 20;

  private static final String ALLOW = "allow it by --max-memory ";
  private static final String IN_A_PROGRAM = ", in a program by ModelOptions.maxMemory";

  private final Network network;
  private final Limits limits;
  private final long parameterBytes;
  private final AtomicLong held = new AtomicLong();
  private final AtomicInteger simulations = new AtomicInteger();

  MemoryGuard(Network network, Limits limits) {
    this.network = network;
    this.limits = limits;
    parameterBytes = Limits.parameterBytes(network);
  }

  /**
   * Refuses a network whose dense step is more work than its parameters let expect.
   *
   * @throws SnnsimException (limit)
   */
  void requireWork() {
    double synapses = Limits.synapsesOf(network);
    long most = limits.synapses(parameterBytes);
    if (synapses > most) {
      throw new SnnsimException(
          Category.LIMIT,
          "model "
              + network.name()
              + ": has "
              + thousands(synapses)
              + " synapses, which one time step may all have to visit, expected at most "
              + thousands(most)
              + (limits.synapses() > 0 ? "" : " for " + parameterBytes + " bytes of parameters")
              + "; allow it by --max-synapses "
              + String.format(Locale.ROOT, "%.0f", synapses)
              + ", in a program by ModelOptions.maxSynapses");
    }
  }

  /**
   * Refuses index planes that lookups cannot address.
   *
   * @param slotBytes of all of them for one time step
   * @throws SnnsimException (limit)
   */
  void requirePlanes(long slotBytes) {
    if (slotBytes > Integer.MAX_VALUE) {
      throw new SnnsimException(
          Category.LIMIT,
          "model "
              + network.name()
              + ": its maps are too large for lookups, whose index planes would take "
              + size(slotBytes)
              + " a time step, expected less than 2048 MB; run it with kernels that need none: run"
              + " --kernel array, in a program Kernel.SCALAR");
    }
  }

  /**
   * Refuses what would take too much, before any of it is allocated.
   *
   * @param offHeap bytes, besides what is held
   * @param heap bytes
   * @param sessions that would be open then
   * @throws SnnsimException (limit) if that is beyond the limits, (no memory) if it is more than
   *     the machine has free or the heap may hold
   */
  void require(long offHeap, long heap, int sessions) {
    long more = Math.addExact(offHeap, heap);
    long all = Math.addExact(more, held.get());
    requireWithin(all, sessions);
    if (more < SMALL) {
      return;
    }
    long heapMost = Runtime.getRuntime().maxMemory();
    if (heap > heapMost / 4 * 3) {
      throw new SnnsimException(
          Category.NO_MEMORY,
          takes(all, sessions)
              + ", "
              + size(heap)
              + " of it on the heap, found a heap that may grow to "
              + size(heapMost)
              + "; give more with SNNSIM_JAVA_OPTS=-Xmx"
              + size(heap / 3 * 4 + (256L << 20))
                  .toLowerCase(Locale.ROOT)
                  .replace(" ", "")
                  .replace("b", ""));
    }
    long free = FreeMemory.bytes();
    if (more > free) {
      throw new SnnsimException(
          Category.NO_MEMORY,
          takes(all, sessions)
              + ", found "
              + size(free)
              + " free on this machine or in its container; free some"
              + (sessions > 1 ? ", or take fewer --threads" : ", or run it where there is more"));
    }
  }

  private void requireWithin(long all, int sessions) {
    long most = limits.memory(parameterBytes, sessions);
    if (all > most) {
      throw new SnnsimException(
          Category.LIMIT,
          takes(all, sessions)
              + ", expected at most "
              + size(most)
              + (limits.memory() > 0 ? "" : " for " + parameterBytes + " bytes of parameters")
              + "; "
              + ALLOW
              + size(all + (1L << 20)).replace(" ", "")
              + IN_A_PROGRAM);
    }
  }

  private String takes(long bytes, int sessions) {
    return "model "
        + network.name()
        + ": takes "
        + size(bytes)
        + " to run"
        + (sessions > 1 ? " in " + sessions + " threads" : "");
  }

  /**
   * Counts what is allocated, so that nothing that was not foreseen goes beyond the limit.
   *
   * @throws SnnsimException (limit) if it would
   */
  void take(long bytes) {
    requireWithin(held.get() + bytes, simulations.get() + 1);
    held.addAndGet(bytes);
  }

  /** Counts what was freed. */
  void release(long bytes) {
    held.addAndGet(-bytes);
  }

  /** Counts a simulation that was opened. */
  void opened() {
    simulations.incrementAndGet();
  }

  /** Counts a simulation that was closed. */
  void closed() {
    simulations.decrementAndGet();
  }

  /** Simulations that are open. */
  int simulations() {
    return simulations.get();
  }

  /** Rounded up, so that what a message asks for suffices. */
  private static String size(long bytes) {
    return (bytes + (1L << 20) - 1 >> 20) + " MB";
  }

  private static String thousands(double n) {
    return String.format(Locale.ROOT, "%,.0f", n);
  }
}
