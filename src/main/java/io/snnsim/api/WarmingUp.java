// SPDX-License-Identifier: Apache-2.0
package io.snnsim.api;

import io.snnsim.metrics.Clock;
import io.snnsim.metrics.Settling;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Makes calls in rounds until they have settled or the budget is used up. Confined to one thread;
 * allocates nothing but its answer.
 *
 * <p>A round is {@value #ROUND} calls of full length, whose profile of the kernels is the one to
 * compile for, and then short ones for as long again. No call is begun that is not expected to end
 * within the budget, and none is more than twice as long as the one before: at first each takes a
 * thousand times what it will take.
 */
final class WarmingUp {
  /** Steps of a call of full length. */
  static final int STEPS = 16;

  /** Calls of full length that are looked at together. */
  static final int ROUND = 8;

  /** Rounds in a row that must look settled, and the time that they must have taken. */
  private static final int QUIET_ROUNDS = 8;

  private static final long LEAST_QUIET_NANOS = 300_000_000L;

  /** What is warmed up. */
  interface Calls {
    /**
     * Classifies a made-up image.
     *
     * @param call counted from 0
     * @param steps of which one call has at least 1, at most {@link #STEPS}
     */
    void classify(long call, int steps);

    /** Whatever else can be asked of a session. */
    void others();
  }

  private final Calls made;
  private final Clock clock;

  /** Bytes that this thread has allocated. */
  private final LongSupplier allocated;

  private final Settling settling;
  private long deadline;
  private long calls;

  /** Steps of the last call, and nanoseconds that one of them took: 0 before the first. */
  private int lastSteps;

  private long lastPace;
  private long fastestPace = Long.MAX_VALUE;

  /** Nanoseconds of the round's fastest call of full length. */
  private long best;

  WarmingUp(Calls made, Clock clock, LongSupplier allocated, LongSupplier compilation) {
    this.made = made;
    this.clock = clock;
    this.allocated = allocated;
    settling = new Settling(QUIET_ROUNDS, LEAST_QUIET_NANOS, compilation);
  }

  /**
   * @param asked more than 0
   */
  WarmUp run(Duration asked) {
    long budget = nanos(asked);
    long begun = clock.nanos();
    deadline = budget > Long.MAX_VALUE - begun ? Long.MAX_VALUE : begun + budget;
    long fastest = Long.MAX_VALUE;
    boolean whole = true;
    long bytes = 0;
    long callsOfRound = 0;
    while (whole && !settling.compiled() && !isHopeless(budget)) {
      long bytesBefore = allocated.getAsLong();
      long callsBefore = calls;
      long roundBegun = clock.nanos();
      whole = fullCalls();
      if (whole) {
        shortCalls(clock.nanos() - roundBegun);
      }
      bytes = allocated.getAsLong() - bytesBefore;
      callsOfRound = calls - callsBefore;
      if (whole) {
        settling.round(clock.nanos() - roundBegun, callsOfRound, bytes, best);
        fastest = Math.min(fastest, best / STEPS);
      }
    }
    return new WarmUp(
        settling.compiled(),
        settling.steady(),
        calls,
        clock.nanos() - begun,
        Math.min(fastest, fastestPace),
        Math.ceilDiv(bytes, Math.max(1, callsOfRound)));
  }

  /** Steady, and so many short calls as are missing take longer than is left: a large network. */
  private boolean isHopeless(long budget) {
    long left = left();
    return settling.steady()
        && left < budget / 2
        && settling.missingCalls() > 0
        && settling.missingCalls() > left / fastestPace;
  }

  private long left() {
    return deadline - clock.nanos();
  }

  /** Ends with false if the budget does not last. */
  private boolean fullCalls() {
    best = Long.MAX_VALUE;
    for (int full = 0; full < ROUND; ) {
      int steps = fitting();
      if (steps == 0) {
        return false;
      }
      long took = call(steps);
      if (steps == STEPS) {
        best = Math.min(best, took);
        full++;
      }
    }
    made.others();
    return true;
  }

  /** Steps of the next call; 0 if not even one is expected to end in time. */
  private int fitting() {
    if (lastPace == 0) {
      return 1;
    }
    long left = left();
    long steps = Math.min(Math.min(STEPS, 2L * lastSteps), left / lastPace);
    // The last one may have been slow by chance.
    return steps > 0 ? (int) steps : left >= fastestPace ? 1 : 0;
  }

  private void shortCalls(long nanos) {
    long until = clock.nanos() + nanos;
    long end = calls + settling.missingCalls();
    while (calls < end && clock.nanos() < until && left() >= fastestPace) {
      made.classify(calls++, 1);
    }
  }

  private long call(int steps) {
    long from = clock.nanos();
    made.classify(calls++, steps);
    long took = clock.nanos() - from;
    lastSteps = steps;
    lastPace = Math.max(1, took / steps);
    fastestPace = Math.min(fastestPace, lastPace);
    return took;
  }

  private static long nanos(Duration budget) {
    try {
      return budget.toNanos();
    } catch (ArithmeticException e) {
      return Long.MAX_VALUE;
    }
  }
}
