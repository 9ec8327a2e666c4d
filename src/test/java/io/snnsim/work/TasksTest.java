// SPDX-License-Identifier: Apache-2.0
package io.snnsim.work;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Collections;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every task once, by the threads that were asked for, and an end whatever happens. */
class TasksTest {
  @ParameterizedTest
  @CsvSource({
    // first, threads, tasks, names of the threads; the caller's is "caller"
    "0, 1, 9, caller",
    "0, 3, 9, t-0 t-1 t-2",
    "1, 3, 9, caller t-1 t-2",
    "0, 3, 2, t-0 t-1",
    "0, 3, 1, caller",
    "0, 3, 0, caller",
    "1, 3, 0, caller"
  })
  void doesEveryTaskOnceOnTheThreadsAskedFor(int first, int threads, int tasks, String names) {
    AtomicIntegerArray done = new AtomicIntegerArray(Math.max(1, tasks));
    Set<String> seen = Collections.synchronizedSet(new TreeSet<>());
    Thread caller = Thread.currentThread();
    Tasks.share(
        "t",
        first,
        Execution.on(threads),
        tasks,
        next -> {
          Thread here = Thread.currentThread();
          seen.add(here == caller ? "caller" : here.getName());
          for (int k; (k = next.getAsInt()) >= 0; ) {
            done.incrementAndGet(k);
          }
        });
    assertEquals(names, String.join(" ", seen));
    for (int k = 0; k < tasks; k++) {
      assertEquals(1, done.get(k), "task " + k);
    }
  }

  @Test
  void anInterruptedCallerWaitsAndStaysInterrupted() {
    CountDownLatch begun = new CountDownLatch(2);
    AtomicInteger done = new AtomicInteger();
    Thread.currentThread().interrupt();
    Tasks.share(
        "t",
        0,
        Execution.on(2),
        2,
        next -> {
          begun.countDown();
          while (next.getAsInt() >= 0) {
            await(begun);
            done.incrementAndGet();
          }
        });
    assertTrue(Thread.interrupted());
    assertEquals(2, done.get());
  }

  @Test
  void theFirstFailureEndsAllAndIsThrown() {
    IllegalStateException failure = new IllegalStateException("task 3");
    AtomicInteger done = new AtomicInteger();
    assertSame(
        failure,
        assertThrows(
            IllegalStateException.class,
            () ->
                Tasks.run(
                    "t",
                    Execution.on(2),
                    Integer.MAX_VALUE,
                    () ->
                        k -> {
                          if (k == 3) {
                            throw failure;
                          }
                          done.incrementAndGet();
                        })));
    assertTrue(done.get() < Integer.MAX_VALUE - 1, "the other thread did all the rest");
  }

  @Test
  void beginsNoTaskOnceCancelled() {
    AtomicBoolean cancelled = new AtomicBoolean();
    AtomicInteger done = new AtomicInteger();
    Tasks.run(
        "t",
        Execution.on(1, cancelled::get),
        1000,
        () ->
            k -> {
              done.incrementAndGet();
              cancelled.set(k == 4);
            });
    assertEquals(5, done.get());
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
