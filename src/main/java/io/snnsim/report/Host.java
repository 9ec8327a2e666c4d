// SPDX-License-Identifier: Apache-2.0
package io.snnsim.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The machine and JVM that a figure was measured on. Immutable.
 *
 * @param os name and architecture
 * @param processors that this process may use
 * @param cpu model name, or "unknown"
 * @param cpuFeatures those SIMD extensions that matter here, as the operating system lists them;
 *     empty where it does not
 * @param jdk version and vendor
 */
public record Host(String os, int processors, String cpu, List<String> cpuFeatures, String jdk) {
  private static final Path CPUINFO = Path.of("/proc/cpuinfo");

  private static final List<String> KNOWN =
      List.of(
          "sse4_2",
          "avx",
          "avx2",
          "fma",
          "avx512f",
          "avx512bw",
          "avx512vl",
          "avx512_vbmi",
          "avx512vbmi",
          "avx512_vnni",
          "asimd",
          "asimddp",
          "sve",
          "sve2");

  /** This machine and JVM. */
  public static Host here() {
    List<String> lines = List.of();
    try {
      if (Files.isReadable(CPUINFO)) {
        lines = firstProcessor(Files.readAllLines(CPUINFO));
      }
    } catch (IOException e) {
      // What is not known is left out.
    }
    return of(lines);
  }

  static Host of(List<String> cpuinfo) {
    String flags = field(cpuinfo, "flags", field(cpuinfo, "Features", ""));
    Set<String> found = new HashSet<>(Arrays.asList(flags.split(" ")));
    return new Host(
        System.getProperty("os.name") + " " + System.getProperty("os.arch"),
        Runtime.getRuntime().availableProcessors(),
        field(cpuinfo, "model name", "unknown"),
        KNOWN.stream().filter(found::contains).toList(),
        Runtime.version() + " (" + System.getProperty("java.vendor") + ")");
  }

  private static List<String> firstProcessor(List<String> lines) {
    List<String> first = new ArrayList<>();
    for (String line : lines) {
      if (line.isBlank()) {
        break;
      }
      first.add(line);
    }
    return first;
  }

  private static String field(List<String> lines, String name, String otherwise) {
    Stream<String> found =
        lines.stream().filter(l -> l.startsWith(name + "\t") || l.startsWith(name + ":"));
    return found.findFirst().map(l -> l.substring(l.indexOf(':') + 1).strip()).orElse(otherwise);
  }

  /** As the field {@code host} of a JSON report. */
  public Map<String, Object> toMap() {
    Map<String, Object> m = new LinkedHashMap<>();
    m.put("os", os);
    m.put("processors", processors);
    m.put("cpu", cpu);
    m.put("cpuFeatures", cpuFeatures);
    m.put("jdk", jdk);
    return m;
  }
}
