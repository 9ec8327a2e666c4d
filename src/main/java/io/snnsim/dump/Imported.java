// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump;

import io.snnsim.ann.AnnGraph;
import java.nio.file.Path;
import java.util.List;

/**
 * A dump understood as a network. Immutable.
 *
 * @param arch family name, or the graph file's path
 * @param guessed true if the family was recognised rather than named
 * @param beside files beside the dump that have some of its tensors
 */
public record Imported(
    AnnGraph graph, String arch, boolean guessed, List<String> notes, List<Path> beside) {
  /** One that is in one file, or in none. */
  public Imported(AnnGraph graph, String arch, boolean guessed, List<String> notes) {
    this(graph, arch, guessed, notes, List.of());
  }
}
