// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump;

import io.snnsim.ann.AnnGraph;

/** Builds one network that names and shapes of tensors tell of. Used once, by one thread. */
interface Family {
  /**
   * The network.
   *
   * @throws io.snnsim.error.SnnsimException (bad data) naming the tensor that does not fit
   */
  AnnGraph build();

  /** One line that says what was read off the tensors, and what was assumed; after building. */
  String description();
}
