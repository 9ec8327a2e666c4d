// SPDX-License-Identifier: Apache-2.0
package io.snnsim.study;

/**
 * Told what long work has to say while it runs; whoever asked for the work decides what becomes of
 * it. Implementations allow calls from several threads.
 */
public interface Listener {
  /** Hears nothing. */
  Listener DEAF =
      new Listener() {
        @Override
        public void say(String line) {}

        @Override
        public void warn(String what) {}

        @Override
        public Progress progress(String task, String unit, long total) {
          return Progress.NONE;
        }
      };

  /** A line of information. */
  void say(String line);

  /** Something that the user may want to change. */
  void warn(String what);

  /**
   * Work of which {@code total} units lie ahead begins; closing what is returned ends it.
   *
   * @param task a word for it
   * @param unit what is counted, in the plural
   */
  Progress progress(String task, String unit, long total);
}
