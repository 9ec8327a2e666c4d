// SPDX-License-Identifier: Apache-2.0
package io.snnsim.cli;

import picocli.CommandLine.Option;

/** {@code --limit} of commands that take all images without it. One thread. */
final class LimitOption {
  @Option(
      names = "--limit",
      paramLabel = "N",
      description =
          "Only the first N images; what the file has behind them is neither read nor checked.")
  private Integer limit;

  /**
   * Refuses what is no number of images.
   *
   * @throws io.snnsim.error.SnnsimException (usage)
   */
  void check() {
    SnnsimCommand.within("--limit", limit == null ? 1 : limit, Integer.MAX_VALUE);
  }

  /** The number that was given, or null. */
  Integer given() {
    return limit;
  }

  /** At most so many images. */
  int most() {
    return limit == null ? Integer.MAX_VALUE : limit;
  }
}
