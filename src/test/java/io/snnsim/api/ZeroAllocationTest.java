// SPDX-License-Identifier: Apache-2.0
package io.snnsim.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.snnsim.fixture.Allocations;
import io.snnsim.fixture.Models;
import io.snnsim.fixture.RandomNetworks;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.time.Duration;
import jdk.jfr.Recording;
import org.junit.jupiter.api.Test;

/** Every call of a session, its views, a pool and rings allocates nothing once compiled. */
class ZeroAllocationTest {
  private static final RandomNetworks.Case NET = RandomNetworks.of(3);
  private static final int QUIET_ROUNDS = 20;

  /**
   * Only for a machine on which compiling never ends; allocating calls do however long one waits.
   */
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  private static void assertQuiet(String what, Allocations.Calls calls)
      throws InterruptedException {
    Allocations.end(what, QUIET_ROUNDS, () -> {}, calls);
  }

  @Test
  void classifyingInEveryFormat() throws InterruptedException {
    try (Arena arena = Arena.ofConfined();
        Model model = Models.open(NET.network());
        Session session = model.newSession()) {
      int n = model.inputShape().size();
      byte[] bytes = new byte[n];
      ByteBuffer[] buffers = {ByteBuffer.allocate(n), ByteBuffer.allocateDirect(n)};
      ByteBuffer floats = ByteBuffer.allocateDirect(4 * n);
      MemorySegment[] segments = {MemorySegment.ofArray(bytes), arena.allocate(n)};
      RunOptions all = RunOptions.steps(16);
      RunOptions asked = all.endingAtMargin(2, 4).within(1_000_000_000);
      assertQuiet(
          "classify",
          () -> {
            session.classify(NET.image(), all);
            session.classify(NET.image(), ImageFormat.F32_HWC, asked);
            session.classify(bytes, ImageFormat.U8_HWC, all);
            for (ByteBuffer b : buffers) {
              session.classify(b, ImageFormat.U8_HWC, all);
              session.classify(b, ImageFormat.U8_CHW, asked);
            }
            session.classify(floats, ImageFormat.F32_CHW, all);
            for (MemorySegment s : segments) {
              session.classify(s, ImageFormat.U8_HWC, all);
            }
          });
    }
  }

  /** The recorder itself may allocate when it changes buffers, but not in so few calls in a row. */
  @Test
  void classifyingWhileFlightRecorderRuns() throws InterruptedException {
    try (Model model = Models.open(NET.network());
        Session session = model.newSession();
        Recording recording = new Recording()) {
      recording.start();
      RunOptions all = RunOptions.steps(16);
      assertQuiet("recorded", () -> session.classify(NET.image(), all));
    }
  }

  @Test
  void steppingAndLooking() throws InterruptedException {
    try (Model model = Models.open(NET.network());
        Session session = model.newSession(SessionOptions.OBSERVED)) {
      long[] sum = new long[1];
      assertQuiet(
          "step",
          () -> {
            session.present(NET.image(), ImageFormat.F32_CHW);
            for (int t = 0; t < 8; t++) {
              session.step();
              Result r = session.decide(Readout.MEMBRANE);
              sum[0] += r.answer() + r.steps() + (long) r.margin();
              for (int p = 0; p < model.populations().size(); p++) {
                PopulationView view = session.population(p);
                sum[0] += view.potential(0, 0, 0) + view.count(0, 0, 0) + view.spike(0, 0, 0);
                sum[0] += view.spikeTotal();
              }
            }
            session.reset();
          });
      assertTrue(sum[0] != 0);
    }
  }

  @Test
  void poolsAndRings() throws InterruptedException {
    try (Model model = Models.open(NET.network());
        SessionPool pool = model.newPool(2, SessionOptions.DEFAULT)) {
      FrameRing frames = new FrameRing(model.inputShape(), ImageFormat.F32_CHW, 2);
      EventRing events = new EventRing(model.inputShape(), 1, 16);
      assertQuiet(
          "pool",
          () -> {
            Session session = pool.take(1000);
            frames.offer(NET.image(), 1);
            session.change(frames, true);
            session.step();
            events.offer(1, 0, 0, 0);
            session.change(events, 2);
            session.step();
            pool.giveBack(session);
          });
    }
  }

  @Test
  void warmingUpSaysWhenCodeIsInPlace() {
    try (Model model = Models.open(NET.network())) {
      WarmUp done = model.warmUp(PATIENCE);
      assertTrue(done.compiled(), done::toString);
      assertEquals(0, done.bytesPerCall());
      assertTrue(done.calls() > 0 && done.nanosPerStep() > 0, done::toString);
      assertEquals(0, model.liveSessions());
      WarmUp cut = model.warmUp(Duration.ofNanos(1));
      assertTrue(!cut.compiled(), cut::toString);
    }
  }
}
