// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dynamics;

/**
 * Says that a part of a graph does not fit the rest; whoever knows file and node adds them.
 * Immutable.
 */
public final class Misfit extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Where in the node. */
  private final String field;

  /**
   * A misfit.
   *
   * @param field of the node, or empty text
   * @param what was found and was expected
   */
  public Misfit(String field, String what) {
    super(what, null, false, false);
    this.field = field;
  }

  /** The field of the node, or empty text. */
  public String field() {
    return field;
  }
}
