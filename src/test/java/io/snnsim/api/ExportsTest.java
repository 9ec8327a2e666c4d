// SPDX-License-Identifier: Apache-2.0
package io.snnsim.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.module.ModuleFinder;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.WildcardType;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What the module shows: four packages, and in their signatures nothing but them and the JDK. */
class ExportsTest {
  private static final Set<String> EXPORTED =
      Set.of("io.snnsim.api", "io.snnsim.conversion", "io.snnsim.error", "io.snnsim.geometry");

  @Test
  void theModuleExportsThePackagesForEmbeddersOnly() {
    var module = ModuleFinder.of(classes()).find("io.snnsim").orElseThrow().descriptor();
    assertEquals(
        EXPORTED, module.exports().stream().map(e -> e.source()).collect(Collectors.toSet()));
    assertTrue(module.exports().stream().noneMatch(e -> e.isQualified()));
    assertTrue(module.opens().isEmpty());
  }

  @Test
  void signaturesLeakNothing() throws Exception {
    var leaks = new TreeSet<String>();
    int types = 0;
    for (Class<?> type : exportedTypes()) {
      types++;
      for (Type named : namedBy(type)) {
        collect(type.getName(), named, leaks);
      }
    }
    assertTrue(types > 15, "found only " + types + " public types");
    assertEquals(Set.of(), leaks);
  }

  /** The test's own check: a type that does leak is found. */
  @Test
  void aLeakIsFound() {
    var leaks = new TreeSet<String>();
    for (Type named : namedBy(Leaky.class)) {
      collect("Leaky", named, leaks);
    }
    assertEquals(
        Set.of("Leaky: io.snnsim.engine.plan.Plan", "Leaky: io.snnsim.network.Network"), leaks);
  }

  /** Shows what it must not. */
  public interface Leaky {
    List<? extends io.snnsim.network.Network[]> networks();

    void use(io.snnsim.engine.plan.Plan plan);
  }

  @Test
  void noClassKeepsStateForAllModels() throws Exception {
    var variable = new ArrayList<String>();
    for (Class<?> type : types("io.snnsim.api")) {
      for (Field f : type.getDeclaredFields()) {
        if (Modifier.isStatic(f.getModifiers()) && !Modifier.isFinal(f.getModifiers())) {
          variable.add(f.toString());
        }
      }
    }
    assertEquals(List.of(), variable);
  }

  private static List<Type> namedBy(Class<?> type) {
    List<Type> named = new ArrayList<>();
    if (type.getGenericSuperclass() != null) {
      named.add(type.getGenericSuperclass());
    }
    named.addAll(List.of(type.getGenericInterfaces()));
    for (Method m : type.getDeclaredMethods()) {
      if (visible(m.getModifiers())) {
        named.add(m.getGenericReturnType());
        addExecutable(m, named);
      }
    }
    for (Constructor<?> c : type.getDeclaredConstructors()) {
      if (visible(c.getModifiers())) {
        addExecutable(c, named);
      }
    }
    for (Field f : type.getDeclaredFields()) {
      if (visible(f.getModifiers())) {
        named.add(f.getGenericType());
      }
    }
    return named;
  }

  private static void addExecutable(Executable e, List<Type> named) {
    named.addAll(List.of(e.getGenericParameterTypes()));
    named.addAll(List.of(e.getGenericExceptionTypes()));
  }

  private static boolean visible(int modifiers) {
    return Modifier.isPublic(modifiers) || Modifier.isProtected(modifiers);
  }

  private static void collect(String from, Type type, Set<String> leaks) {
    switch (type) {
      case Class<?> c when c.isArray() -> collect(from, c.getComponentType(), leaks);
      case Class<?> c -> {
        boolean own = c.getName().startsWith("io.snnsim.");
        boolean shown =
            EXPORTED.contains(c.getPackageName()) && Modifier.isPublic(c.getModifiers());
        boolean platform = c.isPrimitive() || c.getModule().getName() != null;
        if (own ? !shown : !platform) {
          leaks.add(from + ": " + c.getName());
        }
      }
      case ParameterizedType p -> {
        collect(from, p.getRawType(), leaks);
        for (Type argument : p.getActualTypeArguments()) {
          collect(from, argument, leaks);
        }
      }
      case GenericArrayType a -> collect(from, a.getGenericComponentType(), leaks);
      case WildcardType w -> {
        for (Type bound : w.getUpperBounds()) {
          collect(from, bound, leaks);
        }
      }
      default -> {}
    }
  }

  private static List<Class<?>> exportedTypes() throws Exception {
    List<Class<?>> found = new ArrayList<>();
    for (String name : EXPORTED) {
      found.addAll(types(name).stream().filter(t -> Modifier.isPublic(t.getModifiers())).toList());
    }
    return found;
  }

  private static List<Class<?>> types(String packageName) throws Exception {
    Path folder = classes().resolve(packageName.replace('.', '/'));
    List<Class<?>> found = new ArrayList<>();
    try (var files = Files.list(folder)) {
      for (Path p : files.sorted().toList()) {
        String name = p.getFileName().toString();
        if (name.endsWith(".class") && !name.equals("package-info.class")) {
          found.add(Class.forName(packageName + "." + name.substring(0, name.length() - 6)));
        }
      }
    }
    return found;
  }

  private static Path classes() {
    try {
      return Path.of(Model.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }
}
