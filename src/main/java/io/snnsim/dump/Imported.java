// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump;

import io.snnsim.ann.AnnGraph;
import java.util.List;

/**
 * A dump understood as a network. Immutable.
 *
 * @param arch family name, or the graph file's path
 * @param guessed true if the family was recognised rather than named
 */
public record Imported(AnnGraph graph, String arch, boolean guessed, List<String> notes) {}
