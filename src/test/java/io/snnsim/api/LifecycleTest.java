// SPDX-License-Identifier: Apache-2.0
package io.snnsim.api;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import io.snnsim.fixture.Models;
import io.snnsim.fixture.RandomNetworks;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Closing, threads, pools and refusals: each says what is wrong and leaves the rest usable. */
class LifecycleTest {
  private static final RandomNetworks.Case NET = RandomNetworks.of(3);
  private static final RunOptions RUN = RunOptions.steps(12);

  private static SnnsimException refused(Category category, Executable call) {
    SnnsimException e = assertThrows(SnnsimException.class, call);
    assertEquals(category, e.category(), e.getMessage());
    assertTrue(
        !e.getMessage().contains("\n") && e.getMessage().contains("expected"), e::getMessage);
    return e;
  }

  private static <T> T onAnotherThread(Callable<T> call) throws Exception {
    FutureTask<T> task = new FutureTask<>(call);
    Thread thread = new Thread(task, "other");
    thread.start();
    thread.join();
    return task.get();
  }

  @Test
  void closingAModelWithLiveSessionsFailsAndLeavesBothUsable() {
    Model model = Models.open(NET.network());
    Session session = model.newSession();
    int answer = session.classify(NET.image(), RUN).answer();
    refused(Category.IN_USE, model::close);
    assertEquals(answer, session.classify(NET.image(), RUN).answer());
    try (Session another = model.newSession()) {
      assertEquals(2, model.liveSessions());
      assertEquals(answer, another.classify(NET.image(), RUN).answer());
    }
    session.close();
    session.close();
    model.close();
    model.close();
  }

  @Test
  void useAfterCloseThrows() {
    Model model = Models.open(NET.network());
    Session session = model.newSession(SessionOptions.OBSERVED);
    PopulationView view = session.output();
    Result result = session.classify(NET.image(), RUN);
    int answer = result.answer();
    session.close();
    for (Executable call :
        List.<Executable>of(
            () -> session.classify(NET.image(), RUN),
            () -> session.present(NET.image(), ImageFormat.F32_CHW),
            () -> session.change(NET.image(), ImageFormat.F32_CHW),
            () -> session.run(RUN),
            session::step,
            session::reset,
            session::steps,
            () -> session.decide(Readout.SPIKES),
            () -> view.potential(0, 0, 0),
            () -> view.count(0, 0, 0),
            () -> view.spike(0, 0, 0),
            view::spikeTotal)) {
      refused(Category.CLOSED, call);
    }
    // What was read stays readable: it is the heap's.
    assertEquals(answer, result.answer());
    model.close();
    refused(Category.CLOSED, model::newSession);
    assertEquals(NET.network().name(), model.name());
  }

  @Test
  void anotherThreadIsRefusedAndChangesNothing() throws Exception {
    for (int threads : new int[] {1, 2}) {
      try (Model model = Models.open(NET.network());
          Session session = model.newSession(new SessionOptions(true, true, threads))) {
        Result r = session.classify(NET.image(), RUN);
        double score = r.score(r.answer());
        int n = model.inputShape().size();
        MemorySegment bytes = MemorySegment.ofArray(new byte[n]);
        FrameRing frames = new FrameRing(model.inputShape(), ImageFormat.U8_CHW, 1);
        frames.offer(bytes, 0);
        EventRing events = new EventRing(model.inputShape(), 1, 1);
        events.offer(0, 0, 0, 0);
        List<Executable> calls =
            List.of(
                () -> session.classify(NET.image(), RUN),
                () -> session.present(NET.image(), ImageFormat.F32_CHW),
                () -> session.change(NET.image(), ImageFormat.F32_HWC),
                () -> session.classify(ByteBuffer.allocate(n), ImageFormat.U8_CHW, RUN),
                () -> session.classify(new byte[n], ImageFormat.U8_CHW, RUN),
                () -> session.classify(bytes, ImageFormat.U8_CHW, RUN),
                () -> session.change(frames, true),
                () -> session.change(events, 1),
                () -> session.run(RUN),
                session::step,
                session::reset,
                session::steps,
                () -> session.decide(Readout.SPIKES),
                () -> session.output().potential(0, 0, 0),
                () -> session.output().count(0, 0, 0),
                () -> session.output().spike(0, 0, 0),
                () -> session.output().spikeTotal(),
                session::close);
        for (Executable call : calls) {
          SnnsimException e = onAnotherThread(() -> refused(Category.WRONG_THREAD, call));
          assertTrue(e.getMessage().contains("other"), e::getMessage);
        }
        r = session.decide(Readout.SPIKES_SOFTMAX);
        assertEquals(score, r.score(r.answer()));
        assertEquals(1, frames.size(), "the frame is still there for the owner");
        assertEquals(1, events.size());
      }
    }
  }

  /** At the same time, not one after the other: the owner's answers stay what they were. */
  @Tag("slow")
  @Test
  void anotherThreadIsRefusedWhileTheOwnerRuns() throws Exception {
    float[] other = NET.image().clone();
    other[0] += 1;
    try (Model model = Models.open(NET.network());
        Session session = model.newSession()) {
      double[] expected = scores(session.classify(NET.image(), RUN));
      AtomicBoolean stop = new AtomicBoolean();
      CountDownLatch begun = new CountDownLatch(1);
      FutureTask<Integer> intruder =
          new FutureTask<>(
              () -> {
                int refusals = 0;
                while (!stop.get()) {
                  refused(Category.WRONG_THREAD, () -> session.classify(other, RUN));
                  refused(Category.WRONG_THREAD, session::step);
                  refused(Category.WRONG_THREAD, session::reset);
                  refused(Category.WRONG_THREAD, session::close);
                  refusals += 4;
                  begun.countDown();
                }
                return refusals;
              });
      Thread thread = new Thread(intruder, "other");
      thread.start();
      assertTrue(begun.await(1, TimeUnit.MINUTES) || intruder.isDone(), "it must begin");
      try {
        for (int i = 0; i < 500; i++) {
          assertArrayEquals(expected, scores(session.classify(NET.image(), RUN)));
        }
      } finally {
        stop.set(true);
      }
      assertTrue(intruder.get() >= 4);
    }
  }

  @Test
  void badImagesAreRefusedAndTheSessionGoesOn() {
    try (Model model = Models.open(NET.network());
        Session session = model.newSession();
        Session untouched = model.newSession()) {
      int n = model.inputShape().size();
      session.present(NET.image(), ImageFormat.F32_CHW);
      untouched.present(NET.image(), ImageFormat.F32_CHW);
      session.step();
      untouched.step();
      float[] nan = NET.image().clone();
      nan[n - 1] = Float.NaN;
      float[] infinite = NET.image().clone();
      infinite[0] = Float.NEGATIVE_INFINITY;
      ByteBuffer nanBytes = ByteBuffer.allocate(4 * n);
      for (int i = 0; i < n; i++) {
        nanBytes.putFloat(i * 4, nan[i]);
      }
      Arena closed = Arena.ofShared();
      MemorySegment dead = closed.allocate(n);
      closed.close();
      String last = "value " + (n - 1) + " ";
      for (ImageFormat f : List.of(ImageFormat.F32_CHW, ImageFormat.F32_HWC)) {
        assertTrue(badImage(() -> session.classify(nan, f, RUN)).contains(last));
        assertTrue(
            badImage(() -> session.classify(MemorySegment.ofArray(nan), f, RUN)).contains(last));
        assertTrue(badImage(() -> session.classify(nanBytes, f, RUN)).contains(last));
        assertTrue(badImage(() -> session.classify(infinite, f, RUN)).contains("value 0 "));
      }
      badImage(() -> session.classify(new float[n - 1], RUN));
      badImage(() -> session.classify(new float[0], RUN));
      badImage(() -> session.classify(NET.image(), ImageFormat.U8_CHW, RUN));
      badImage(() -> session.classify(new byte[n - 1], ImageFormat.U8_CHW, RUN));
      badImage(() -> session.classify(new byte[4 * n], ImageFormat.F32_CHW, RUN));
      badImage(() -> session.classify(ByteBuffer.allocate(n + 1), ImageFormat.U8_HWC, RUN));
      badImage(() -> session.classify(ByteBuffer.allocate(n), ImageFormat.F32_HWC, RUN));
      badImage(
          () ->
              session.classify(
                  MemorySegment.ofArray(new byte[4 * n + 1]), ImageFormat.F32_CHW, RUN));
      badImage(() -> session.classify(dead, ImageFormat.U8_CHW, RUN));
      // The image before it runs on as if nothing had been asked.
      Result r = session.run(RUN);
      Result expected = untouched.run(RUN);
      for (int i = 0; i < r.classes(); i++) {
        assertEquals(expected.score(i), r.score(i));
      }
    }
  }

  private static String badImage(Executable call) {
    return refused(Category.BAD_DATA, call).getMessage();
  }

  @Test
  void callsOutOfOrderAndOptionsOutOfRangeAreRefused() {
    refused(Category.USAGE, () -> RunOptions.steps(0));
    refused(Category.USAGE, () -> RUN.within(0));
    refused(Category.USAGE, () -> RUN.within(-1));
    refused(Category.USAGE, () -> RUN.endingAtMargin(0, 1));
    refused(Category.USAGE, () -> RUN.endingAtMargin(Double.NaN, 1));
    refused(Category.USAGE, () -> RUN.endingAtMargin(1, 0));
    refused(Category.USAGE, () -> new SessionOptions(false, false, 0));
    try (Model model = Models.open(NET.network());
        Session session = model.newSession()) {
      refused(Category.USAGE, session::step);
      refused(Category.USAGE, () -> session.run(RUN));
      refused(Category.USAGE, () -> session.decide(Readout.SPIKES));
      session.classify(NET.image(), RUN);
      refused(Category.USAGE, () -> session.run(RUN));
      refused(Category.USAGE, () -> model.warmUp(java.time.Duration.ZERO));
      assertThrows(
          IndexOutOfBoundsException.class, () -> session.output().potential(0, 0, 1 << 20));
      assertThrows(IndexOutOfBoundsException.class, () -> session.output().potential(-1, 0, 0));
      refused(Category.USAGE, () -> model.newPool(0, SessionOptions.DEFAULT));
    }
  }

  @Test
  void badModelsAreRefused() {
    MemorySegment good = Models.bytes(NET.network());
    byte[] bytes = good.toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
    bytes[bytes.length / 2] ^= 1;
    for (Memory memory : Memory.values()) {
      ModelOptions options = ModelOptions.DEFAULT.with(memory);
      refusedModel(() -> Model.open(MemorySegment.ofArray(bytes), options));
      refusedModel(() -> Model.open(good.asSlice(0, good.byteSize() - 8), options));
      refusedModel(() -> Model.open(MemorySegment.ofArray(new byte[0]), options));
    }
    refused(Category.INPUT_MISSING, () -> Model.open(Path.of("no", "such.snn")));
  }

  private static void refusedModel(Executable call) {
    SnnsimException e = assertThrows(SnnsimException.class, call);
    assertEquals(Category.BAD_DATA, e.category());
    assertTrue(e.getMessage().startsWith("memory: "), e::getMessage);
  }

  /** A model used in place, from memory at an odd address. */
  @Test
  void aModelInMemoryGivesTheSameAnswersInPlaceAndCopied() {
    MemorySegment bytes = Models.bytes(NET.network());
    try (Arena arena = Arena.ofShared();
        Model copied = Model.open(bytes, ModelOptions.DEFAULT)) {
      MemorySegment odd = arena.allocate(bytes.byteSize() + 1, 8).asSlice(1).copyFrom(bytes);
      try (Model inPlace = Model.open(odd, ModelOptions.DEFAULT.with(Memory.MAPPED));
          Session a = copied.newSession();
          Session b = inPlace.newSession()) {
        // A resident model does not look at what it was made from.
        Result expected = a.classify(NET.image(), RUN);
        Result r = b.classify(NET.image(), RUN);
        for (int i = 0; i < r.classes(); i++) {
          assertEquals(expected.score(i), r.score(i));
        }
        double before = expected.score(0);
        bytes.fill((byte) 0);
        assertEquals(before, a.classify(NET.image(), RUN).score(0));
      }
    }
  }

  @Test
  void aPoolHandsOutWhatItHas() throws Exception {
    try (Model model = Models.open(NET.network())) {
      SessionPool pool = model.newPool(2, SessionOptions.DEFAULT);
      Session first = pool.tryTake();
      Session second = pool.take(0);
      assertNotSame(first, second);
      assertNull(pool.tryTake());
      assertEquals(0, pool.free());
      refused(Category.IN_USE, () -> pool.take(1000));
      refused(Category.IN_USE, pool::close);
      refused(Category.IN_USE, model::close);
      int answer = first.classify(NET.image(), RUN).answer();
      onAnotherThread(() -> refused(Category.WRONG_THREAD, () -> pool.giveBack(first)));
      refused(Category.USAGE, first::close);
      pool.giveBack(first);
      refused(Category.CLOSED, () -> pool.giveBack(first));
      refused(Category.CLOSED, () -> first.classify(NET.image(), RUN));
      assertEquals(
          answer,
          onAnotherThread(
              () -> {
                Session s = pool.tryTake();
                assertSame(first, s);
                // It is as new: the image of the thread before is gone.
                refused(Category.USAGE, s::step);
                int there = s.classify(NET.image(), RUN).answer();
                pool.giveBack(s);
                return there;
              }));
      pool.giveBack(second);
      try (Session own = model.newSession()) {
        refused(Category.USAGE, () -> pool.giveBack(own));
      }
      assertNotNull(pool.tryTake());
      pool.giveBack(second);
      pool.close();
      pool.close();
      refused(Category.CLOSED, pool::tryTake);
      refused(Category.CLOSED, () -> pool.take(0));
    }
  }

  /**
   * A thread that is woken by a session given back may come too late: the pool is closed by then.
   */
  @Test
  void whoStillWaitsForAPoolThatClosesIsToldSo() throws Exception {
    try (Model model = Models.open(NET.network())) {
      for (int i = 0; i < 100; i++) {
        SessionPool pool = model.newPool(1, SessionOptions.DEFAULT);
        Session taken = pool.take(0);
        FutureTask<Session> waiting =
            new FutureTask<>(
                () -> {
                  Session s = pool.take(Long.MAX_VALUE);
                  pool.giveBack(s);
                  return s;
                });
        Thread waiter = Thread.ofPlatform().daemon().start(waiting);
        while (waiter.getState() != Thread.State.TIMED_WAITING) {
          Thread.onSpinWait();
        }
        pool.giveBack(taken);
        try {
          pool.close();
        } catch (SnnsimException e) {
          // The other thread was faster.
          assertEquals(Category.IN_USE, e.category());
          assertSame(taken, waiting.get(60, TimeUnit.SECONDS));
          pool.close();
        }
        try {
          assertSame(taken, waiting.get(60, TimeUnit.SECONDS));
        } catch (ExecutionException e) {
          assertEquals(Category.CLOSED, ((SnnsimException) e.getCause()).category());
        }
        assertEquals(0, pool.free());
        refused(Category.CLOSED, pool::tryTake);
      }
    }
  }

  /** More threads than sessions; every answer is the one a session of its own gives. */
  @Tag("slow")
  @Test
  void aPoolUnderManyThreadsNeverSharesASession() throws Exception {
    int threads = 6;
    try (Model model = Models.open(NET.network());
        SessionPool pool = model.newPool(2, SessionOptions.DEFAULT);
        ExecutorService executor = Executors.newFixedThreadPool(threads)) {
      float[][] images = new float[threads][];
      double[][] expected = new double[threads][];
      try (Session own = model.newSession()) {
        for (int i = 0; i < threads; i++) {
          images[i] = NET.image().clone();
          images[i][0] += i;
          expected[i] = scores(own.classify(images[i], RUN));
        }
      }
      List<Future<?>> done = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        int image = i;
        done.add(
            executor.submit(
                () -> {
                  for (int k = 0; k < 200; k++) {
                    Session s = pool.take(Long.MAX_VALUE);
                    try {
                      assertArrayEquals(expected[image], scores(s.classify(images[image], RUN)));
                    } finally {
                      pool.giveBack(s);
                    }
                  }
                  return null;
                }));
      }
      for (Future<?> f : done) {
        f.get();
      }
      assertEquals(2, pool.free());
    }
  }

  private static double[] scores(Result r) {
    double[] scores = new double[r.classes()];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = r.score(i);
    }
    return scores;
  }
}
