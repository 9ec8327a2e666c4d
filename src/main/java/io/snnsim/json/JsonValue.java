// SPDX-License-Identifier: Apache-2.0
package io.snnsim.json;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.snnsim.error.SnnsimException;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A piece of JSON that was read: asking for what is not there gives {@link Missing}, so that a
 * reader asks for all it knows and says once what did not fit. Immutable; {@link #toString} is its
 * JSON text.
 */
public sealed interface JsonValue {
  /** Objects and lists within each other. What model files keep has three. */
  int MOST_DEPTH = 32;

  /** Nothing: the field of an object that has none of that name, for instance. */
  record Missing() implements JsonValue {
    @Override
    public String toString() {
      return "";
    }
  }

  /** The word {@code null}. */
  record Null() implements JsonValue {
    @Override
    public String toString() {
      return "null";
    }
  }

  /** True or false. */
  record Bool(boolean value) implements JsonValue {
    @Override
    public String toString() {
      return Boolean.toString(value);
    }
  }

  /**
   * A number.
   *
   * @param text as it was written
   * @param value the nearest double; infinite beyond their range
   */
  record Num(String text, double value) implements JsonValue {
    @Override
    public String toString() {
      return text;
    }
  }

  /** A string. */
  record Str(String value) implements JsonValue {
    @Override
    public String toString() {
      return quoted(value);
    }
  }

  /** A list. */
  record Arr(List<JsonValue> items) implements JsonValue {
    @Override
    public String toString() {
      StringBuilder text = new StringBuilder();
      for (JsonValue item : items) {
        text.append(text.isEmpty() ? "" : ",").append(item);
      }
      return "[" + text + "]";
    }
  }

  /** Named values; of two with one name the last. */
  record Obj(Map<String, JsonValue> fields) implements JsonValue {
    @Override
    public String toString() {
      StringBuilder text = new StringBuilder();
      fields.forEach(
          (name, value) ->
              text.append(text.isEmpty() ? "" : ",")
                  .append(quoted(name))
                  .append(":")
                  .append(value));
      return "{" + text + "}";
    }
  }

  /**
   * Reads the first value of a text; what follows it is not looked at.
   *
   * @param text UTF-8
   * @param from its name in messages
   * @param expected what it should have been, for messages
   * @throws SnnsimException (bad data) if it is no JSON or nested too deeply
   */
  static JsonValue parse(byte[] text, String from, String expected) {
    try (JsonParser parser = Factories.READS.createParser(text)) {
      return parser.nextToken() == null ? new Missing() : value(parser, from, expected);
    } catch (JacksonException e) {
      String line = e.getLocation() == null ? "" : " at line " + e.getLocation().getLineNr();
      throw SnnsimException.badData(from + ": not JSON" + line + ", expected " + expected);
    } catch (IOException e) {
      throw SnnsimException.badData(from + ": " + e.getMessage());
    }
  }

  private static JsonValue value(JsonParser parser, String from, String expected)
      throws IOException {
    if (parser.getParsingContext().getNestingDepth() > MOST_DEPTH) {
      throw SnnsimException.badData(
          from
              + ": nested deeper than "
              + MOST_DEPTH
              + " at line "
              + parser.currentLocation().getLineNr()
              + ", expected "
              + expected);
    }
    return switch (parser.currentToken()) {
      case START_OBJECT -> {
        Map<String, JsonValue> fields = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
          String name = parser.currentName();
          parser.nextToken();
          fields.put(name, value(parser, from, expected));
        }
        yield new Obj(fields);
      }
      case START_ARRAY -> {
        List<JsonValue> items = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          items.add(value(parser, from, expected));
        }
        yield new Arr(items);
      }
      case VALUE_STRING -> new Str(parser.getText());
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT ->
          new Num(parser.getText(), Double.parseDouble(parser.getText()));
      case VALUE_TRUE -> new Bool(true);
      case VALUE_FALSE -> new Bool(false);
      case VALUE_NULL -> new Null();
      case NOT_AVAILABLE, END_OBJECT, END_ARRAY, FIELD_NAME, VALUE_EMBEDDED_OBJECT ->
          throw new IllegalStateException("token " + parser.currentToken());
    };
  }

  /** A string as JSON has it. */
  private static String quoted(String value) {
    StringWriter text = new StringWriter();
    try (JsonGenerator out = Factories.WRITES.createGenerator(text)) {
      out.writeString(value);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toString();
  }

  /** The value of that name, if this is an object that has one. */
  default JsonValue get(String name) {
    return this instanceof Obj(var fields)
        ? fields.getOrDefault(name, new Missing())
        : new Missing();
  }

  /** The items of a list; none if this is something else. */
  default List<JsonValue> items() {
    return this instanceof Arr(var items) ? items : List.of();
  }

  /** The whole number that this is, or {@code otherwise}. */
  default int asInt(int otherwise) {
    return this instanceof Num n && n.value() == (int) n.value() ? (int) n.value() : otherwise;
  }

  /** The number that this is, or NaN. */
  default double asDouble() {
    return this instanceof Num n ? n.value() : Double.NaN;
  }

  /** The string that this is, or an empty one. */
  default String asText() {
    return this instanceof Str(String value) ? value : "";
  }

  /** True if this is {@code true}. */
  default boolean isTrue() {
    return this instanceof Bool(boolean value) && value;
  }
}
