// SPDX-License-Identifier: Apache-2.0
package io.snnsim.cli;

import picocli.CommandLine.Option;

/** {@code --threads} of commands whose results do not depend on it. One thread. */
final class ThreadsOption {
  private static final int MOST = 1024;

  @Option(
      names = "--threads",
      paramLabel = "K",
      description = "Worker threads; results do not depend on it. Default: one a processor.")
  private Integer threads;

  /**
   * The number asked for, or one a processor.
   *
   * @throws io.snnsim.error.SnnsimException (usage) if it is out of range
   */
  int checked() {
    return threads == null ? onePerProcessor() : SnnsimCommand.within("--threads", threads, MOST);
  }

  static int onePerProcessor() {
    return Math.min(MOST, Runtime.getRuntime().availableProcessors());
  }
}
