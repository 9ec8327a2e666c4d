// SPDX-License-Identifier: Apache-2.0
package io.snnsim.cli;

import static io.snnsim.fixture.Bundled.IMAGES;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.snnsim.fixture.Bundled;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code snnsim run --profile}: counts that add up, documented fields, unchanged results. */
class ProfilerTest {
  @TempDir static Path shared;

  @BeforeAll
  static void convert() {
    Bundled.model(shared);
  }

  private static Bundled.Done run(String... more) {
    List<String> args =
        new ArrayList<>(List.of("run", shared.resolve("m.snn").toString(), IMAGES, "--no-ann"));
    args.addAll(List.of(more));
    return Bundled.execute(args.toArray(String[]::new)).ok();
  }

  private static JsonNode json(String... more) throws IOException {
    List<String> args = new ArrayList<>(List.of("--json", "-"));
    args.addAll(List.of(more));
    return new ObjectMapper().readTree(run(args.toArray(String[]::new)).out());
  }

  private static Set<String> documented() throws IOException {
    Set<String> names = new TreeSet<>();
    String page = Files.readString(Path.of("docs/guide/profile.md"));
    for (String line : page.substring(0, page.indexOf("\n## The roofline")).lines().toList()) {
      if (line.startsWith("| `")) {
        Matcher name =
            Pattern.compile("`([^`]+)`").matcher(line.substring(0, line.indexOf('|', 1)));
        while (name.find()) {
          names.add(name.group(1));
        }
      }
    }
    return names;
  }

  private static void fields(String prefix, JsonNode node, Set<String> names) {
    node.properties()
        .forEach(
            e -> {
              JsonNode value = e.getValue();
              String name = prefix + e.getKey() + (value.isArray() ? "[]" : "");
              names.add(name);
              if (value.isObject()) {
                fields(name + ".", value, names);
              }
              for (JsonNode item : value.isArray() ? value : List.<JsonNode>of()) {
                fields(name + ".", item, names);
              }
            });
  }

  @Tag("slow")
  @Test
  void countsAddUpAndFieldsAreDocumented() throws IOException {
    // Three images are too few for any to warm up with, so that all count in both places.
    JsonNode all = json("--steps", "10", "--limit", "3", "--profile");
    JsonNode profile = all.path("profile");
    Set<String> found = new TreeSet<>();
    fields("", profile, found);
    assertEquals(documented(), found);
    assertEquals(3, profile.path("images").asInt());
    assertEquals(0, profile.path("warmUpImages").asInt());
    double share = profile.path("inputShare").asDouble();
    double ops = 0;
    double median = 0;
    int i = 0;
    for (JsonNode p : profile.path("populations")) {
      assertEquals(all.path("layers").get(i++).path("name"), p.path("name"));
      share += p.path("share").asDouble();
      ops += p.path("synapticOpsPerStep").asDouble();
      median += p.path("msPerStepMedian").asDouble();
      assertTrue(p.path("msPerStep").asDouble() > 0, p.toString());
      assertTrue(p.path("bytesPerStep").asDouble() > 0, p.toString());
      boolean adds = p.path("laneOpsPerStep").asDouble() > 0;
      assertEquals(adds, p.path("limitShare").isNumber(), p.toString());
      assertEquals(adds, p.path("level").isTextual(), p.toString());
      // More lanes are added than synapses crossed, unless several are looked up at once.
      boolean events = p.path("method").asText().equals("events");
      assertTrue(
          !events || p.path("laneOpsPerStep").asDouble() >= p.path("synapticOpsPerStep").asDouble(),
          p.toString());
      assertEquals(
          p.path("limitShare").asDouble(),
          adds ? p.path("laneGops").asDouble() / p.path("limitLaneGops").asDouble() : 0,
          1e-9);
    }
    assertEquals(all.path("layers").size(), i);
    assertEquals(1, share, 1e-9);
    assertEquals(all.path("synapticOpsPerImageStep").asDouble(), ops, 1e-6);
    assertEquals(profile.path("msPerStepMedian").asDouble(), median, 1e-9);
    assertEquals(ops / median / 1e6, profile.path("gops").asDouble(), 1e-6);
    assertTrue(profile.path("limits").path("levels").size() >= 3, profile.toString());
  }

  @Tag("slow")
  @Test
  void profilingChangesNoResultAndSomeImagesWarmUp() throws IOException {
    String[] args = {"--steps", "6", "--limit", "9", "--threads", "2"};
    JsonNode plain = json(args);
    assertTrue(plain.path("profile").isNull());
    List<String> more = new ArrayList<>(List.of(args));
    more.add("--profile");
    JsonNode profiled = json(more.toArray(String[]::new));
    for (String field : List.of("predictions", "accuracyAtStep", "layers")) {
      assertEquals(plain.path(field), profiled.path(field), field);
    }
    assertEquals(2, profiled.path("profile").path("warmUpImages").asInt());
    assertEquals(7, profiled.path("profile").path("images").asInt());
    assertEquals(1, profiled.path("profile").path("threadsPerImage").asInt());
    List<String> within = new ArrayList<>(more);
    within.addAll(List.of("--parallel", "within"));
    JsonNode together = json(within.toArray(String[]::new));
    assertEquals(profiled.path("layers"), together.path("layers"));
    assertEquals(2, together.path("profile").path("threadsPerImage").asInt());
    // Scalar kernels run by events, step by step; what reaches a population does not depend on it.
    more.addAll(List.of("--kernel", "scalar"));
    JsonNode scalar = json(more.toArray(String[]::new)).path("profile").path("populations");
    JsonNode vector = profiled.path("profile").path("populations");
    for (int i = 0; i < vector.size(); i++) {
      assertEquals("events", scalar.get(i).path("method").asText());
      assertEquals(
          vector.get(i).path("synapticOpsPerStep"), scalar.get(i).path("synapticOpsPerStep"));
    }
  }

  @Tag("slow")
  @Test
  void theTextNamesEveryPopulationAndLevel() {
    String text = run("--steps", "2", "--limit", "2", "--profile").out();
    String profile = text.substring(text.indexOf("profile of 2 images"));
    for (String name : List.of("L1", "L2", "MEMORY", "(input currents)", "relu1", "linear")) {
      assertTrue(profile.contains("\n" + name + " "), name + " in " + profile);
    }
    assertFalse(profile.contains("null") || profile.contains("NaN"), profile);
  }
}
