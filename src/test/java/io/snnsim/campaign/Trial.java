// SPDX-License-Identifier: Apache-2.0
package io.snnsim.campaign;

import java.nio.file.Path;

/**
 * Tries to break one promise of the program, batch by batch. A batch follows from its seed alone,
 * so whoever knows the seed can repeat it. One thread runs a trial's batches, one after another; a
 * trial may keep buffers between them, but nothing that changes a result. One that is guided by
 * what it found cannot keep to that, and says so.
 *
 * <p>To add one: its class here, a line in {@link Trials}, a line in docs/design/reliability.md.
 */
public interface Trial {
  /** One word, for command lines and names of files. */
  String name();

  /** What is counted, in the plural. */
  String unit();

  /** How many of them shall be tried in all. */
  long target();

  /** Batches that there are: a trial that has tried everything is done. */
  default long batches() {
    return Long.MAX_VALUE;
  }

  /** True if it compares kernels, so that each vector width is another trial. */
  default boolean comparesKernels() {
    return false;
  }

  /**
   * Processor time that a case may take in its own thread, in milliseconds; one that takes more is
   * broken, and so is one that does not end ({@link Cases#HUNG_SECONDS}).
   */
  default long mostMillis() {
    return 2000;
  }

  /**
   * Tells a trial, before its first batch, which folder it may keep in what helps it on; it need
   * not be there yet. A trial that is not told keeps nothing.
   */
  default void keepIn(Path own) {}

  /**
   * Tries the batch of a seed, 0 or more: each case between {@link Cases#begin} and {@link
   * Cases#end}.
   *
   * @throws Broken where a promise is broken; anything else that is thrown means the same. The rest
   *     of the batch is not tried then
   */
  void run(long seed, Cases cases) throws Exception;
}
