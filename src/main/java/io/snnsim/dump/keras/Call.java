// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump.keras;

import io.snnsim.json.JsonValue;
import java.util.ArrayList;
import java.util.List;

/**
 * A use of a layer. Immutable.
 *
 * @param reads the results that it is given, in order
 * @param arguments the same and whatever else it is given, as the configuration has them
 */
record Call(List<Ref> reads, List<JsonValue> arguments) {
  /** Names of what an operation is given second. */
  private static final List<String> SECOND = List.of("x2", "y");

  /** A use that reads one result. */
  static Call of(Ref ref) {
    return new Call(List.of(ref), List.of());
  }

  /** Every use of a layer. */
  static List<Call> all(JsonValue inboundNodes) {
    return inboundNodes.items().stream()
        .map(node -> new Call(Ref.in(node), arguments(node)))
        .filter(call -> !call.reads().isEmpty())
        .toList();
  }

  private static List<JsonValue> arguments(JsonValue node) {
    List<JsonValue> found = new ArrayList<>(node.get("args").items());
    JsonValue named = node.get("kwargs");
    List<JsonValue> old = node.items();
    if (!old.isEmpty()) {
      // Keras 2: the result that is read, and with it what else is given by name.
      List<JsonValue> first = old.getFirst() instanceof JsonValue.Arr(var items) ? items : old;
      found.add(new JsonValue.Arr(first));
      named = first.getLast();
    }
    for (String name : SECOND) {
      if (!(named.get(name) instanceof JsonValue.Missing)) {
        found.add(named.get(name));
      }
    }
    return found;
  }
}
