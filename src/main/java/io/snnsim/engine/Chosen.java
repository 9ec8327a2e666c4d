// SPDX-License-Identifier: Apache-2.0
package io.snnsim.engine;

import io.snnsim.engine.plan.Plan;
import io.snnsim.engine.plan.Planner;
import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import io.snnsim.kernel.KernelProvider;
import io.snnsim.kernel.Kernels;
import io.snnsim.network.Network;

/**
 * By which kernels and plan a network runs, and why. Immutable.
 *
 * @param kernels that run it
 * @param reason why these
 * @param plan that they run by
 */
public record Chosen(Kernels kernels, String reason, Plan plan) {
  /**
   * Chooses; nothing that is in proportion to the network's maps is allocated.
   *
   * @param plan that it shall run by, or null for one of the planner's choice; scalar kernels run
   *     every plan by events, step by step
   * @throws SnnsimException (no kernel) if vector kernels are demanded and not available; (usage)
   *     if the plan does not fit the network
   */
  public static Chosen of(Network network, KernelChoice choice, Plan plan) {
    Plan events = Planner.eventsOnly(network);
    if (choice == KernelChoice.SCALAR) {
      return new Chosen(KernelProvider.scalar(), "asked for", events);
    }
    if (choice == KernelChoice.ARRAY) {
      return new Chosen(KernelProvider.array(), "asked for", events);
    }
    if (KernelProvider.vectorAvailable()) {
      return new Chosen(
          KernelProvider.vector(),
          choice == KernelChoice.VECTOR ? "asked for" : "the Vector API is available",
          plan == null ? Planner.plan(network) : Planner.check(network, plan));
    }
    if (choice == KernelChoice.VECTOR) {
      throw new SnnsimException(
          Category.NO_KERNEL,
          "kernel vector: this JVM runs without the Vector API; add " + KernelProvider.FLAG);
    }
    return new Chosen(
        KernelProvider.scalar(),
        "this JVM runs without the Vector API; add " + KernelProvider.FLAG,
        events);
  }
}
