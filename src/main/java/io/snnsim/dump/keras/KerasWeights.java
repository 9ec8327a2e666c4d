// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump.keras;

import io.snnsim.ann.AnnGraph;
import io.snnsim.ann.AnnNode;
import io.snnsim.ann.op.BatchNorm;
import io.snnsim.ann.op.Flatten;
import io.snnsim.ann.op.Identity;
import io.snnsim.ann.op.Linear;
import io.snnsim.ann.op.Relu;
import io.snnsim.ann.op.Tensor;
import io.snnsim.geometry.MapShape;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Knows files that have weights of Keras without the graph: how they are named, and how a graph
 * that comes from elsewhere reads them. Stateless.
 */
public final class KerasWeights {
  /** A layer's name and that of its tensor, in Keras 2. */
  private static final Pattern NAMED =
      Pattern.compile("(?:.*[/.])?([^/.]+)[/.](\\w*kernel|bias|gamma|beta|moving_\\w+):\\d+");

  /** The same in Keras 3, which counts them. */
  private static final Pattern NUMBERED =
      Pattern.compile("(?:.*[/.\\\\])?([^/.\\\\]+)[/.\\\\]vars[/.\\\\](\\d{1,4})");

  private static final Pattern TRAINING =
      Pattern.compile("(optimizer|optimizer_weights)/.*|.*/seed_generator/.*|.*/count:\\d+");

  private KerasWeights() {}

  /** Which tensor of which layer a name or path means, or null. */
  record Place(String layer, String tensor) {
    static Place of(String name) {
      Matcher named = NAMED.matcher(name);
      if (named.matches()) {
        return new Place(named.group(1), named.group(2));
      }
      Matcher numbered = NUMBERED.matcher(name);
      return numbered.matches() ? new Place(numbered.group(1), numbered.group(2)) : null;
    }

    boolean isDepthwise() {
      return tensor.equals("depthwise_kernel")
          || (layer.contains("depthwise") && (tensor.equals("kernel") || tensor.equals("0")));
    }

    boolean isKernel() {
      return tensor.endsWith("kernel") || tensor.equals("0") || tensor.equals("1");
    }
  }

  /** True if a file's tensors are named as Keras does. */
  public static boolean areThese(Set<String> paths) {
    return paths.stream()
        .filter(path -> !isTraining(path))
        .map(Place::of)
        .anyMatch(place -> place != null && place.isKernel());
  }

  /** True of an optimizer's tensors and of those that count. */
  public static boolean isTraining(String path) {
    return TRAINING.matcher(path).matches();
  }

  /** A tensor as operators have it: convolutions OIHW, dense layers out, in. */
  public static Tensor turned(String path, Tensor tensor) {
    Place place = Place.of(path);
    if (place == null || !place.isKernel()) {
      return tensor;
    }
    return switch (tensor.rank()) {
      case 2 -> Kernels.dense(tensor, null);
      case 3 -> Kernels.sequence(tensor);
      case 4 -> place.isDepthwise() ? Kernels.depthwise(tensor) : Kernels.convolution(tensor);
      default -> tensor;
    };
  }

  /**
   * The network in which what comes after a flattened map reads it channels first, as ours lie,
   * where the tensors are for channels last.
   *
   * @param notes is told which layers were changed
   */
  public static AnnGraph flattened(AnnGraph graph, List<String> notes) {
    List<AnnNode> nodes = new ArrayList<>();
    for (AnnNode node : graph.nodes()) {
      MapShape map = node.inputs().size() == 1 ? flattened(graph, node.inputs().getFirst()) : null;
      AnnNode turned = map == null ? node : reordered(node, map);
      if (turned != node) {
        notes.add(
            node.name() + " reads the flattened map " + map + " channels last, as Keras does");
      }
      nodes.add(turned);
    }
    return new AnnGraph(graph.name(), nodes);
  }

  /** The map that a node gives flattened, if its order matters. */
  private static MapShape flattened(AnnGraph graph, String name) {
    AnnNode at = graph.node(name);
    while (at.op() instanceof Identity || at.op() instanceof Relu || at.op() instanceof BatchNorm) {
      at = graph.node(at.inputs().getFirst());
    }
    if (!(at.op() instanceof Flatten)) {
      return null;
    }
    MapShape map = graph.shape(graph.indexOf(at.inputs().getFirst()));
    return map.channels() > 1 && map.plane() > 1 ? map : null;
  }

  private static AnnNode reordered(AnnNode node, MapShape map) {
    return switch (node.op()) {
      case Linear l -> new AnnNode(node.name(), reordered(l, map), node.inputs());
      case BatchNorm b ->
          new AnnNode(
              node.name(),
              new BatchNorm(
                  features(b.gamma(), map),
                  features(b.beta(), map),
                  features(b.mean(), map),
                  features(b.var(), map),
                  b.eps()),
              node.inputs());
      default -> node;
    };
  }

  private static Tensor features(Tensor t, MapShape map) {
    return new Tensor(t.shape(), Kernels.features(t.data(), Signal.order(List.of(map))));
  }

  /** A dense layer whose inputs lie channels first, of one whose lie channels last. */
  static Linear reordered(Linear l, MapShape map) {
    int[] order = Signal.order(List.of(map));
    int in = order.length;
    float[] from = l.weight().data();
    float[] to = new float[from.length];
    for (int o = 0; o < from.length; o += in) {
      for (int i = 0; i < in; i++) {
        to[o + i] = from[o + order[i]];
      }
    }
    return new Linear(new Tensor(l.weight().shape(), to), l.bias());
  }
}
