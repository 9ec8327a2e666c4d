// SPDX-License-Identifier: Apache-2.0
package io.snnsim.campaign;

/** What a trial throws where a promise is broken; immutable. */
public final class Broken extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Says what was promised and what was found. */
  public Broken(String message) {
    super(message);
  }

  /** Likewise, of something that was thrown. */
  public Broken(String message, Throwable cause) {
    super(message + ": " + cause, cause);
  }
}
