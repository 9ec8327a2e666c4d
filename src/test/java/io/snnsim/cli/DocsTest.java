// SPDX-License-Identifier: Apache-2.0
package io.snnsim.cli;

import static io.snnsim.fixture.Bundled.IMAGES;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.snnsim.dump.NpzFile;
import io.snnsim.error.Category;
import io.snnsim.fixture.Bundled;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The pages under docs/, the README and the help say what the program does. */
class DocsTest {
  private static final Pattern CODE = Pattern.compile("`([^`]+)`");

  @TempDir static Path shared;

  @BeforeAll
  static void convert() {
    Bundled.model(shared);
  }

  private static String model() {
    return shared.resolve("m.snn").toString();
  }

  /** The names in the first column of the tables of a page, from {@code from} to {@code to}. */
  private static Set<String> documented(String page, String from, String to) throws IOException {
    String text = Files.readString(Path.of("docs", page));
    int end = to == null ? text.length() : text.indexOf(to);
    Set<String> names = new TreeSet<>();
    for (String line : text.substring(text.indexOf(from), end).lines().toList()) {
      if (line.startsWith("| `")) {
        Matcher name = CODE.matcher(line.substring(0, line.indexOf('|', 1)));
        while (name.find()) {
          names.add(name.group(1));
        }
      }
    }
    return names;
  }

  /** Paths of all fields of an object; of provenance, which is free, only itself. */
  private static Set<String> found(String prefix, JsonNode node) {
    Set<String> names = new TreeSet<>();
    node.properties()
        .forEach(
            e -> {
              String name = prefix + e.getKey();
              JsonNode value = e.getValue();
              boolean objects = value.isArray() && !value.isEmpty() && value.get(0).isObject();
              names.add(objects ? name + "[]" : name);
              if (name.equals("provenance")) {
                return;
              }
              if (value.isObject()) {
                names.addAll(found(name + ".", value));
              }
              for (JsonNode item : objects ? value : new ObjectMapper().createArrayNode()) {
                names.addAll(found(name + "[].", item));
              }
            });
    return names;
  }

  @Test
  void runJsonHasTheDocumentedFieldsAndNoOthers() throws IOException {
    Bundled.Done done =
        Bundled.execute("run", model(), IMAGES, "--steps", "2", "--limit", "4", "--json", "-").ok();
    assertEquals(
        documented("schema/run.md", "# The JSON", "# The arrays"),
        found("", new ObjectMapper().readTree(done.out())));
  }

  @Test
  void compareJsonHasTheDocumentedFieldsAndNoOthers() throws IOException {
    Bundled.Done done =
        Bundled.execute("compare", model(), IMAGES, "--steps", "2", "--limit", "2", "--json", "-")
            .ok();
    assertEquals(
        documented("schema/compare.md", "# The JSON", null),
        found("", new ObjectMapper().readTree(done.out())));
  }

  @Tag("slow")
  @Test
  void sweepJsonHasTheDocumentedFieldsAndNoOthers() throws IOException {
    Bundled.Done done =
        Bundled.execute(
                "sweep",
                Bundled.NET,
                IMAGES,
                "--calibration",
                IMAGES,
                "--steps",
                "2",
                "--limit",
                "2",
                "--json",
                "-",
                "--vary",
                "compensation=1",
                "--",
                "--precision=i8",
                "--limit-calibration=20")
            .ok();
    Set<String> found = found("", new ObjectMapper().readTree(done.out()));
    assertTrue(found.remove("rows[].options.compensation"));
    found.add("rows[].options.NAME");
    assertEquals(documented("schema/sweep.md", "# The JSON", null), found);
  }

  @Tag("slow")
  @Test
  void latencyJsonHasTheDocumentedFieldsAndNoOthers() throws IOException {
    Bundled.Done done =
        Bundled.execute(
                "latency",
                model(),
                IMAGES,
                "--steps",
                "2",
                "--duration",
                "100ms",
                "--warm-up",
                "50ms",
                "--json",
                "-")
            .ok();
    assertEquals(
        documented("schema/latency.md", "# The fields", null),
        found("", new ObjectMapper().readTree(done.out())));
  }

  @Test
  void simulateJsonHasTheDocumentedFieldsAndNoOthers() throws IOException {
    String graph = "weights/recurrent_lif.nir";
    Bundled.Done done =
        Bundled.execute("simulate", graph, IMAGES, "--steps", "2", "--limit", "2", "--json", "-")
            .ok();
    assertEquals(
        documented("schema/simulate.md", "# The JSON", null),
        found("", new ObjectMapper().readTree(done.out())));
  }

  @Test
  void infoJsonHasTheDocumentedFieldsAndNoOthers() throws IOException {
    Bundled.Done done = Bundled.execute("info", model(), "--json").ok();
    JsonNode json = new ObjectMapper().readTree(done.out());
    assertEquals(documented("schema/info.md", "# The JSON", "# The object"), found("", json));
    assertTrue(json.path("provenance").path("report").isObject(), "provenance as JSON");
    assertEquals("", done.err());
  }

  @Tag("slow")
  @Test
  void conversionReportHasTheDocumentedFieldsAndNoOthers() throws IOException {
    Path report = shared.resolve("report.json");
    Bundled.execute(
            Bundled.convert(
                shared.resolve("reported.snn"),
                "--tune-steps",
                "2",
                "--compensation",
                "auto",
                "--report",
                report.toString()))
        .ok();
    JsonNode json = new ObjectMapper().readTree(report.toFile());
    String page = "schema/convert.md";
    assertEquals(
        documented(page, "# The JSON", "`report`:"),
        shallow(
            json,
            Set.of(
                "notes",
                "projections",
                "fitSearch",
                "codeSearch",
                "largestWeightSearch",
                "sourceData")));
    JsonNode inner = json.path("report");
    assertEquals(documented(page, "`report`:", "A population:"), shallow(inner, Set.of("notes")));
    for (JsonNode population : inner.path("populations")) {
      assertEquals(
          documented(page, "A population:", null), shallow(population, Set.of("projections")));
    }
  }

  /**
   * The fields of an object itself; {@code lists} are written with brackets like lists of objects.
   */
  private static Set<String> shallow(JsonNode object, Set<String> lists) {
    Set<String> names = new TreeSet<>();
    object
        .properties()
        .forEach(
            e -> {
              boolean objects = e.getValue().isArray() && e.getValue().path(0).isObject();
              names.add(objects || lists.contains(e.getKey()) ? e.getKey() + "[]" : e.getKey());
            });
    return names;
  }

  @Test
  void infoTextNamesEverythingThatTheJsonHas() throws IOException {
    JsonNode json =
        new ObjectMapper().readTree(Bundled.execute("info", model(), "--json").ok().out());
    String text = Bundled.execute("info", model()).ok().out();
    for (JsonNode p : json.path("populations")) {
      assertTrue(text.contains("\n" + p.path("name").asText() + " "), text);
    }
    for (JsonNode p : json.path("projections")) {
      assertTrue(text.contains("\n" + p.path("name").asText() + " "), text);
    }
    assertTrue(text.contains(json.path("provenance").path("sourceSha256").asText()), text);
  }

  @Test
  void recordHasTheDocumentedArraysAndNoOthers() throws IOException {
    Path file = shared.resolve("r.npz");
    Bundled.execute(
            "run", model(), IMAGES, "--steps", "2", "--limit", "2", "--record", file.toString())
        .ok();
    JsonNode info =
        new ObjectMapper().readTree(Bundled.execute("info", model(), "--json").ok().out());
    Set<String> expected = new TreeSet<>();
    for (String name : documented("schema/run.md", "# The arrays", "# The object")) {
      if (name.endsWith("POPULATION")) {
        for (JsonNode p : info.path("populations")) {
          expected.add(name.replace("POPULATION", p.path("name").asText()));
        }
      } else {
        expected.add(name.replace("OUTPUT", info.path("output").asText()));
      }
    }
    try (NpzFile npz = NpzFile.open(file)) {
      assertEquals(expected, new TreeSet<>(npz.names()));
    }
  }

  private static final String COMMANDS = "docs/guide/commands.md";

  /** The indented lines of a page that start with {@code prefix}, continuations joined. */
  private static List<String> commandsOf(String page, String prefix) throws IOException {
    String text = Files.readString(Path.of(page)).replaceAll(" \\\\\n *", " ");
    return text.lines()
        .filter(l -> l.startsWith("    " + prefix))
        .map(l -> l.strip().replaceFirst("\\s+#.*", ""))
        .toList();
  }

  @Tag("slow")
  @Test
  void everyCommandOfTheReadmeAndTheGuideRuns() throws IOException {
    List<String> commands = new ArrayList<>(commandsOf("README.md", "./snnsim "));
    assertTrue(commands.size() >= 3, commands.toString());
    commands.addAll(commandsOf(COMMANDS, "./snnsim "));
    assertTrue(commands.size() >= 15, commands.toString());
    commands.addAll(commandsOf("docs/guide/import.md", "./snnsim "));
    commands.addAll(commandsOf("docs/guide/nir.md", "./snnsim "));
    commands = commands.stream().distinct().toList();
    List<String> seen = new ArrayList<>();
    for (String command : commands) {
      List<String> args = new ArrayList<>();
      for (String word : command.substring("./snnsim ".length()).split(" +")) {
        // Files that the README makes are made elsewhere; those of the repository are there.
        boolean made = word.matches("\\w+\\.(snn|json|npz|png|svg)");
        args.add(made ? shared.resolve("page-" + word).toString() : word);
      }
      seen.add(args.getFirst());
      if (!args.getFirst().equals("demo")) {
        if (args.contains("-o")) {
          args.add("--force"); // both pages make the same file
        }
        Bundled.Done done = Bundled.execute(args.toArray(String[]::new));
        assertEquals(0, done.code(), command + ": " + done.err());
      }
    }
    assertTrue(seen.containsAll(List.of("demo", "convert", "run", "info", "verify", "doctor")));
  }

  /** With what the texts leave open as parameters, and nothing but the exported packages. */
  @Tag("slow")
  @Test
  void theEmbeddingExamplesCompile() throws IOException {
    StringBuilder source =
        new StringBuilder(
            "import io.snnsim.api.*; import io.snnsim.conversion.*;\n"
                + "import java.nio.file.Path; import java.time.Duration;\n"
                + "class Example {\n");
    int examples = 0;
    for (String page : List.of("README.md", "docs/guide/embedding.md")) {
      Matcher block =
          Pattern.compile("(?s)```java\n(.*?)```").matcher(Files.readString(Path.of(page)));
      while (block.find()) {
        String given =
            "java.nio.ByteBuffer image, java.nio.ByteBuffer frame, long timeMicros, int cores";
        // What a page opens at its start is what its later examples use.
        given += block.group(1).contains("Model.open") ? "" : ", Model model, RunOptions run";
        given += block.group(1).contains("Session session =") ? "" : ", Session session";
        boolean answers = block.group(1).contains("return ");
        source.append(
            (answers ? "int" : "void")
                + " example"
                + examples++
                + "("
                + given
                + ") throws Exception {\n"
                + block.group(1)
                + "}\n");
      }
    }
    assertTrue(examples >= 4, "examples=" + examples);
    source.append("}");
    Path file = Files.writeString(shared.resolve("Example.java"), source);
    StringWriter messages = new StringWriter();
    int code =
        ToolProvider.findFirst("javac")
            .orElseThrow()
            .run(
                new PrintWriter(messages),
                new PrintWriter(messages),
                "-cp",
                System.getProperty("java.class.path"),
                "-d",
                shared.toString(),
                file.toString());
    assertEquals(0, code, messages.toString());
  }

  @Test
  void theGuideListsEveryExitCode() throws IOException {
    String text = Files.readString(Path.of(COMMANDS));
    List<Integer> codes = new ArrayList<>(List.of(0, SnnsimCommand.INTERRUPTED));
    for (Category category : Category.values()) {
      codes.add(category.exitCode());
    }
    for (int code : codes) {
      assertTrue(Pattern.compile("\\| " + code + " \\|").matcher(text).find(), "exit code " + code);
      assertTrue(
          Main.line(new Main())
              .getCommandSpec()
              .usageMessage()
              .exitCodeList()
              .containsKey(String.valueOf(code)),
          "exit code " + code + " in --help");
    }
  }

  @Test
  void everyCommandHasHelpWithAnExampleAndNamesEveryOption() {
    for (CommandLine command : Main.line(new Main()).getSubcommands().values()) {
      String name = command.getCommandName();
      Bundled.Done help = Bundled.execute(name, "--help").ok();
      assertEquals("", help.err());
      assertTrue(help.out().contains("\n  snnsim " + name), help.out());
      assertFalse(help.out().contains("\033"), help.out());
      Set<String> undescribed =
          command.getCommandSpec().args().stream()
              .filter(a -> a.description().length == 0)
              .map(Object::toString)
              .collect(Collectors.toSet());
      assertEquals(Set.of(), undescribed, name);
    }
  }

  @Test
  void versionNamesBuildJdkMachineAndKernel() {
    Bundled.Done done = Bundled.execute("--version").ok();
    List<String> lines = done.out().lines().toList();
    assertTrue(lines.getFirst().matches("snnsim \\d+\\.\\d+\\.\\d+ \\(build .+\\)"), done.out());
    assertTrue(done.out().contains("jdk     " + Runtime.version()), done.out());
    assertTrue(done.out().contains("simd "), done.out());
    assertTrue(done.out().matches("(?s).*kernel  (vector\\d+ \\(i16 x|scalar: ).*"), done.out());
  }

  @Test
  void doctorSaysWhatWorks() {
    String out = Bundled.execute("doctor").ok().out();
    for (String part : List.of("jdk ", "machine ", "kernel ", "memory ", "mapping   works")) {
      assertTrue(out.contains(part), out);
    }
  }
}
