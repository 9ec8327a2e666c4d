// SPDX-License-Identifier: Apache-2.0
package io.snnsim.api;

import com.sun.management.ThreadMXBean;
import io.snnsim.error.SnnsimException;
import java.lang.management.ManagementFactory;
import java.time.Duration;

/**
 * Runs a session until its code is compiled. Confined to the session's thread; allocates its images
 * and little else.
 */
final class WarmingUp {
  private static final int IMAGES = 4;
  private static final int STEPS = 16;

  /** Calls that are looked at together. */
  private static final int ROUND = 8;

  /** Rounds in a row that allocate nothing and are no faster than those before. */
  private static final int QUIET_ROUNDS = 8;

  /**
   * What runs once a call is compiled by C2 after 5000 of them, and the JVM then makes the strings
   * of its class on the calling thread. Most of these calls run one step.
   */
  private static final int LEAST_CALLS = 8_000;

  /** A faster round by less than this is noise. */
  private static final double FASTER = 0.97;

  private final Session session;
  private final float[][] images;

  WarmingUp(Session session) {
    this.session = session;
    images = new float[IMAGES][session.model().inputShape().size()];
    long random = 1;
    for (float[] image : images) {
      for (int i = 0; i < image.length; i++) {
        random = random * 6364136223846793005L + 1442695040888963407L;
        image[i] = (random >>> 40) * 0x1p-24f;
      }
    }
  }

  WarmUp run(Duration budget) {
    long nanos = nanos(budget);
    if (nanos <= 0) {
      throw SnnsimException.usage("budget=" + budget + ", expected more than 0");
    }
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    RunOptions all = RunOptions.steps(STEPS);
    RunOptions guarded = all.endingAtMargin(1e9, 1).within(Long.MAX_VALUE - 1);
    RunOptions one = RunOptions.steps(1);
    long begun = System.nanoTime();
    long calls = 0;
    long fastest = Long.MAX_VALUE;
    long bytes = 0;
    long callsOfRound = 1;
    int quiet = 0;
    // Of large networks so many short calls take long, and what runs once a call is nothing beside
    // the rest: half of the budget must do.
    while ((quiet < QUIET_ROUNDS || calls < LEAST_CALLS && System.nanoTime() - begun < nanos / 2)
        && System.nanoTime() - begun < nanos) {
      long bytesBefore = threads.getCurrentThreadAllocatedBytes();
      long callsBefore = calls;
      long roundBegun = System.nanoTime();
      long best = Long.MAX_VALUE;
      for (int i = 0; i < ROUND; i++) {
        Result r =
            session.classify(images[i % IMAGES], ImageFormat.F32_CHW, i % 2 == 0 ? all : guarded);
        best = Math.min(best, r.nanos());
      }
      session.step();
      session.decide(Readout.SPIKES_SOFTMAX);
      // After those of full length, whose profile of the kernels is the one to compile for.
      calls += ROUND;
      long now = System.nanoTime();
      long until = now + (now - roundBegun);
      while (calls < LEAST_CALLS && System.nanoTime() < until) {
        session.classify(images[(int) (calls++ % IMAGES)], ImageFormat.F32_CHW, one);
      }
      callsOfRound = calls - callsBefore;
      bytes = threads.getCurrentThreadAllocatedBytes() - bytesBefore;
      quiet = bytes == 0 && best >= fastest * FASTER ? quiet + 1 : 0;
      fastest = Math.min(fastest, best);
    }
    return new WarmUp(
        quiet >= QUIET_ROUNDS,
        calls,
        System.nanoTime() - begun,
        fastest / STEPS,
        (bytes + callsOfRound - 1) / callsOfRound);
  }

  private static long nanos(Duration budget) {
    try {
      return budget.toNanos();
    } catch (ArithmeticException e) {
      return budget.isNegative() ? 0 : Long.MAX_VALUE;
    }
  }
}
