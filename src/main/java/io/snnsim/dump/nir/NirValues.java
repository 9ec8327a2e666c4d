// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump.nir;

import io.snnsim.ann.op.Tensor;
import io.snnsim.error.SnnsimException;
import java.util.SortedSet;

/** The datasets of an opened file. Used by one thread, while the file is open. */
public interface NirValues {
  /** Where each dataset lies, with {@code /} between groups. */
  SortedSet<String> paths();

  /**
   * A dataset of texts, in order.
   *
   * @throws SnnsimException (bad data) if it is none
   */
  String[] texts(String path);

  /**
   * A dataset of integers, in order.
   *
   * @throws SnnsimException (bad data) if it is none
   */
  long[] integers(String path);

  /** True if a dataset has integers. */
  boolean isWhole(String path);

  /** True if a dataset has texts. */
  boolean isText(String path);

  /**
   * A dataset of floats.
   *
   * @throws SnnsimException (bad data) if it has no finite floats
   */
  Tensor read(String path);
}
