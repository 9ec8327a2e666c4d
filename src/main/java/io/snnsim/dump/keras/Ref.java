// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump.keras;

import io.snnsim.json.JsonValue;
import java.util.ArrayList;
import java.util.List;

/**
 * Names a result of a layer. Immutable.
 *
 * @param layer its name
 * @param call which time the layer is used, from 0
 * @param tensor which of its results
 */
record Ref(String layer, int call, int tensor) {
  /**
   * All that are named in a piece of a configuration, in order: Keras 2 writes [name, call, tensor,
   * options], Keras 3 objects whose history is such a list.
   */
  static List<Ref> in(JsonValue from) {
    List<Ref> found = new ArrayList<>();
    gather(from, found);
    return found;
  }

  private static void gather(JsonValue from, List<Ref> into) {
    switch (from) {
      case JsonValue.Arr(var items) -> {
        if (items.size() >= 3
            && items.get(0) instanceof JsonValue.Str(String name)
            && items.get(1) instanceof JsonValue.Num
            && items.get(2) instanceof JsonValue.Num) {
          into.add(new Ref(name, items.get(1).asInt(-1), items.get(2).asInt(-1)));
          items.subList(3, items.size()).forEach(item -> gather(item, into));
        } else {
          items.forEach(item -> gather(item, into));
        }
      }
      case JsonValue.Obj(var fields) -> {
        if (from.get("class_name").asText().equals("__keras_tensor__")) {
          gather(from.get("config").get("keras_history"), into);
        } else {
          fields.values().forEach(value -> gather(value, into));
        }
      }
      default -> {}
    }
  }
}
