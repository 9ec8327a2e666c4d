// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump;

import io.snnsim.ann.AnnGraph;
import io.snnsim.ann.op.Tensor;
import io.snnsim.dump.file.Text;
import io.snnsim.dump.keras.KerasWeights;
import io.snnsim.dump.keras.PlainChain;
import io.snnsim.dump.layers.LayerGraph;
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

  /** Not named by users: weights of Keras without the model. */
  private static final String CHAIN = "keras-chain";

  /** Names of the known families. */
  public static final List<String> NAMES =
      List.of(CIFAR, MNIST, ResNet.NAME, Vgg.NAME, MobileNet.NAME, Mlp.NAME);

  private Architectures() {}

  /** Builds a network for images of its family's usual size. */
  public static Imported build(WeightDump dump, String arch) {
    return build(dump, arch, null);
  }

  /**
   * Builds a network.
   *
   * @param arch a family's name, a path to a graph file, or null to recognise the family by the
   *     names and shapes of the tensors
   * @param size height and width of the images where a family takes any, or null if not known
   * @throws SnnsimException (usage) for an unknown name; (input missing) for a {@code .json} file
   *     that is not there; (bad data) for tensors that do not fit
   */
  public static Imported build(WeightDump dump, String arch, int[] size) {
    // Also for a family: a model file keeps its graph as JSON.
    OptionalJar.DATABIND.require("importing a network");
    boolean guessed = arch == null;
    if (guessed && dump.keras()) {
      LayerGraph chain = PlainChain.of(dump.tensors(), dump.file().toString(), size);
      List<String> notes = new ArrayList<>(dump.notes());
      notes.addAll(chain.notes());
      return new Imported(chain.finish(CHAIN), CHAIN, true, List.copyOf(notes));
    }
    if (guessed || NAMES.contains(arch)) {
      WeightDump net =
          TensorTrees.choose(
              dump, names -> isResNet(names) || isVgg(names) || MobileNet.isNamed(names) ? 1 : 0);
      String name = guessed ? guess(net) : arch;
      List<String> notes = new ArrayList<>(net.notes());
      Family family = family(name, net, size);
      AnnGraph graph = family.build();
      notes.add(family.description());
      return new Imported(graph, name, guessed, List.copyOf(notes));
    }
    if (arch.endsWith(".json") || exists(arch)) {
      Path file = Path.of(arch);
      Set<String> texts = GraphJson.texts(file);
      WeightDump net = TensorTrees.choose(dump, names -> named(names, texts));
      AnnGraph graph = GraphJson.read(file, net);
      List<String> notes = new ArrayList<>(net.notes());
      return new Imported(
          net.keras() ? KerasWeights.flattened(graph, notes) : graph,
          arch,
          false,
          List.copyOf(notes));
    }
    throw SnnsimException.usage(
        "--arch "
            + Text.oneLine(arch)
            + ": unknown, expected one of "
            + String.join(", ", NAMES)
            + " or the path of a JSON graph file");
  }

  private static Family family(String name, WeightDump net, int[] size) {
    return switch (name) {
      case ResNet.NAME -> new ResNet(net, size);
      case Vgg.NAME -> new Vgg(net, size);
      case MobileNet.NAME -> new MobileNet(net, size);
      case Mlp.NAME -> new Mlp(net);
      default -> new SmallImageResNet(net, name, name.equals(MNIST) ? 1 : 3);
    };
  }

  private static boolean exists(String name) {
    try {
      return !name.isBlank() && Files.exists(Path.of(name));
    } catch (InvalidPathException e) {
      return false;
    }
  }

  private static boolean isVgg(Set<String> names) {
    return names.contains("features.0.weight")
        && names.stream().anyMatch(n -> n.startsWith("classifier."))
        && names.stream().noneMatch(n -> n.matches("features\\.\\d+\\.conv.*"));
  }

  private static boolean isResNet(Set<String> names) {
    return names.stream().anyMatch(n -> n.startsWith("layer1."));
  }

  /** How many tensors a graph with these texts names, itself or by the node that they are of. */
  private static int named(Set<String> names, Set<String> texts) {
    return (int)
        names.stream()
            .filter(n -> texts.contains(n) || texts.contains(n.replaceFirst("\\.[^.]*$", "")))
            .count();
  }

  private static String guess(WeightDump dump) {
    Set<String> names = dump.tensors().keySet();
    if (isResNet(names)) {
      Tensor stem = dump.tensors().get("conv1.weight");
      boolean large = stem != null && stem.rank() == 4 && stem.shape()[2] > 3;
      if (large
          || names.contains("layer1.0.conv3.weight")
          || names.stream().anyMatch(n -> n.startsWith("layer4."))) {
        return ResNet.NAME;
      }
      Tensor first = dump.tensors().get("conv1.weight");
      return first != null && first.rank() == 4 && first.shape()[1] == 1 ? MNIST : CIFAR;
    }
    if (isVgg(names)) {
      return Vgg.NAME;
    }
    if (MobileNet.fits(dump)) {
      return MobileNet.NAME;
    }
    if (Mlp.fits(dump)) {
      return Mlp.NAME;
    }
    String prefixes = TensorTrees.prefixes(dump);
    throw SnnsimException.badData(
        dump.file()
            + ": found "
            + (names.isEmpty() ? "no tensors" : "tensors such as " + Text.some(names, 4))
            + (prefixes.isEmpty() ? "" : ", under " + prefixes)
            + ", expected those of a known family ("
            + String.join(", ", NAMES)
            + "); describe the network in a JSON graph file and give it to --arch");
  }
}
