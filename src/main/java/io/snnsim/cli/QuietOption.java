// SPDX-License-Identifier: Apache-2.0
package io.snnsim.cli;

import picocli.CommandLine.Option;

/** {@code --quiet}. One thread. */
final class QuietOption {
  @Option(
      names = {"-q", "--quiet"},
      description = "No progress, notes and warnings on stderr.")
  private boolean quiet;

  boolean given() {
    return quiet;
  }
}
