// SPDX-License-Identifier: Apache-2.0
package io.snnsim.kernel.state;

/**
 * One of several equal shares of work that several threads do together. Immutable.
 *
 * @param part 0 to {@code parts - 1}
 */
public record Share(int part, int parts) {
  /** All of it. */
  public static final Share WHOLE = new Share(0, 1);

  /** First of {@code n} items in this share. */
  public int from(int n) {
    return (int) ((long) n * part / parts);
  }

  /** One past the last of {@code n} items in this share. */
  public int to(int n) {
    return (int) ((long) n * (part + 1) / parts);
  }
}
