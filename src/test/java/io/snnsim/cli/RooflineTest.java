// SPDX-License-Identifier: Apache-2.0
package io.snnsim.cli;

import static io.snnsim.fixture.Bundled.IMAGES;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.snnsim.fixture.Bundled;
import io.snnsim.fixture.ProgramProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;

/** {@code tools/roofline.py} on the profile of a real run, and on what is none. */
@Tag("slow")
class RooflineTest {
  private static final String PYTHON = "/usr/bin/python3";

  @TempDir static Path dir;

  private record Done(int code, String err) {}

  @BeforeAll
  static void profile() {
    assumeTrue(Files.isExecutable(Path.of(PYTHON)), PYTHON);
    Path model = Bundled.model(dir);
    Bundled.execute(
            "run",
            model.toString(),
            IMAGES,
            "--steps",
            "8",
            "--limit",
            "4",
            "--no-ann",
            "--profile",
            "--json",
            dir.resolve("run.json").toString())
        .ok();
  }

  private static Done draw(Path json, Path svg) throws Exception {
    Process p =
        new ProcessBuilder(PYTHON, "tools/roofline.py", json.toString(), "-o", svg.toString())
            .start();
    String err = new String(p.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Done(p.waitFor(), err);
  }

  private static JsonNode run() throws IOException {
    return new ObjectMapper().readTree(dir.resolve("run.json").toFile());
  }

  @Test
  void everyPopulationIsListedAndTheFastOnesAreDots() throws Exception {
    Path svg = dir.resolve("roofline.svg");
    assertEquals(new Done(0, ""), draw(dir.resolve("run.json"), svg));
    Document picture =
        DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(svg.toFile());
    List<String> texts = new ArrayList<>();
    NodeList nodes = picture.getElementsByTagName("text");
    for (int i = 0; i < nodes.getLength(); i++) {
      texts.add(nodes.item(i).getTextContent());
    }
    double fastest = 0;
    for (JsonNode p : run().path("profile").path("populations")) {
      assertTrue(texts.contains(p.path("name").asText()), texts.toString());
      fastest = Math.max(fastest, p.path("gops").asDouble());
    }
    int dots = 0;
    for (JsonNode p : run().path("profile").path("populations")) {
      dots += p.path("gops").asDouble() * 100 >= fastest ? 1 : 0;
    }
    int circles = picture.getElementsByTagName("circle").getLength();
    // The key shows one or two dots more.
    assertTrue(circles == dots + 1 || circles == dots + 2, circles + " for " + dots);
    for (int k = 1; k <= dots; k++) {
      // The number stands by the dot and in the list.
      String number = String.valueOf(k);
      assertTrue(texts.stream().filter(number::equals).count() >= 2, number + " in " + texts);
    }
    assertTrue(texts.stream().anyMatch(t -> t.matches("L1 \\d+ GB/s")), texts.toString());
    assertFalse(Files.readString(svg).contains("nan"));
  }

  @Test
  void whatIsNoProfileIsRefusedInOneLine() throws Exception {
    Path svg = dir.resolve("none.svg");
    Path json = dir.resolve("bad.json");
    Done missing = draw(dir.resolve("missing.json"), svg);
    assertEquals(66, missing.code());
    assertTrue(missing.err().contains("no such file"), missing.err());

    ObjectNode run = (ObjectNode) run();
    ((ObjectNode) run.path("profile")).remove("msPerStepMedian");
    for (String text :
        List.of("{", "[]", "{\"profile\": null}", "{\"profile\": {}}", run.toString())) {
      Files.writeString(json, text);
      Done bad = draw(json, svg);
      assertEquals(65, bad.code(), bad.err());
      String said = ProgramProcess.oneLine(bad.err());
      assertTrue(said.startsWith("tools/roofline.py: " + json), said);
    }
    assertFalse(Files.exists(svg));
    Done unwritable = draw(dir.resolve("run.json"), dir.resolve("no/such/folder.svg"));
    assertEquals(74, unwritable.code(), unwritable.err());
  }
}
