// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump.keras;

import io.snnsim.dump.file.Text;
import io.snnsim.error.SnnsimException;
import io.snnsim.json.JsonValue;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Makes models of the configurations that Keras 2 and 3 write. Stateless. */
final class ConfigReader {
  /** Of a Sequential model that says the shape of its images elsewhere. */
  private static final String IMPLIED_INPUT = "input";

  private static final List<String> SHAPES = List.of("batch_shape", "batch_input_shape");

  private ConfigReader() {}

  /** True if a configuration tells of layers at all. */
  static boolean hasLayers(JsonValue root) {
    return !layers(root).items().isEmpty();
  }

  private static JsonValue layers(JsonValue model) {
    JsonValue config = model.get("config");
    return config instanceof JsonValue.Arr ? config : config.get("layers");
  }

  /**
   * Reads a model.
   *
   * @param where file and model, for messages
   */
  static Model model(JsonValue json, String where) {
    String kind = json.get("class_name").asText();
    List<JsonValue> list = layers(json).items();
    boolean sequential = kind.equals("Sequential");
    if (list.isEmpty()
        || !(sequential || json.get("config").get("input_layers").items().size() > 0)) {
      throw SnnsimException.badData(
          where
              + ": found a model of class '"
              + Text.oneLine(kind)
              + "' without a list of layers and inputs, expected Sequential or Functional, since no"
              + " code of a file is run; build the model of layers and save it");
    }
    Map<String, Layer> layers = new LinkedHashMap<>();
    List<Layer> order = new ArrayList<>();
    for (JsonValue item : list) {
      Layer layer = layer(item, where, layers.size());
      if (layers.put(layer.name(), layer) != null) {
        throw SnnsimException.badData(
            layer.where() + ": found the name twice, expected names once each");
      }
      order.add(layer);
    }
    return sequential ? chain(json, order, where) : functional(json, layers, where);
  }

  private static Layer layer(JsonValue item, String where, int index) {
    String given = item.get("name").asText();
    String named = given.isEmpty() ? item.get("config").get("name").asText() : given;
    String kind = item.get("class_name").asText();
    String name = named.isEmpty() ? kind + "_" + index : named;
    String at = where + ", layer " + Text.oneLine(name);
    if (kind.isEmpty() || !(item.get("config") instanceof JsonValue.Obj || hasLayers(item))) {
      throw SnnsimException.badData(
          at + ": found a layer without class_name or config, expected both");
    }
    boolean model = hasLayers(item);
    return new Layer(
        name,
        Text.oneLine(custom(item) ? "custom " + kind : kind),
        at,
        item.get("config"),
        Call.all(item.get("inbound_nodes")),
        model ? model(item, at) : null);
  }

  /** True of a class that is not of Keras, whatever it is called. */
  private static boolean custom(JsonValue item) {
    String module = item.get("module").asText();
    String root = module.replaceFirst("\\..*", "");
    boolean ours = List.of("", "keras", "tf_keras", "tensorflow", "keras_core").contains(root);
    return !ours || item.get("registered_name").asText().contains(">");
  }

  private static Model functional(JsonValue json, Map<String, Layer> layers, String where) {
    Ref in = only(json, "input_layers", where);
    Ref out = only(json, "output_layers", where);
    if (!layers.containsKey(in.layer())) {
      throw SnnsimException.badData(
          where
              + ": found no layer "
              + Text.oneLine(in.layer())
              + ", which is named as the input, expected it among the layers");
    }
    return new Model(where, layers, in.layer(), out);
  }

  private static Ref only(JsonValue json, String what, String where) {
    List<Ref> refs = Ref.in(json.get("config").get(what));
    if (refs.size() != 1) {
      throw SnnsimException.badData(
          where
              + ": found "
              + refs.size()
              + " "
              + what
              + (refs.isEmpty() ? "" : " (" + Text.some(names(refs), 4) + ")")
              + ", expected one; save a model of one input and one output, such as"
              + " keras.Model(inputs, logits)");
    }
    return refs.getFirst();
  }

  private static List<String> names(List<Ref> refs) {
    return refs.stream().map(Ref::layer).toList();
  }

  /** A Sequential model, whose layers read the one before. */
  private static Model chain(JsonValue json, List<Layer> order, String where) {
    Map<String, Layer> layers = new LinkedHashMap<>();
    Layer first = order.getFirst();
    if (!first.kind().equals("InputLayer")) {
      Map<String, JsonValue> config = Map.of("batch_shape", impliedShape(json, first));
      first =
          new Layer(
              layers.isEmpty() && named(order, IMPLIED_INPUT) ? IMPLIED_INPUT + "_" : IMPLIED_INPUT,
              "InputLayer",
              where,
              new JsonValue.Obj(config),
              List.of(),
              null);
      layers.put(first.name(), first);
    }
    String before = first.name();
    for (Layer layer : order) {
      List<Call> calls = layer == first ? List.of() : List.of(Call.of(new Ref(before, 0, 0)));
      layers.put(
          layer.name(),
          new Layer(
              layer.name(), layer.kind(), layer.where(), layer.config(), calls, layer.nested()));
      before = layer.name();
    }
    return new Model(where, layers, first.name(), new Ref(before, 0, 0));
  }

  private static boolean named(List<Layer> layers, String name) {
    return layers.stream().anyMatch(l -> l.name().equals(name));
  }

  /** The shape that a Sequential model without InputLayer takes, or nothing. */
  private static JsonValue impliedShape(JsonValue json, Layer first) {
    List<JsonValue> places = new ArrayList<>();
    SHAPES.forEach(name -> places.add(first.config().get(name)));
    if (first.nested() != null) {
      Layer inner = first.nested().layers().get(first.nested().input());
      SHAPES.forEach(name -> places.add(inner.config().get(name)));
    }
    places.add(json.get("config").get("build_input_shape"));
    places.add(json.get("build_config").get("input_shape"));
    return places.stream()
        .filter(p -> p instanceof JsonValue.Arr)
        .findFirst()
        .orElse(new JsonValue.Missing());
  }
}
