// SPDX-License-Identifier: Apache-2.0
package io.snnsim.api;

/** How a model's weights are held. */
public enum Memory {
  /** Copied off-heap and verified once. The file may then be changed, truncated or removed. */
  RESIDENT,
  /**
   * Used where they are. A file is mapped, so that processes share it; it must not be truncated
   * while it is open, since reading beyond its new end kills the JVM (renaming and deleting it are
   * safe), and closing unmaps it. A memory segment must stay alive and unchanged until the model is
   * closed.
   */
  MAPPED
}
