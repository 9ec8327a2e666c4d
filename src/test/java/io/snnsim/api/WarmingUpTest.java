// SPDX-License-Identifier: Apache-2.0
package io.snnsim.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.snnsim.metrics.Clock;
import io.snnsim.metrics.Settling;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongUnaryOperator;
import org.junit.jupiter.api.Test;

/** When a warm-up ends, and what it says then, by a clock that only its calls move on. */
class WarmingUpTest {
  private static final long MICRO = 1_000;
  private static final long MILLI = 1_000_000;

  /** Calls that take a time of the test's choice, and a JVM that allocates and compiles as told. */
  private static final class Fake implements WarmingUp.Calls, Clock {
    final LongUnaryOperator nanosPerStep;
    final List<Integer> steps = new ArrayList<>();
    long now = 12345;
    long allocated;
    long compilation = 1;
    long bytesPerCall;
    long compilationPerCall;
    long others;

    /**
     * @param nanosPerStep of call number
     */
    Fake(LongUnaryOperator nanosPerStep) {
      this.nanosPerStep = nanosPerStep;
    }

    @Override
    public void classify(long call, int n) {
      assertEquals(steps.size(), call);
      now += n * nanosPerStep.applyAsLong(call);
      steps.add(n);
      allocated += bytesPerCall;
      compilation += compilationPerCall;
    }

    @Override
    public void others() {
      others++;
    }

    @Override
    public long nanos() {
      return now;
    }

    @Override
    public void pause() {
      throw new AssertionError("nothing waits");
    }

    WarmUp run(Duration budget) {
      return new WarmingUp(this, this, () -> allocated, () -> compilation).run(budget);
    }
  }

  /** As in a fresh JVM: every call takes four fifths of the one before. */
  private static long cold(long call) {
    return Math.max(100 * MICRO, (long) (700 * MILLI * Math.pow(0.8, call)));
  }

  @Test
  void theBudgetHoldsWhileCallsAreStillSlow() {
    for (int millis : new int[] {700, 1000, 1500, 3000, 5000}) {
      Fake fake = new Fake(WarmingUpTest::cold);
      fake.bytesPerCall = 1;
      WarmUp done = fake.run(Duration.ofMillis(millis));
      assertTrue(done.nanos() <= millis * MILLI, done::toString);
      assertTrue(done.nanos() > millis * MILLI / 2, done::toString);
      assertFalse(done.compiled() || done.steady(), done::toString);
      assertEquals(1, done.bytesPerCall());
      assertEquals(1, fake.steps.getFirst());
      for (int i = 1; i < fake.steps.size(); i++) {
        assertTrue(fake.steps.get(i) <= 2 * fake.steps.get(i - 1), fake.steps::toString);
      }
    }
  }

  @Test
  void oneStepIsAlwaysRun() {
    Fake fake = new Fake(WarmingUpTest::cold);
    WarmUp done = fake.run(Duration.ofNanos(1));
    assertEquals(List.of(1), fake.steps);
    assertEquals(new WarmUp(false, false, 1, 700 * MILLI, 700 * MILLI, 0), done);
  }

  @Test
  void itEndsOnceCallsHaveSettledAndSaysSo() {
    Fake fake = new Fake(WarmingUpTest::cold);
    WarmUp done = fake.run(Duration.ofDays(1));
    assertTrue(done.compiled() && done.steady(), done::toString);
    assertEquals(fake.steps.size(), done.calls());
    assertTrue(done.calls() >= Settling.LEAST_CALLS, done::toString);
    assertEquals(100 * MICRO, done.nanosPerStep());
    assertEquals(0, done.bytesPerCall());
    assertTrue(done.nanos() < Duration.ofMinutes(1).toNanos(), done::toString);
    assertTrue(fake.others > 0);
    // A budget that no clock can hold is one all the same.
    assertTrue(new Fake(c -> MICRO).run(Duration.ofSeconds(Long.MAX_VALUE)).compiled());
  }

  @Test
  void whoStillAllocatesHasNotSettled() {
    Fake fake = new Fake(c -> MILLI);
    fake.bytesPerCall = 16;
    WarmUp done = fake.run(Duration.ofSeconds(20));
    assertFalse(done.compiled() || done.steady(), done::toString);
    assertEquals(16, done.bytesPerCall());
    assertTrue(done.nanos() <= 20_000 * MILLI && done.nanos() > 19_900 * MILLI, done::toString);
  }

  @Test
  void whoStillBecomesFasterHasNotSettled() {
    Fake fake = new Fake(c -> (long) (MILLI * Math.pow(0.999, c)));
    WarmUp done = fake.run(Duration.ofMillis(1500));
    assertFalse(done.compiled() || done.steady(), done::toString);
  }

  @Test
  void whileTheJvmCompilesOrDoesNotSayNothingIsKnown() {
    Fake busy = new Fake(c -> 100 * MICRO);
    busy.compilationPerCall = 1;
    Fake silent = new Fake(c -> 100 * MICRO);
    silent.compilation = -1;
    for (Fake fake : List.of(busy, silent)) {
      WarmUp done = fake.run(Duration.ofSeconds(30));
      assertTrue(done.steady() && !done.compiled(), done::toString);
      assertTrue(done.calls() >= Settling.LEAST_CALLS, done::toString);
    }
  }

  /** Half of the budget is spent on trying; the rest would not get it there. */
  @Test
  void aNetworkTooLargeForAllCallsEndsEarlyAndIsNotCalledCompiled() {
    Fake fake = new Fake(c -> 50 * MILLI);
    WarmUp done = fake.run(Duration.ofSeconds(300));
    assertTrue(done.steady() && !done.compiled(), done::toString);
    assertTrue(done.calls() < Settling.LEAST_CALLS, done::toString);
    assertTrue(done.nanos() < 200_000 * MILLI, done::toString);
  }

  @Test
  void aCallThatWasSlowByChanceEndsNothing() {
    Fake fake = new Fake(c -> c == 100 ? 10_000 * MILLI : 100 * MICRO);
    WarmUp done = fake.run(Duration.ofSeconds(170));
    assertTrue(done.compiled(), done::toString);
  }
}
