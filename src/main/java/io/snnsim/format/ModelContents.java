// SPDX-License-Identifier: Apache-2.0
package io.snnsim.format;

import io.snnsim.network.Network;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a model file holds: the network and named extra sections (provenance, the folded ANN) that
 * running does not need. Immutable; extra bytes are not copied.
 */
public record ModelContents(Network network, Map<String, byte[]> extras) {
  /** Settings, hashes and the conversion report, JSON. */
  public static final String PROVENANCE = "provenance";

  /** The folded ANN's graph, JSON. */
  public static final String ANN_GRAPH = "ann.graph";

  /** The folded ANN's parameters, f32 little-endian, in the order of the graph's nodes. */
  public static final String ANN_TENSORS = "ann.tensors";

  /** How to run it fastest where it was converted, and the firing rates measured there, JSON. */
  public static final String PLAN = "plan";

  /** How safe decisions are after each step, JSON; of networks fitted to a number of steps. */
  public static final String EARLY_EXIT = "early.exit";

  /** Of text that is read as a whole; real ones have some kilobytes. */
  private static final long MOST_TEXT = 1 << 26;

  /** As long as an array may be. */
  private static final long MOST_BYTES = Integer.MAX_VALUE - 8;

  /** Bytes that an extra section may have where it is read. */
  public static long mostBytes(String extra) {
    return switch (extra) {
      case PROVENANCE, ANN_GRAPH, PLAN, EARLY_EXIT -> MOST_TEXT;
      default -> MOST_BYTES;
    };
  }

  /** Keeps the order of the extras. */
  public ModelContents {
    extras = Collections.unmodifiableMap(new LinkedHashMap<>(extras));
  }
}
