// SPDX-License-Identifier: Apache-2.0
package io.snnsim.conversion;

/**
 * Told how a conversion gets on, and asked whether it is to end. Called by any of its threads,
 * which wait meanwhile: implementations must be thread-safe and quick.
 */
public interface ConversionListener {
  /** Hears nothing and lets the conversion end by itself. */
  ConversionListener NONE = new ConversionListener() {};

  /**
   * Something worth reading: what was recognised, chosen, or should be changed.
   *
   * @param line one line
   */
  default void note(String line) {}

  /**
   * A part of the work got on.
   *
   * @param task a word for the part
   * @param done units that are done: images or populations
   * @param total units of the part, at least about
   */
  default void progress(String task, long done, long total) {}

  /**
   * {@return true to end the conversion early; from then on it must stay true} Asked now and then.
   */
  default boolean cancelled() {
    return false;
  }
}
