// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump.keras;

import io.snnsim.ann.op.AnnOp;
import io.snnsim.ann.op.Tensor;
import io.snnsim.dump.keras.Signal.Form;
import io.snnsim.dump.layers.LayerGraph;
import io.snnsim.dump.layers.Value;
import io.snnsim.geometry.MapShape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** A network while its layers are read one after the other: what they share. Used by one thread. */
final class Reading {
  /** Ways that flattened maps reach one Dense layer: each way has weights of its own. */
  private static final int MOST_ORDERS = 2;

  private final LayerGraph graph;
  private final LayerWeights weights;
  private final boolean channelsFirst;
  private final Map<Layer, Map<Object, List<Tensor>>> turned = new IdentityHashMap<>();

  /** The models that the layer at hand is in. */
  private List<String> models = List.of();

  private Value image;

  /** Makes the tensors of operators of those of the file. */
  interface Turning {
    List<Tensor> turned(List<Tensor> stored);
  }

  Reading(LayerGraph graph, LayerWeights weights, boolean channelsFirst) {
    this.graph = graph;
    this.weights = weights;
    this.channelsFirst = channelsFirst;
  }

  LayerGraph graph() {
    return graph;
  }

  /** Adds the network's input. */
  Value image(MapShape shape) {
    image = graph.input(shape);
    return image;
  }

  /** True of the network's input as it comes. */
  boolean isImage(Signal signal) {
    return signal.value() == image;
  }

  /** True if the dimensions of maps are channels, height, width. */
  boolean channelsFirst() {
    return channelsFirst;
  }

  /** Goes into a model, or back out of it. */
  void in(List<String> path, Model model) {
    models = path;
    weights.enter(path, model);
  }

  /** The name of a layer in the whole network. */
  String name(Layer layer) {
    return models.isEmpty() ? layer.name() : String.join("/", models) + "/" + layer.name();
  }

  /**
   * The tensors of a layer, turned once however often it is used.
   *
   * @param order how what it reads lies, if its tensors depend on that
   */
  List<Tensor> tensors(Layer layer, List<String> names, Object order, Turning turning) {
    Map<Object, List<Tensor>> mine = turned.computeIfAbsent(layer, l -> new HashMap<>(2));
    List<Tensor> known = mine.get(order);
    if (known != null) {
      return known;
    }
    if (mine.size() == MOST_ORDERS) {
      throw layer.bad(
          "found it used on more than "
              + MOST_ORDERS
              + " shapes of maps, expected fewer; use a layer for each");
    }
    List<String> path = new ArrayList<>(models);
    path.add(layer.name());
    List<Tensor> made = turning.turned(weights.read(path, layer, names));
    mine.put(order, made);
    return made;
  }

  /** Adds an operator of a layer to a signal whose form it keeps. */
  Signal add(Layer layer, AnnOp op, Signal... in) {
    return in[0].with(graph.add(name(layer), op, values(in)));
  }

  static Value[] values(Signal... in) {
    return Arrays.stream(in).map(Signal::value).toArray(Value[]::new);
  }

  /** A layer that cannot be imported. */
  Signal obstacle(Layer layer, String found, String advice, Signal... in) {
    return in[0].with(graph.obstacle(text(layer), found, advice, values(in)));
  }

  private String text(Layer layer) {
    return name(layer) + " (" + layer.kind() + ")";
  }

  /** A layer that does not fit what it reads, perhaps only because of one before it. */
  Signal misfit(Layer layer, String found, String advice, Signal... in) {
    return in[0].with(graph.misfit(text(layer), found, advice, values(in)));
  }

  /** A layer that reads a tensor of another form than it can. */
  Signal wrongForm(Layer layer, Signal in, String expected) {
    return misfit(
        layer,
        "found it on " + described(in) + ", expected " + expected,
        "change the model and train it again",
        in);
  }

  private static String described(Signal in) {
    return switch (in.form()) {
      case MAP -> "a map of " + in.value().shape();
      case SEQUENCE -> "a sequence of " + in.value().shape().width();
      case GREY -> "an image without channels";
      case FLAT -> in.value().shape().channels() + " features";
    };
  }

  /** Which dimension an axis means: 0 that of images; -1 if there is no such. */
  static int dimension(int axis, Form form) {
    int rank =
        switch (form) {
          case MAP -> 4;
          case SEQUENCE, GREY -> 3;
          case FLAT -> 2;
        };
    int d = axis < 0 ? axis + rank : axis;
    return d > 0 && d < rank ? d : -1;
  }

  /** True if an axis is that of channels or features. */
  boolean isChannels(int axis, Form form) {
    return switch (form) {
      case MAP -> dimension(axis, form) == (channelsFirst ? 1 : 3);
      case SEQUENCE -> dimension(axis, form) == 2;
      case GREY -> false;
      case FLAT -> dimension(axis, form) == 1;
    };
  }
}
