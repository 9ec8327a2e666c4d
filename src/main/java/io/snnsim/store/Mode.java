// SPDX-License-Identifier: Apache-2.0
package io.snnsim.store;

/** How a model file is held in memory. */
public enum Mode {
  /** Copied off-heap and verified once; the file may then be changed or removed. The default. */
  RESIDENT,
  /**
   * Mapped and shared between processes. The file must not be truncated while open: reading beyond
   * its new end kills the JVM. Renaming or deleting it is safe.
   */
  MAPPED
}
