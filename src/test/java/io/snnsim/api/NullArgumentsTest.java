// SPDX-License-Identifier: Apache-2.0
package io.snnsim.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.snnsim.fixture.Models;
import io.snnsim.fixture.RandomNetworks;
import io.snnsim.geometry.MapShape;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Every public method and constructor of the package answers null, in every place where an object
 * goes, with a NullPointerException that is the parameter's name, and has done nothing by then.
 */
class NullArgumentsTest {
  private static final RandomNetworks.Case NET = RandomNetworks.of(3);

  private static List<Class<?>> publicTypes() throws Exception {
    Path root =
        Path.of(Model.class.getProtectionDomain().getCodeSource().getLocation().toURI())
            .resolve("io/snnsim/api");
    List<Class<?>> types = new ArrayList<>();
    try (Stream<Path> files = Files.list(root)) {
      for (Path file : files.toList()) {
        String name = file.getFileName().toString();
        if (name.endsWith(".class") && !name.startsWith("package-info")) {
          Class<?> type = Class.forName("io.snnsim.api." + name.replace(".class", ""));
          if (Modifier.isPublic(type.getModifiers())) {
            types.add(type);
          }
        }
      }
    }
    return types;
  }

  /** What is not written in this package: an enum's valueOf, a record's equals. */
  private static boolean ours(Class<?> type, Method m) {
    return Modifier.isPublic(m.getModifiers())
        && !m.isSynthetic()
        && !(type.isEnum() && Modifier.isStatic(m.getModifiers()))
        && !m.getName().equals("equals");
  }

  @Test
  void nullIsRefusedByName() throws Exception {
    try (Model model = Models.open(NET.network());
        Session session = model.newSession();
        SessionPool pool = model.newPool(1, SessionOptions.DEFAULT)) {
      MapShape shape = model.inputShape();
      Map<Class<?>, Object> values =
          Map.ofEntries(
              Map.entry(Model.class, model),
              Map.entry(Session.class, session),
              Map.entry(SessionPool.class, pool),
              Map.entry(FrameRing.class, new FrameRing(shape, ImageFormat.F32_CHW, 1)),
              Map.entry(EventRing.class, new EventRing(shape, 1, 1)),
              Map.entry(RunOptions.class, RunOptions.steps(3)),
              Map.entry(SessionOptions.class, SessionOptions.DEFAULT),
              Map.entry(ModelOptions.class, ModelOptions.DEFAULT),
              Map.entry(Memory.class, Memory.RESIDENT),
              Map.entry(Kernel.class, Kernel.AUTO),
              Map.entry(Readout.class, Readout.AUTO),
              Map.entry(Update.class, Update.EVENTS),
              Map.entry(ImageFormat.class, ImageFormat.F32_CHW),
              Map.entry(MapShape.class, shape),
              Map.entry(Duration.class, Duration.ofMillis(1)),
              Map.entry(Path.class, Path.of("no-such.snn")),
              Map.entry(String.class, "name"),
              Map.entry(MemorySegment.class, MemorySegment.ofArray(NET.image())),
              Map.entry(ByteBuffer.class, ByteBuffer.allocate(4 * shape.size())),
              Map.entry(float[].class, NET.image()),
              Map.entry(byte[].class, new byte[shape.size()]),
              Map.entry(int.class, 1),
              Map.entry(long.class, 1L),
              Map.entry(float.class, 1f),
              Map.entry(double.class, 1d),
              Map.entry(boolean.class, true));
      int places = 0;
      for (Class<?> type : publicTypes()) {
        for (Constructor<?> c : type.getConstructors()) {
          places += places(c, null, values);
        }
        for (Method m : type.getDeclaredMethods()) {
          if (ours(type, m)) {
            places +=
                places(m, Modifier.isStatic(m.getModifiers()) ? null : on(type, values), values);
          }
        }
      }
      assertTrue(places > 50, "found only " + places + " places");
      assertEquals("session of " + model.name(), session.toString().split(",")[0]);
      assertTrue(session.toString().endsWith("no image"), session::toString);
      assertEquals(1, pool.free());
    }
  }

  private static Object on(Class<?> type, Map<Class<?>, Object> values) {
    // Types without a value have no method that takes an object.
    return values.get(type);
  }

  private static int places(Executable e, Object on, Map<Class<?>, Object> values)
      throws ReflectiveOperationException {
    Class<?>[] types = e.getParameterTypes();
    int places = 0;
    for (int i = 0; i < types.length; i++) {
      if (types[i].isPrimitive()) {
        continue;
      }
      Object[] arguments = new Object[types.length];
      for (int k = 0; k < types.length; k++) {
        Object value = values.get(types[k]);
        assertTrue(value != null, () -> "no value for " + e);
        arguments[k] = k == i ? null : value;
      }
      String message = "returned";
      try {
        if (e instanceof Constructor<?> c) {
          c.newInstance(arguments);
        } else {
          ((Method) e).invoke(on, arguments);
        }
      } catch (InvocationTargetException thrown) {
        Throwable cause = thrown.getCause();
        message = cause instanceof NullPointerException ? cause.getMessage() : cause.toString();
      }
      String found = message;
      assertTrue(
          found != null && found.matches("[a-z][A-Za-z0-9]*") && !found.equals("returned"),
          () -> e + ": " + found);
      places++;
    }
    return places;
  }
}
