// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump.keras;

import io.snnsim.dump.file.Text;
import io.snnsim.json.JsonValue;

/** Writes pieces of configurations in messages. Stateless. */
final class Texts {
  private Texts() {}

  /** A short one whole, of a long one its kind, since its text may be as large as the file. */
  static String of(JsonValue value) {
    return switch (value) {
      case JsonValue.Obj _ -> "an object";
      case JsonValue.Arr(var items) when items.size() > 8 -> "a list of " + items.size();
      case JsonValue.Arr(var items) ->
          Text.oneLine("[" + String.join(", ", items.stream().map(Texts::of).toList()) + "]");
      case JsonValue.Str(String text) -> "'" + Text.oneLine(text) + "'";
      default -> Text.oneLine(value.toString());
    };
  }
}
