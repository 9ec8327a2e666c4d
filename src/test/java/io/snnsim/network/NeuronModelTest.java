// SPDX-License-Identifier: Apache-2.0
package io.snnsim.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;

import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.CyclicBarrier;
import org.junit.jupiter.api.Test;

/** That models can be loaded in any order, by several threads at once. */
class NeuronModelTest {
  /** Loads the classes of this package anew. */
  private static final class Anew extends ClassLoader {
    Anew() {
      super(NeuronModelTest.class.getClassLoader());
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      if (!name.startsWith(NeuronModel.class.getPackageName() + ".")) {
        return super.loadClass(name, resolve);
      }
      synchronized (getClassLoadingLock(name)) {
        Class<?> there = findLoadedClass(name);
        return there != null ? there : define(name);
      }
    }

    private Class<?> define(String name) throws ClassNotFoundException {
      try (InputStream in = getResourceAsStream(name.replace('.', '/') + ".class")) {
        byte[] bytes = in.readAllBytes();
        return defineClass(name, bytes, 0, bytes.length);
      } catch (IOException e) {
        throw new ClassNotFoundException(name, e);
      }
    }
  }

  @Test
  void loadingAModelAndLoadingTheListOfModelsDoNotWaitForEachOther() throws Exception {
    for (NeuronModel model : NeuronModel.KNOWN) {
      for (int trial = 0; trial < 20; trial++) {
        Anew loader = new Anew();
        CyclicBarrier together = new CyclicBarrier(2);
        Thread one = start(loader, together, model.getClass().getName());
        Thread other = start(loader, together, NeuronModel.class.getName());
        one.join(20_000);
        other.join(20_000);
        assertFalse(one.isAlive() || other.isAlive(), model.label() + " hangs");
        Class<?> anew = loader.loadClass(model.getClass().getName());
        assertNotSame(model.getClass(), anew);
        assertEquals(model.getClass().getName(), anew.getName());
      }
    }
  }

  /**
   * No default here: it would make every model wait for the constants, whose makers wait for it.
   */
  @Test
  void theListHasNoDefaultAndFamiliesHaveNoConstants() {
    for (var method : NeuronModel.class.getDeclaredMethods()) {
      assertFalse(method.isDefault(), method.getName());
    }
    for (Class<?> family : NeuronModel.class.getPermittedSubclasses()) {
      assertEquals(0, family.getDeclaredFields().length, family.getName());
    }
  }

  private static Thread start(ClassLoader loader, CyclicBarrier together, String name) {
    return Thread.ofPlatform()
        .daemon()
        .start(
            () -> {
              try {
                Class<?> loaded = Class.forName(name, false, loader);
                together.await();
                Class.forName(loaded.getName(), true, loader);
              } catch (Exception e) {
                throw new IllegalStateException(e);
              }
            });
  }
}
