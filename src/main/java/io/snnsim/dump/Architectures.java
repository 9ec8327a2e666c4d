// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump;

import io.snnsim.ann.op.Tensor;
import io.snnsim.error.SnnsimException;
import io.snnsim.parts.OptionalJar;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Builds networks of known families, or of a JSON graph file, from a dump. Stateless. */
public final class Architectures {
  private static final String CIFAR = "resnet-cifar";
  private static final String MNIST = "resnet-mnist";

  /** Names of the known families. */
  public static final List<String> NAMES = List.of(CIFAR, MNIST);

  private Architectures() {}

  /**
   * Builds a network.
   *
   * @param arch a family's name, a path to a graph file, or null to recognise the family by the
   *     names and shapes of the tensors
   * @throws SnnsimException (usage) for an unknown name; (input missing) for a {@code .json} file
   *     that is not there; (bad data) for tensors that do not fit
   */
  public static Imported build(WeightDump dump, String arch) {
    // Also for a family: a model file keeps its graph as JSON.
    OptionalJar.DATABIND.require("importing a network");
    boolean guessed = arch == null;
    String name = guessed ? guess(dump) : arch;
    List<String> notes = new ArrayList<>(dump.notes());
    if (NAMES.contains(name)) {
      SmallImageResNet family = new SmallImageResNet(dump, name, name.equals(MNIST) ? 1 : 3);
      var graph = family.build();
      notes.add(family.description());
      return new Imported(graph, name, guessed, List.copyOf(notes));
    }
    if (name.endsWith(".json") || exists(name)) {
      return new Imported(GraphJson.read(Path.of(name), dump), name, false, List.copyOf(notes));
    }
    throw SnnsimException.usage(
        "--arch "
            + Text.oneLine(name)
            + ": unknown, expected one of "
            + String.join(", ", NAMES)
            + " or the path of a JSON graph file");
  }

  private static boolean exists(String name) {
    try {
      return !name.isBlank() && Files.exists(Path.of(name));
    } catch (InvalidPathException e) {
      return false;
    }
  }

  private static String guess(WeightDump dump) {
    Set<String> names = dump.tensors().keySet();
    if (names.stream().anyMatch(n -> n.startsWith("layer1."))) {
      if (names.stream().anyMatch(n -> n.startsWith("layer4."))) {
        throw SnnsimException.badData(
            dump.file()
                + ": found a ResNet of four stages (layer4), expected the three of "
                + CIFAR
                + "; describe the network in a JSON graph file and give it to --arch");
      }
      Tensor first = dump.tensors().get("conv1.weight");
      return first != null && first.rank() == 4 && first.shape()[1] == 1 ? MNIST : CIFAR;
    }
    throw SnnsimException.badData(
        dump.file()
            + ": found "
            + (names.isEmpty() ? "no tensors" : "tensors such as " + Text.some(names, 4))
            + ", expected those of a known family ("
            + String.join(", ", NAMES)
            + "); describe the network in a JSON graph file and give it to --arch");
  }
}
