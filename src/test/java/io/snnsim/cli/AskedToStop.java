// SPDX-License-Identifier: Apache-2.0
package io.snnsim.cli;

/** A user who pressed Ctrl-C before the program began. Stateless. */
final class AskedToStop extends Interrupt {
  @Override
  boolean asked() {
    return true;
  }
}
