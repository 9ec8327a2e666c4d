// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump;

import io.snnsim.dump.file.Text;
import io.snnsim.dump.layers.LayerGraph;
import io.snnsim.error.SnnsimException;
import io.snnsim.parts.OptionalJar;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Reads a network from whatever file a user has: one that holds its graph, or weights whose graph
 * is recognised or given. Stateless.
 */
public final class NetworkFile {
  private NetworkFile() {}

  /**
   * Reads a network.
   *
   * @param arch for a file of weights: a family's name, a path to a graph file, or null to
   *     recognise the family; null for a file that holds its graph
   * @throws SnnsimException (input missing, bad data) naming the file and what is wrong with it;
   *     (usage) for an {@code arch} that is unknown or not needed
   */
  public static Imported read(Path file, String arch) {
    return read(file, arch, null);
  }

  /**
   * Reads a network.
   *
   * @param size height and width of the images, for weights of a family that takes any; null if not
   *     known
   * @see #read(Path, String)
   */
  public static Imported read(Path file, String arch, int[] size) {
    NpzFile.requireFile(file);
    // A model file keeps its graph as JSON.
    OptionalJar.DATABIND.require("importing a network");
    FileKind kind = FileKind.of(file);
    Optional<LayerGraph> layers = kind.layers(file);
    if (layers.isEmpty()) {
      return TwoClasses.of(Architectures.build(kind.weights(file), arch, size));
    }
    if (arch != null) {
      throw SnnsimException.usage(
          "--arch "
              + Text.oneLine(arch)
              + ": found it with "
              + file
              + ", which holds its graph, expected it with weights alone; leave it out");
    }
    String name = kind.network();
    LayerGraph graph = layers.get();
    return TwoClasses.of(new Imported(graph.finish(name), name, false, graph.notes()));
  }
}
