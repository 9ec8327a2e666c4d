// SPDX-License-Identifier: Apache-2.0
package io.snnsim.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import io.snnsim.fixture.Models;
import io.snnsim.fixture.RandomNetworks;
import io.snnsim.geometry.MapShape;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Frames and events out of rings: nothing lost, nothing torn, and what a full ring does. */
class StreamTest {
  private static final RandomNetworks.Case NET = RandomNetworks.of(3);

  private static void refused(Category category, Executable call) {
    SnnsimException e = assertThrows(SnnsimException.class, call);
    assertEquals(category, e.category(), e.getMessage());
    assertTrue(e.getMessage().contains("expected"), e::getMessage);
  }

  @Test
  void framesChangeTheInputAndNotTheState() {
    try (Model model = Models.open(NET.network());
        Session streamed = model.newSession();
        Session direct = model.newSession()) {
      FrameRing ring = new FrameRing(model.inputShape(), ImageFormat.F32_CHW, 4);
      float[] other = NET.image().clone();
      for (int i = 0; i < other.length; i++) {
        other[i] = 1 - other[i];
      }
      assertFalse(streamed.change(ring, false));
      assertTrue(ring.offer(NET.image(), 10));
      assertTrue(ring.offer(MemorySegment.ofArray(other), 20));
      assertEquals(2, ring.size());
      assertTrue(streamed.change(ring, false));
      assertEquals(10, streamed.inputTime());
      direct.present(NET.image(), ImageFormat.F32_CHW);
      steps(7, streamed, direct);
      assertTrue(streamed.change(ring, false));
      assertEquals(20, streamed.inputTime());
      direct.change(other, ImageFormat.F32_CHW);
      steps(7, streamed, direct);
      assertFalse(streamed.change(ring, false));
      steps(3, streamed, direct);
      assertEquals(17, streamed.steps());
      assertSame(direct, streamed);
    }
  }

  private static void steps(int n, Session a, Session b) {
    for (int i = 0; i < n; i++) {
      a.step();
      b.step();
    }
  }

  private static void assertSame(Session a, Session b) {
    Result expected = a.decide(Readout.MEMBRANE);
    Result r = b.decide(Readout.MEMBRANE);
    for (int i = 0; i < r.classes(); i++) {
      assertEquals(expected.score(i), r.score(i));
    }
  }

  @Test
  void aFullRingRefusesAndCounts() {
    try (Model model = Models.open(NET.network());
        Session session = model.newSession()) {
      MapShape shape = model.inputShape();
      FrameRing ring = new FrameRing(shape, ImageFormat.U8_HWC, 3);
      ByteBuffer frame = ByteBuffer.allocate(shape.size());
      for (int i = 0; i < 5; i++) {
        assertEquals(i < 3, ring.offer(frame, i));
      }
      assertEquals(2, ring.refused());
      assertEquals(3, ring.size());
      assertTrue(session.change(ring, true));
      // The newest, and those before it are gone.
      assertEquals(2, session.inputTime());
      assertEquals(0, ring.size());
      assertTrue(ring.offer(frame, 9));
      refused(Category.BAD_DATA, () -> ring.offer(ByteBuffer.allocate(shape.size() + 1), 0));
      refused(Category.USAGE, () -> ring.offer(new float[shape.size()], 0));
      refused(Category.USAGE, () -> new FrameRing(shape, ImageFormat.U8_HWC, 0));
      FrameRing foreign = new FrameRing(new MapShape(1, 1, 1), ImageFormat.U8_HWC, 1);
      refused(Category.BAD_DATA, () -> session.change(foreign, false));

      EventRing events = new EventRing(shape, 1, 2);
      assertTrue(events.offer(5, 0, 0, 0));
      assertTrue(events.offer(6, 0, 0, 0));
      assertFalse(events.offer(7, 0, 0, 0));
      assertEquals(1, events.refused());
      refused(Category.BAD_DATA, () -> events.offer(8, shape.channels(), 0, 0));
      refused(Category.BAD_DATA, () -> events.offer(8, 0, -1, 0));
    }
  }

  @Test
  void aFrameWithNaNIsDroppedAndTheSessionGoesOn() {
    try (Model model = Models.open(NET.network());
        Session session = model.newSession();
        Session direct = model.newSession()) {
      FrameRing ring = new FrameRing(model.inputShape(), ImageFormat.F32_CHW, 2);
      float[] bad = NET.image().clone();
      bad[0] = Float.NaN;
      session.present(NET.image(), ImageFormat.F32_CHW);
      direct.present(NET.image(), ImageFormat.F32_CHW);
      steps(3, session, direct);
      ring.offer(bad, 1);
      refused(Category.BAD_DATA, () -> session.change(ring, false));
      assertEquals(0, ring.size());
      steps(3, session, direct);
      assertSame(direct, session);
    }
  }

  @Test
  void eventsOfAStepAddUpToItsInput() {
    try (Model model = Models.open(NET.network());
        Session streamed = model.newSession();
        Session direct = model.newSession()) {
      MapShape shape = model.inputShape();
      EventRing ring = new EventRing(shape, 0.5f, 64);
      int lastX = shape.width() - 1;
      int lastY = shape.height() - 1;
      int lastC = shape.channels() - 1;
      ring.offer(1, 0, 0, 0);
      ring.offer(2, lastC, lastY, lastX);
      ring.offer(2, lastC, lastY, lastX);
      ring.offer(10, 0, 0, lastX);
      float[] first = new float[shape.size()];
      first[0] += 0.5f;
      first[shape.size() - 1] += 1;
      float[] second = new float[shape.size()];
      second[lastX] += 0.5f;
      assertEquals(3, streamed.change(ring, 10));
      direct.change(first, ImageFormat.F32_CHW);
      steps(4, streamed, direct);
      assertEquals(1, streamed.change(ring, 20));
      direct.change(second, ImageFormat.F32_CHW);
      steps(4, streamed, direct);
      assertEquals(0, streamed.change(ring, 30));
      assertEquals(30, streamed.inputTime());
      direct.change(new float[shape.size()], ImageFormat.F32_CHW);
      steps(4, streamed, direct);
      assertSame(direct, streamed);
    }
  }

  /** Each frame is filled with its number, so a torn or doubled one shows. */
  @Tag("slow")
  @Test
  void aProducerThreadsFramesArriveWholeAndInOrder() throws Exception {
    MapShape shape = new MapShape(1, 16, 16);
    FrameRing ring = new FrameRing(shape, ImageFormat.F32_CHW, 3);
    int frames = 20_000;
    FutureTask<Long> producer =
        new FutureTask<>(
            () -> {
              float[] frame = new float[shape.size()];
              for (int i = 0; i < frames; i++) {
                java.util.Arrays.fill(frame, i);
                while (!ring.offer(frame, i)) {
                  Thread.yield();
                }
              }
              return ring.refused();
            });
    Thread thread = new Thread(producer);
    thread.start();
    for (int i = 0; i < frames; i++) {
      int slot = ring.peek(false);
      while (slot < 0) {
        Thread.yield();
        slot = ring.peek(false);
      }
      assertEquals(i, ring.time(slot));
      MemorySegment frame = ring.frame(slot);
      for (int k = 0; k < shape.size(); k++) {
        assertEquals(i, frame.getAtIndex(java.lang.foreign.ValueLayout.JAVA_FLOAT, k));
      }
      ring.release();
    }
    assertEquals(-1, ring.peek(false));
    assertEquals(ring.refused(), producer.get());
  }
}
