// SPDX-License-Identifier: Apache-2.0
package io.snnsim.engine;

import io.snnsim.encode.InputEncoder;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * How a batch is run. Immutable.
 *
 * @param steps time steps an image, &gt;= 1
 * @param threads worker threads, &gt;= 1; results do not depend on it
 * @param first index of the first image
 * @param count number of images
 * @param encoder makes one encoder a worker, or null for constant currents
 * @param countEverywhere keep spike counts of every neuron
 * @param cancelled asked between images and every few steps; true ends the batch early
 * @param within threads that work on the same image together, in each of the {@code threads}
 *     simulations; results do not depend on it
 * @param exit ends images before their last step, or null. Images then run step by step, not in
 *     step blocks: spikes and operations are those of the steps that were needed, whatever the plan
 */
public record BatchOptions(
    int steps,
    int threads,
    int first,
    int count,
    Supplier<InputEncoder> encoder,
    boolean countEverywhere,
    BooleanSupplier cancelled,
    int within,
    ExitRule exit) {
  /** Every image runs all its steps. */
  public BatchOptions(
      int steps,
      int threads,
      int first,
      int count,
      Supplier<InputEncoder> encoder,
      boolean countEverywhere,
      BooleanSupplier cancelled,
      int within) {
    this(steps, threads, first, count, encoder, countEverywhere, cancelled, within, null);
  }

  /** One thread a simulation. */
  public BatchOptions(
      int steps,
      int threads,
      int first,
      int count,
      Supplier<InputEncoder> encoder,
      boolean countEverywhere,
      BooleanSupplier cancelled) {
    this(steps, threads, first, count, encoder, countEverywhere, cancelled, 1);
  }

  /** The same with a rule that ends images early, or null. */
  public BatchOptions with(ExitRule rule) {
    return new BatchOptions(
        steps, threads, first, count, encoder, countEverywhere, cancelled, within, rule);
  }

  /** All images of a source with constant currents. */
  public static BatchOptions of(ImageSource source, int steps, int threads) {
    return new BatchOptions(steps, threads, 0, source.count(), null, false, () -> false);
  }
}
