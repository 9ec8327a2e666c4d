// SPDX-License-Identifier: Apache-2.0
package io.snnsim.json;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against the whole of Jackson, which wrote and read these sections before: the same bytes. */
class JsonValueTest {
  private static JsonValue parse(String text) {
    return JsonValue.parse(text.getBytes(StandardCharsets.UTF_8), "f", "a plan");
  }

  @Tag("slow")
  @Test
  void writesWhatTheTreeModelWrote() {
    Random random = new Random(5);
    for (int i = 0; i < 200; i++) {
      ObjectNode root = new ObjectMapper().createObjectNode();
      String name = name(random);
      double[] values = new double[random.nextInt(4)];
      ArrayNode list = root.put("schemaVersion", 1).put("name", name).putArray("values");
      for (int v = 0; v < values.length; v++) {
        values[v] = Double.longBitsToDouble(random.nextLong());
        values[v] = Double.isFinite(values[v]) ? values[v] : 0;
        list.add(values[v]);
      }
      ArrayNode objects = root.put("flag", i % 2 == 0).putArray("objects");
      for (int o = 0; o < i % 3; o++) {
        objects.addObject().put("name", name).put("rate", o / 3.0);
      }
      boolean flag = i % 2 == 0;
      int objectCount = i % 3;
      byte[] now =
          JsonText.object(
              out -> {
                out.writeNumberField("schemaVersion", 1);
                out.writeStringField("name", name);
                out.writeFieldName("values");
                out.writeArray(values, 0, values.length);
                out.writeBooleanField("flag", flag);
                out.writeArrayFieldStart("objects");
                for (int o = 0; o < objectCount; o++) {
                  out.writeStartObject();
                  out.writeStringField("name", name);
                  out.writeNumberField("rate", o / 3.0);
                  out.writeEndObject();
                }
                out.writeEndArray();
              });
      byte[] before = (root.toPrettyString() + "\n").getBytes(StandardCharsets.UTF_8);
      assertArrayEquals(before, now, () -> new String(now, StandardCharsets.UTF_8));
      // What messages show of a file is the same text as well.
      assertEquals(root.toString(), JsonValue.parse(now, "f", "a plan").toString());
    }
  }

  /** Of all sorts of characters: some are escaped, some take several bytes. */
  private static String name(Random random) {
    StringBuilder name = new StringBuilder();
    for (int n = random.nextInt(8); n > 0; n--) {
      int c = random.nextInt(n % 2 == 0 ? 0x80 : 0x20000);
      name.appendCodePoint(Character.isDefined(c) && (c < 0xd800 || c > 0xdfff) ? c : '\n');
    }
    return name.toString();
  }

  @Test
  void askingForWhatIsNotThereGivesNothing() {
    JsonValue root = parse("{\"a\": [1, 2.5, \"x\"], \"b\": true, \"c\": null, \"b\": false}");
    assertEquals(List.of(), root.get("none").get("deeper").items());
    assertEquals("", root.get("none").toString());
    assertEquals(3, root.get("a").items().size());
    assertEquals(1, root.get("a").items().get(0).asInt(0));
    assertEquals(-1, root.get("a").items().get(1).asInt(-1));
    assertEquals(2.5, root.get("a").items().get(1).asDouble());
    assertEquals("x", root.get("a").items().get(2).asText());
    assertTrue(Double.isNaN(root.get("a").items().get(2).asDouble()));
    assertEquals("null", root.get("c").toString());
    assertEquals(new JsonValue.Bool(false), root.get("b"), "the last of two, as ever");
    assertEquals(new JsonValue.Missing(), parse(" \n"));
    assertEquals(0, parse("1e99").asInt(0));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"{\n\"a\"", "[1,\n2", "{\n\"a\": truth}", "[1\n2]", "\n\u0007", "[\n{\"a\":1]"})
  void brokenTextIsRefusedWithItsLine(String text) {
    SnnsimException e = assertThrows(SnnsimException.class, () -> parse(text));
    assertEquals(Category.BAD_DATA, e.category());
    assertEquals("f: not JSON at line 2, expected a plan", e.getMessage());
  }

  @Test
  void depthIsBounded() {
    int most = JsonValue.MOST_DEPTH;
    parse("[".repeat(most) + "]".repeat(most));
    for (String open : new String[] {"[", "{\"a\":"}) {
      for (int depth : new int[] {most + 1, most + 2, 1_000_000}) {
        SnnsimException e =
            assertThrows(SnnsimException.class, () -> parse("\n" + open.repeat(depth)));
        assertEquals(
            "f: nested deeper than 32 at line 2, expected a plan", e.getMessage(), open + depth);
      }
    }
  }
}
