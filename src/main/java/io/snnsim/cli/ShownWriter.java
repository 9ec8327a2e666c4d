// SPDX-License-Identifier: Apache-2.0
package io.snnsim.cli;

import io.snnsim.error.Shown;
import java.io.PrintWriter;

/**
 * Prints for a terminal: what it would obey is shown instead ({@link Shown#lines}), whoever printed
 * it. As thread-safe as what it writes to.
 */
final class ShownWriter extends PrintWriter {
  ShownWriter(PrintWriter to) {
    super(to);
  }

  @Override
  public void write(String text, int from, int length) {
    String shown = Shown.lines(text.substring(from, from + length));
    super.write(shown, 0, shown.length());
  }

  @Override
  public void write(String text) {
    write(text, 0, text.length());
  }

  @Override
  public void write(char[] text, int from, int length) {
    write(new String(text, from, length));
  }

  @Override
  public void write(int c) {
    write(String.valueOf((char) c));
  }
}
