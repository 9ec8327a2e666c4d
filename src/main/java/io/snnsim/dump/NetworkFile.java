// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump;

import io.snnsim.ann.AnnGraph;
import io.snnsim.dump.file.Text;
import io.snnsim.dump.layers.LayerGraph;
import io.snnsim.dump.layers.Obstacle;
import io.snnsim.error.SnnsimException;
import io.snnsim.parts.OptionalJar;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reads a network from whatever file a user has: one that holds its graph, or weights whose graph
 * is recognised or given. Stateless.
 */
public final class NetworkFile {
  private NetworkFile() {}

  /**
   * What is understood of a file.
   *
   * @param graph the network; null if it could not be put together
   * @param arch kind of file, family or graph file
   * @param obstacles why it cannot be imported; empty if it can
   */
  public record Understood(
      AnnGraph graph, String arch, List<String> notes, List<String> obstacles) {}

  /**
   * Reads as much of a network as can be understood; all that cannot is among its obstacles.
   *
   * @throws SnnsimException (input missing, usage) as {@link #read(Path, String, int[])}; (bad
   *     data) if the file itself cannot be read
   */
  public static Understood understand(Path file, String arch, int[] size) {
    FileKind kind = kind(file);
    Optional<FileKind.Layered> layers = kind.layers(file);
    if (layers.isEmpty() || arch != null) {
      return understood(imported(file, kind, layers, arch, size));
    }
    LayerGraph graph = layers.get().graph();
    List<String> obstacles =
        new ArrayList<>(graph.obstacles().stream().map(Obstacle::text).toList());
    if (obstacles.isEmpty()) {
      try {
        return understood(imported(file, kind, layers, null, size));
      } catch (SnnsimException e) {
        obstacles.add(e.getMessage());
      }
    }
    AnnGraph some = graph.understood(stem(file));
    return new Understood(some, layers.get().kind(), graph.notes(), List.copyOf(obstacles));
  }

  private static Understood understood(Imported all) {
    return new Understood(all.graph(), all.arch(), all.notes(), List.of());
  }

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
    FileKind kind = kind(file);
    return imported(file, kind, kind.layers(file), arch, size);
  }

  private static FileKind kind(Path file) {
    NpzFile.requireFile(file);
    // A model file keeps its graph as JSON.
    OptionalJar.DATABIND.require("importing a network");
    return FileKind.of(file);
  }

  private static Imported imported(
      Path file, FileKind kind, Optional<FileKind.Layered> layers, String arch, int[] size) {
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
    LayerGraph graph = layers.get().graph();
    return TwoClasses.of(
        new Imported(
            graph.finish(stem(file)), layers.get().kind(), false, graph.notes(), graph.beside()));
  }

  /** What a network is called that its file does not name. */
  private static String stem(Path file) {
    String name = String.valueOf(file.getFileName());
    int dot = name.lastIndexOf('.');
    return dot > 0 ? name.substring(0, dot) : name;
  }
}
