// SPDX-License-Identifier: Apache-2.0
package io.snnsim.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.snnsim.error.SnnsimException;
import io.snnsim.fixture.Models;
import io.snnsim.fixture.RandomNetworks;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** What refusals and {@code toString} say: who reads a log must see what to do. */
class MessagesTest {
  private static final RandomNetworks.Case NET = RandomNetworks.of(3);
  private static final RunOptions RUN = RunOptions.steps(12);

  private static void says(String end, Executable call) {
    String message = assertThrows(SnnsimException.class, call).getMessage();
    assertTrue(message.endsWith(end), message);
  }

  @Test
  void aModelSaysWhatKeepsItOpen() {
    String name = NET.network().name();
    try (Model model = Models.open(NET.network())) {
      try (Session one = model.newSession()) {
        assertEquals(model, one.model());
        says("model " + name + ": 1 session is open, expected none; close it first", model::close);
        try (SessionPool pool = model.newPool(2, SessionOptions.DEFAULT)) {
          says(
              ": a pool of 2 sessions and 1 session are open, expected none; close them first",
              model::close);
          Session taken = pool.tryTake();
          says(": 1 session is taken, expected none; give it back first", pool::close);
          pool.giveBack(taken);
        }
        try (Session two = model.newSession()) {
          assertEquals(model, two.model());
          says(": 2 sessions are open, expected none; close them first", model::close);
        }
      }
      try (SessionPool pool = model.newPool(1, SessionOptions.DEFAULT)) {
        assertEquals(1, pool.size());
        says(": a pool of 1 session is open, expected none; close it first", model::close);
      }
      SessionPool pool = model.newPool(2, SessionOptions.DEFAULT);
      Session first = pool.tryTake();
      Session second = pool.tryTake();
      says(": all 2 sessions are in use, expected a free one within 0 ns", () -> pool.take(0));
      says(": 2 sessions are taken, expected none; give them back first", pool::close);
      pool.giveBack(first);
      pool.giveBack(second);
      pool.close();
    }
  }

  @Test
  void floatsInTheWrongByteOrderAreSaidToBe() {
    try (Model model = Models.open(NET.network());
        Session session = model.newSession()) {
      int n = model.inputShape().size();
      ByteBuffer little = ByteBuffer.allocate(4 * n).order(ByteOrder.LITTLE_ENDIAN);
      for (int i = 0; i < n; i++) {
        // Read the other way round this is a NaN.
        little.putFloat(i * 4, Float.intBitsToFloat(0x3f00ff7f));
      }
      assertEquals(RUN.steps(), session.classify(little, ImageFormat.F32_CHW, RUN).steps());
      String message =
          assertThrows(
                  SnnsimException.class,
                  () -> session.classify(little.duplicate(), ImageFormat.F32_CHW, RUN))
              .getMessage();
      assertTrue(message.startsWith("image: value 0 is NaN or infinite, expected"), message);
      assertTrue(message.contains("BIG_ENDIAN") && message.contains("order("), message);
      says(
          "wrap floats that lie in bytes in a ByteBuffer",
          () -> session.classify(little.array(), ImageFormat.F32_CHW, RUN));
    }
  }

  @Test
  void whatIsPrintedTellsOneThingFromAnother() {
    String name = NET.network().name();
    Model model = Models.open(NET.network());
    SessionPool pool = model.newPool(2, SessionOptions.DEFAULT);
    Session session = model.newSession();
    String said = model.toString();
    assertTrue(said.startsWith("model " + name + ", " + model.inputShape() + " to "), said);
    assertTrue(said.contains(model.kernel()) && said.endsWith(", 3 open sessions"), said);
    String mine = "session of " + name + ", of thread " + Thread.currentThread().getName();
    assertEquals(mine + ", no image", session.toString());
    session.present(NET.image(), ImageFormat.F32_CHW);
    session.step();
    assertEquals(mine + ", 1 step run", session.toString());
    String result = session.run(RUN).toString();
    assertTrue(result.startsWith("class ") && result.contains("after 12 steps (STEPS, "), result);
    assertTrue(session.output().toString().contains(session.output().info().name()));
    Session taken = pool.tryTake();
    assertEquals("pool of " + name + ", 1 of 2 sessions free", pool.toString());
    pool.giveBack(taken);
    assertEquals("session of " + name + ", in its pool, no image", taken.toString());
    pool.close();
    session.close();
    model.close();
    assertTrue(pool.toString().endsWith("closed"), pool::toString);
    assertTrue(session.toString().contains(", closed"), session::toString);
    assertTrue(model.toString().endsWith(", closed"), model::toString);
    assertEquals("12 steps, readout AUTO", RUN.toString());
    assertEquals(
        "12 steps, readout SPIKES, until 2.0 spikes ahead from step 4, within 99 ns",
        RUN.decidedBy(Readout.SPIKES).endingAtMargin(2, 4).within(99).toString());
    FrameRing frames = new FrameRing(model.inputShape(), ImageFormat.U8_HWC, 1);
    byte[] frame = new byte[model.inputShape().size()];
    assertTrue(frames.offer(frame, 0));
    assertFalse(frames.offer(frame, 1));
    assertEquals(
        "ring of 1 frame " + model.inputShape() + " U8_HWC, 1 in it, 1 refused", frames.toString());
    assertEquals(
        "ring of 8 events on " + model.inputShape() + ", 0 in it, 0 refused",
        new EventRing(model.inputShape(), 1, 8).toString());
  }
}
