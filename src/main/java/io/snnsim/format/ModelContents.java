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

  /** Keeps the order of the extras. */
  public ModelContents {
    extras = Collections.unmodifiableMap(new LinkedHashMap<>(extras));
  }
}
