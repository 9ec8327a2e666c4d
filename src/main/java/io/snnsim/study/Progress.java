// SPDX-License-Identifier: Apache-2.0
package io.snnsim.study;

/**
 * How far one piece of work has come. Implementations allow {@link #add} from any thread, where it
 * must not wait: those threads do the work.
 */
public interface Progress extends AutoCloseable {
  /** Counts nothing. */
  Progress NONE =
      new Progress() {
        @Override
        public void add(long units) {}

        @Override
        public void close() {}
      };

  /** Counts {@code units} as done. */
  void add(long units);

  /** The work ended; closing twice does nothing. */
  @Override
  void close();
}
