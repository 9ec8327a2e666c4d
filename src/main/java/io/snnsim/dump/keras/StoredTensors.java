// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump.keras;

import io.snnsim.ann.op.Tensor;
import io.snnsim.error.SnnsimException;
import java.util.SortedSet;

/** The tensors of an opened file. Used by one thread, while the file is open. */
public interface StoredTensors {
  /** Where each tensor lies, with {@code /} between groups. */
  SortedSet<String> paths();

  /**
   * Reads a tensor.
   *
   * @throws SnnsimException (bad data) if it has no finite floats
   */
  Tensor read(String path);
}
