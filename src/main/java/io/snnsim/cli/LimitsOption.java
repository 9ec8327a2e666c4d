// SPDX-License-Identifier: Apache-2.0
package io.snnsim.cli;

import io.snnsim.engine.Limits;
import io.snnsim.error.SnnsimException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Option;

/** {@code --max-memory} and {@code --max-synapses}: what a model may take to run. One thread. */
final class LimitsOption {
  private static final Pattern SIZE = Pattern.compile("(\\d{1,12})([kmgt]?)(?:i?b)?");

  @Option(
      names = "--max-memory",
      paramLabel = "SIZE",
      description =
          "Refuse a model that would take more memory to run, for instance 4g. Default: 512m a"
              + " thread and 64 times the model's parameters; never more than is free.")
  private String memory;

  @Option(
      names = "--max-synapses",
      paramLabel = "N",
      description =
          "Refuse a model with more synapses, all of which a time step may have to visit. Default:"
              + " 17 billion and a million for each byte of the model's parameters.")
  private Long synapses;

  /**
   * The limits asked for.
   *
   * @throws SnnsimException (usage) if there are none like that
   */
  Limits checked() {
    SnnsimCommand.require(
        synapses == null || synapses > 0,
        "--max-synapses: found " + synapses + ", expected 1 or more");
    return new Limits(memory == null ? 0 : bytes(memory), synapses == null ? 0 : synapses, 0);
  }

  private static long bytes(String text) {
    Matcher m = SIZE.matcher(text.toLowerCase(Locale.ROOT));
    SnnsimCommand.require(
        m.matches() && Long.parseLong(m.group(1)) > 0,
        "--max-memory: found "
            + text
            + ", expected bytes, more than 0, or a number with k, m, g or t behind it");
    int power = m.group(2).isEmpty() ? 0 : 1 + "kmgt".indexOf(m.group(2));
    long unit = 1L << 10 * power;
    return Long.parseLong(m.group(1)) > Long.MAX_VALUE / unit
        ? Long.MAX_VALUE
        : Long.parseLong(m.group(1)) * unit;
  }
}
