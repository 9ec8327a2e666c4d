// SPDX-License-Identifier: Apache-2.0
package io.snnsim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * Keeps the packages ("rooms") apart: which room may name which, and which outside packages only
 * one room may name. Reads the sources, so that an import that is never used counts as well.
 */
class RoomsTest {
  /**
   * What each room may name, besides itself and the {@link #LEAVES}. A room not listed is refused.
   */
  private static final Map<String, Set<String>> MAY_NAME =
      Map.ofEntries(
          Map.entry("error", Set.of()),
          Map.entry("geometry", Set.of()),
          Map.entry("json", Set.of()),
          Map.entry("work", Set.of()),
          Map.entry("parts", Set.of()),
          Map.entry("network", Set.of()),
          Map.entry("ann", Set.of()),
          Map.entry("dynamics", Set.of()),
          Map.entry("kernel", Set.of()),
          Map.entry("encode", Set.of()),
          Map.entry("metrics", Set.of()),
          Map.entry("format", Set.of("network")),
          Map.entry("store", Set.of("format", "network")),
          Map.entry("dump", Set.of("ann", "dynamics", "json")),
          Map.entry("convert", Set.of("ann", "network")),
          Map.entry("export", Set.of("network")),
          Map.entry("engine", Set.of("network", "kernel", "metrics", "encode", "json")),
          Map.entry("readout", Set.of("engine", "json")),
          Map.entry("api", Set.of("engine", "format", "metrics", "network", "readout", "store")),
          Map.entry("report", Set.of("metrics")),
          Map.entry("tune", Set.of("ann", "convert", "network", "engine", "readout")),
          Map.entry(
              "study",
              Set.of(
                  "network",
                  "ann",
                  "dynamics",
                  "kernel",
                  "encode",
                  "metrics",
                  "format",
                  "store",
                  "dump",
                  "convert",
                  "engine",
                  "readout",
                  "report",
                  "tune")),
          Map.entry(
              "conversion",
              Set.of("api", "ann", "convert", "dump", "format", "network", "store", "study")),
          Map.entry(
              "cli",
              Set.of(
                  "network",
                  "ann",
                  "dynamics",
                  "kernel",
                  "encode",
                  "metrics",
                  "format",
                  "store",
                  "dump",
                  "convert",
                  "engine",
                  "export",
                  "readout",
                  "report",
                  "tune",
                  "study")));

  /**
   * What the inner rooms of a room may name of it, itself besides; a room that has inner rooms here
   * must list them all. There is no circle, which a test of its own checks.
   */
  private static final Map<String, Set<String>> INNER =
      Map.ofEntries(
          Map.entry("ann.op", Set.of()),
          Map.entry("ann", Set.of("ann.op")),
          Map.entry("dump.file", Set.of()),
          Map.entry("dump.layers", Set.of("dump.file")),
          Map.entry("dump.keras", Set.of("dump.file", "dump.layers")),
          Map.entry("dump.nir", Set.of("dump.file", "dump.layers")),
          Map.entry("dump.onnx", Set.of("dump.file", "dump.layers")),
          Map.entry(
              "dump", Set.of("dump.file", "dump.layers", "dump.keras", "dump.nir", "dump.onnx")),
          Map.entry("convert", Set.of()),
          Map.entry("convert.scheme", Set.of("convert")),
          Map.entry("convert.fit", Set.of("convert", "convert.scheme")),
          Map.entry("kernel.state", Set.of()),
          Map.entry("kernel.vector", Set.of()),
          Map.entry("kernel.limits", Set.of("kernel.vector")),
          Map.entry("kernel.contract", Set.of("kernel.state")),
          Map.entry("kernel.scalar", Set.of("kernel.state", "kernel.contract")),
          Map.entry("kernel.array", Set.of("kernel.state", "kernel.contract", "kernel.scalar")),
          Map.entry("kernel.event", Set.of("kernel.state", "kernel.contract", "kernel.vector")),
          Map.entry("kernel.lookup", Set.of("kernel.state", "kernel.contract", "kernel.vector")),
          Map.entry("kernel.pattern", Set.of("kernel.state", "kernel.contract", "kernel.vector")),
          Map.entry(
              "kernel",
              Set.of(
                  "kernel.contract",
                  "kernel.scalar",
                  "kernel.array",
                  "kernel.event",
                  "kernel.lookup",
                  "kernel.pattern",
                  "kernel.vector")));

  /** Inner rooms that only their own room may name. */
  private static final Set<String> HIDDEN =
      Set.of("kernel.scalar", "kernel.array", "kernel.event", "kernel.vector");

  /** Inner rooms that name the Vector API: others must load in a JVM without it. */
  private static final Set<String> VECTORS =
      Set.of("kernel.vector", "kernel.event", "kernel.lookup", "kernel.pattern", "kernel.limits");

  /** What every room may name. */
  private static final Set<String> LEAVES = Set.of("error", "geometry", "work", "parts");

  /** What only some rooms may name, as it stands in code. */
  private static final Map<String, Set<String>> ONLY_IN =
      Map.ofEntries(
          Map.entry("jdk.incubator.vector", Set.of("kernel")),
          Map.entry("net.openhft", Set.of("store")),
          Map.entry("io.jhdf", Set.of("dump", "export")),
          Map.entry("org.knowm", Set.of("report")),
          Map.entry("java.awt", Set.of("report", "dump")),
          Map.entry("javax.imageio", Set.of("dump", "report")),
          Map.entry("org.HdrHistogram", Set.of("metrics")),
          Map.entry("com.fasterxml.jackson.core", Set.of("json", "dump")),
          // Not where models are run: an embedder does without it.
          Map.entry("com.fasterxml.jackson.databind", Set.of("cli", "dump", "study")),
          Map.entry("picocli", Set.of("cli")),
          Map.entry("me.tongfei", Set.of("cli")),
          Map.entry("System.out", Set.of("cli")),
          Map.entry("System.err", Set.of("cli")),
          Map.entry("System.exit", Set.of("cli")));

  private static final Path SOURCES = Path.of("src/main/java/io/snnsim");

  /**
   * The room that a qualified name leads to; names of the root package itself have no dot after.
   */
  private static final Pattern ROOM_NAMED =
      Pattern.compile("\\bio\\s*\\.\\s*snnsim\\s*\\.\\s*([a-z]\\w*)\\s*\\.");

  /** The room, and inner room if there is one, that a qualified name leads to. */
  private static final Pattern INNER_NAMED =
      Pattern.compile("\\bio\\s*\\.\\s*snnsim\\s*\\.\\s*((?:[a-z]\\w*\\s*\\.\\s*)+)(?=[A-Z*])");

  /** Comments, and literals in which {@code //} is no comment; text blocks come first. */
  private static final Pattern COMMENT_OR_LITERAL =
      Pattern.compile(
          "\"\"\"(?s:(?:\\\\.|[^\\\\])*?)\"\"\""
              + "|\"(?:\\\\.|[^\"\\\\\n])*\""
              + "|'(?:\\\\.|[^'\\\\\n])*'"
              + "|//[^\n]*"
              + "|/\\*(?s:.*?)\\*/");

  @Test
  void roomsNameOnlyWhatTheyMay() throws IOException {
    var found = new ArrayList<String>();
    int files = 0;
    try (var paths = Files.walk(SOURCES)) {
      for (Path path : paths.filter(p -> p.toString().endsWith(".java")).sorted().toList()) {
        Path inside = SOURCES.relativize(path);
        String room = inside.getNameCount() > 1 ? inside.getName(0).toString() : "";
        String source = Files.readString(path);
        for (String violation : violations(room, source)) {
          found.add(inside + ": " + violation);
        }
        String inner = inside.getParent() == null ? "" : inside.getParent().toString();
        for (String violation : innerViolations(inner.replace('/', '.'), source)) {
          found.add(inside + ": " + violation);
        }
        files++;
      }
    }
    assertTrue(files > 0, "no sources under " + SOURCES.toAbsolutePath());
    assertEquals(List.of(), found);
  }

  @Test
  void plantedImportsAreFound() {
    assertEquals(
        List.of("kernel may not name io.snnsim.network"),
        violations("kernel", "package io.snnsim.kernel;\nimport io.snnsim.network.Network;\n"));
    assertEquals(
        List.of("readout may not name io.snnsim.network"),
        violations("readout", "import static io.snnsim.network.Precision.*;"));
    assertEquals(
        List.of("only kernel may name jdk.incubator.vector"),
        violations("engine", "import jdk.incubator.vector.ShortVector;"));
    assertEquals(
        List.of("only store may name net.openhft"),
        violations("format", "import net.openhft.chronicle.bytes.Bytes;"));
    assertEquals(
        List.of("only dump or export may name io.jhdf"),
        violations("cli", "import io.jhdf.HdfFile;"));
    assertEquals(
        List.of("only cli or dump or study may name com.fasterxml.jackson.databind"),
        violations("engine", "import com.fasterxml.jackson.databind.JsonNode;"));
  }

  @Test
  void plantedImportsOfInnerRoomsAreFound() {
    assertEquals(
        List.of("kernel.lookup may not name io.snnsim.kernel.event"),
        innerViolations("kernel.lookup", "import io.snnsim.kernel.event.RollConv;"));
    assertEquals(
        List.of("kernel.state may not name io.snnsim.kernel"),
        innerViolations("kernel.state", "class A { io.snnsim.kernel.Kernels all; }"));
    assertEquals(
        List.of("engine may not name io.snnsim.kernel.event"),
        innerViolations("engine", "import io.snnsim.kernel.event.RollConv;"));
    assertEquals(
        List.of("kernel.state may not name jdk.incubator.vector"),
        innerViolations("kernel.state", "import jdk.incubator.vector.ShortVector;"));
    assertEquals(
        List.of("inner room kernel.attic is not in INNER"),
        innerViolations("kernel.attic", "class A {}"));
    assertEquals(
        List.of(), innerViolations("engine", "import io.snnsim.kernel.state.PopulationState;"));
  }

  @Test
  void innerRoomsFormNoCircle() {
    Set<String> placed = new TreeSet<>();
    while (placed.size() < INNER.size()) {
      List<String> next =
          INNER.keySet().stream()
              .filter(room -> !placed.contains(room) && placed.containsAll(INNER.get(room)))
              .toList();
      assertTrue(!next.isEmpty(), "a circle among those that are not " + placed);
      placed.addAll(next);
    }
  }

  @Test
  void plantedQualifiedNamesAreFound() {
    assertEquals(
        List.of("ann may not name io.snnsim.engine"),
        violations("ann", "class A { io.snnsim.engine.Simulator model; }"));
    assertEquals(
        List.of("only cli may name System.exit", "only cli may name System.out"),
        violations("engine", "void f() { System.out.println(1); System .exit(2); }"));
    assertEquals(
        List.of("only cli may name System.err"),
        violations("store", "String s = \"//\"; void f() { System.err.println(s); }"));
  }

  @Test
  void unknownRoomsAreRefused() {
    assertEquals(List.of("room attic is not in MAY_NAME"), violations("attic", "class A {}"));
    assertEquals(List.of("room  is not in MAY_NAME"), violations("", "class A {}"));
  }

  @Test
  void commentsLiteralsAndOwnNamesAreFree() {
    String source =
        """
        package io.snnsim.engine;

        import io.snnsim.engine.Simulator;
        import io.snnsim.error.SnnsimException;
        import io.snnsim.kernel.Kernels;

        /** Not {@link io.snnsim.cli.Main}; System.out is for others. */
        class A {
          // io.snnsim.report.Json would be wrong here
          String hint = "add jdk.incubator.vector \\" // io.snnsim.cli.Main";
          char quote = '"'; /* System.err. */ char other = '"';
          String filesystem = "mySystem.outer" + mySystem.outer;
        }
        """;
    assertEquals(List.of(), violations("engine", source));
  }

  /** What a source text of the given inner room, or room without any, names and may not. */
  private static List<String> innerViolations(String room, String source) {
    String outer = room.replaceFirst("\\..*", "");
    boolean divided = INNER.containsKey(outer);
    if (divided && !INNER.containsKey(room)) {
      return List.of("inner room " + room + " is not in INNER");
    }
    String code = COMMENT_OR_LITERAL.matcher(source).replaceAll(" ");
    var found = new TreeSet<String>();
    var named = INNER_NAMED.matcher(code);
    while (named.find()) {
      String other = named.group(1).replaceAll("\\s", "").replaceFirst("\\.$", "");
      boolean mine = other.equals(outer) || other.startsWith(outer + ".");
      boolean allowed =
          mine
              ? !divided || other.equals(room) || INNER.get(room).contains(other)
              : !HIDDEN.contains(other);
      if (!allowed) {
        found.add(room + " may not name io.snnsim." + other);
      }
    }
    if (divided && !VECTORS.contains(room) && code.contains("jdk.incubator.vector")) {
      found.add(room + " may not name jdk.incubator.vector");
    }
    return List.copyOf(found);
  }

  /** What a source text of the given room names and may not, sorted. */
  private static List<String> violations(String room, String source) {
    Set<String> mayName = MAY_NAME.get(room);
    if (mayName == null) {
      return List.of("room " + room + " is not in MAY_NAME");
    }
    String code = COMMENT_OR_LITERAL.matcher(source).replaceAll(" ");
    var found = new TreeSet<String>();
    var named = ROOM_NAMED.matcher(code);
    while (named.find()) {
      String other = named.group(1);
      if (!other.equals(room) && !LEAVES.contains(other) && !mayName.contains(other)) {
        found.add(room + " may not name io.snnsim." + other);
      }
    }
    ONLY_IN.forEach(
        (name, owners) -> {
          String spaced = "\\b" + name.replace(".", "\\s*\\.\\s*") + "\\b";
          if (!owners.contains(room) && Pattern.compile(spaced).matcher(code).find()) {
            found.add("only " + String.join(" or ", new TreeSet<>(owners)) + " may name " + name);
          }
        });
    return List.copyOf(found);
  }
}
