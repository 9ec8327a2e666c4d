// SPDX-License-Identifier: Apache-2.0
package io.snnsim.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import io.snnsim.fixture.Models;
import io.snnsim.fixture.Nets;
import io.snnsim.geometry.MapShape;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What an embedder allows a model and its sessions, and what is refused beyond it. */
class ModelLimitsTest {
  /** A map of 256 KB and more of state. */
  private final MemorySegment bytes =
      Models.bytes(
          Nets.of(
              List.of(
                  Nets.fire("map", new MapShape(2, 256, 256), false, 100, 0, 1),
                  Nets.fire("out", new MapShape(2, 1, 1), false, 100, 0, 1)),
              List.of()));

  private static void limited(Runnable what) {
    SnnsimException e = assertThrows(SnnsimException.class, what::run);
    assertEquals(Category.LIMIT, e.category(), e.getMessage());
    assertTrue(e.getMessage().contains("in a program by ModelOptions.max"), e.getMessage());
  }

  @Test
  void aModelBeyondItsLimitIsNotOpened() {
    limited(() -> Model.open(bytes, ModelOptions.DEFAULT.withMaxMemory(100_000)).close());
    Model.open(bytes, ModelOptions.DEFAULT.withMaxSynapses(1)).close();
  }

  @Test
  void sessionsShareTheLimit() {
    long one;
    try (Model model = Model.open(bytes, ModelOptions.DEFAULT);
        Session session = model.newSession()) {
      one = session.nativeBytes();
    }
    ModelOptions three = ModelOptions.DEFAULT.withMaxMemory(7 * one / 2);
    try (Model model = Model.open(bytes, three)) {
      limited(() -> model.newPool(4, SessionOptions.DEFAULT).close());
      assertEquals(0, model.liveSessions());
      try (SessionPool pool = model.newPool(2, SessionOptions.DEFAULT)) {
        model.newSession().close();
        try (Session third = model.newSession()) {
          limited(() -> model.newSession().close());
          assertEquals(one, third.nativeBytes());
        }
        assertEquals(2, pool.size());
      }
      assertEquals(0, model.liveSessions());
    }
  }

  @Test
  void negativeLimitsAreRefused() {
    for (Runnable r :
        List.<Runnable>of(
            () -> ModelOptions.DEFAULT.withMaxMemory(-1),
            () -> ModelOptions.DEFAULT.withMaxSynapses(-1))) {
      SnnsimException e = assertThrows(SnnsimException.class, r::run);
      assertEquals(Category.USAGE, e.category());
    }
    ModelOptions both = ModelOptions.DEFAULT.withMaxMemory(5).withMaxSynapses(6);
    assertEquals(5, both.with(Kernel.SCALAR).maxMemory());
    assertEquals(6, both.with(Memory.MAPPED).maxSynapses());
  }
}
