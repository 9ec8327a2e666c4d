// SPDX-License-Identifier: Apache-2.0
package io.snnsim.study;

import io.snnsim.engine.KernelChoice;
import io.snnsim.engine.Simulator;
import io.snnsim.kernel.KernelProvider;
import io.snnsim.network.Network;

/** Runs that end before a fresh JVM would have compiled the vector kernels. Stateless. */
public final class ShortRun {
  /**
   * Neuron updates (neurons x steps x images) that array kernels finish before a fresh JVM would
   * have compiled the vector kernels: about a second's.
   */
  private static final long QUICK = 60_000_000;

  /**
   * Set by the launcher, which then started a JVM for so short a run: without the Vector API, and
   * with the quick compiler alone.
   */
  private static final String QUICK_JVM = "snnsim.quick";

  private ShortRun() {}

  /**
   * The choice for a run by a JVM that has just started.
   *
   * @param limit most images, or null if the user set none
   */
  public static KernelChoice kernels(
      KernelChoice asked, Network network, int steps, Integer limit) {
    double updates = limit == null ? QUICK + 1.0 : (double) network.neurons() * steps * limit;
    // Without the Vector API the choice stays automatic: it says which flag is missing.
    boolean quick =
        Boolean.getBoolean(QUICK_JVM) || updates <= QUICK && KernelProvider.vectorAvailable();
    return asked == KernelChoice.AUTO && quick ? KernelChoice.ARRAY : asked;
  }

  /** Why the simulator runs on its kernels, given what the user asked for. */
  public static String reason(KernelChoice asked, Simulator simulator) {
    return asked == KernelChoice.AUTO && simulator.kernelName().equals("array")
        ? "a short run, which ends before vector kernels would be compiled"
        : simulator.kernelReason();
  }
}
