// SPDX-License-Identifier: Apache-2.0
package io.snnsim.kernel.vector;

/**
 * How to have a loop compiled as it stands. Of a loop whose step C2 knows it makes three, so that
 * the middle one, of many turns, checks no bounds; where turns are few, what it does around them
 * takes longer than they do. Stateless but for a number that never changes.
 */
public final class Loops {
  /** Not final: C2 takes what is final for known. */
  private static int one = 1;

  private Loops() {}

  /** 1, as a step that C2 does not know. */
  public static int one() {
    return one;
  }
}
