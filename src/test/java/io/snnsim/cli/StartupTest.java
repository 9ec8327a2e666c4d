// SPDX-License-Identifier: Apache-2.0
package io.snnsim.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.snnsim.fixture.Bundled;
import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.attribute.CodeAttribute;
import java.lang.classfile.attribute.StackMapTableAttribute;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What the launcher starts faster with is the same as what it stands for. */
class StartupTest {
  @TempDir Path dir;

  private static Map<String, byte[]> entries(Path jar) throws IOException {
    Map<String, byte[]> all = new LinkedHashMap<>();
    try (ZipInputStream in = new ZipInputStream(Files.newInputStream(jar))) {
      for (ZipEntry e; (e = in.getNextEntry()) != null; ) {
        all.put(e.getName(), in.readAllBytes());
      }
    }
    return all;
  }

  private static Path picocli() throws Exception {
    URL place = CommandLine.class.getProtectionDomain().getCodeSource().getLocation();
    return Path.of(place.toURI());
  }

  @Test
  void oldClassesGetStackMapsAndElseStayAsTheyAre() throws Exception {
    Path renewed = dir.resolve("new.jar");
    StartupJars.renew(picocli(), renewed);
    Map<String, byte[]> before = entries(picocli());
    Map<String, byte[]> after = entries(renewed);
    assertEquals(new ArrayList<>(before.keySet()), new ArrayList<>(after.keySet()));
    int maps = 0;
    for (String name : before.keySet()) {
      if (!name.endsWith(".class") || name.endsWith("module-info.class")) {
        assertArrayEquals(before.get(name), after.get(name), name);
        continue;
      }
      ClassModel was = ClassFile.of().parse(before.get(name));
      ClassModel is = ClassFile.of().parse(after.get(name));
      assertTrue(is.majorVersion() >= 50, name);
      assertEquals(members(was), members(is), name);
      maps +=
          (int)
              is.methods().stream()
                  .flatMap(m -> m.code().stream())
                  .map(CodeAttribute.class::cast)
                  .flatMap(c -> c.attributes().stream())
                  .filter(StackMapTableAttribute.class::isInstance)
                  .count();
    }
    assertTrue(maps > 500, maps + " stack maps");
    // The JVM verifies what is loaded, which is each class that the command line is made of.
    try (URLClassLoader loader =
        new URLClassLoader(
            new URL[] {renewed.toUri().toURL()}, ClassLoader.getPlatformClassLoader())) {
      for (String name : after.keySet()) {
        if (name.startsWith("picocli/CommandLine") && name.endsWith(".class")) {
          String type = name.substring(0, name.length() - 6).replace('/', '.');
          Class.forName(type, true, loader);
        }
      }
    }
  }

  private static List<String> members(ClassModel c) {
    List<String> all = new ArrayList<>();
    c.fields().forEach(f -> all.add(f.fieldName() + " " + f.fieldType()));
    c.methods()
        .forEach(
            m -> {
              int instructions = m.code().map(code -> code.elementList().size()).orElse(0);
              all.add(m.methodName() + " " + m.methodType() + " " + (instructions > 0));
            });
    return all;
  }

  @Test
  void theVectorApiIsTheJdksOwn() throws IOException {
    Path jar = dir.resolve("vector.jar");
    StartupJars.vectorApi(jar);
    Map<String, byte[]> all = entries(jar);
    String name = "jdk/incubator/vector/Vector.class";
    assertArrayEquals(
        Files.readAllBytes(Path.of(URI.create("jrt:/jdk.incubator.vector/" + name))),
        all.get(name));
    assertTrue(all.keySet().stream().noneMatch(n -> n.contains("module-info")), all.keySet() + "");
  }

  @Test
  void helpIsKeptAsTheProgramSaysIt() throws IOException {
    StartupTraining.help(dir);
    assertEquals(Bundled.execute("--help").ok().out(), Files.readString(dir.resolve("snnsim")));
    for (String command : Main.commandNames()) {
      String plain = Files.readString(dir.resolve(command));
      assertEquals(Bundled.execute(command, "--help").ok().out(), plain);
      String coloured = Files.readString(dir.resolve(command + ".colour"));
      assertTrue(coloured.contains("\033["), coloured);
      assertEquals(plain, coloured.replaceAll("\033\\[[0-9;]*m", ""));
    }
  }

  @Test
  void theVersionIsTheSameWithAndWithoutTheCommandLine() {
    String without = Bundled.execute("--version").ok().out();
    assertEquals(without, Bundled.execute("-V").ok().out());
    assertEquals(without, Bundled.execute("--debug", "--version").ok().out());
  }

  @Test
  void commandsHaveTheNamesThatTheyAreFoundBy() {
    CommandLine all = Main.line(new Main());
    assertEquals(Main.commandNames(), all.getSubcommands().keySet());
    for (String name : Main.commandNames()) {
      CommandLine one = Main.line(new Main(), name, "--help");
      assertEquals(Set.of(name), one.getSubcommands().keySet());
      assertEquals(
          all.getSubcommands().get(name).getUsageMessage(),
          one.getSubcommands().get(name).getUsageMessage());
    }
  }
}
