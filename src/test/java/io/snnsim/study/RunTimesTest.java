// SPDX-License-Identifier: Apache-2.0
package io.snnsim.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.snnsim.engine.BatchResult;
import io.snnsim.report.RunReport;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** The steady state and the start of batches whose times are given. */
class RunTimesTest {
  private static final int STEPS = 4;

  /** A batch of images that took so many milliseconds; those of 0 did not finish. */
  private static BatchResult batch(int... millis) {
    int[] steps = new int[millis.length];
    boolean[] done = new boolean[millis.length];
    long[] nanos = new long[millis.length];
    for (int i = 0; i < millis.length; i++) {
      done[i] = millis[i] > 0;
      steps[i] = done[i] ? STEPS : 0;
      nanos[i] = millis[i] * 1_000_000L;
    }
    int n = (int) Arrays.stream(millis).filter(m -> m > 0).count();
    long[] none = {};
    return new BatchResult(n, done, steps, none, none, none, none, nanos, 1_500_000_000L);
  }

  @Test
  void theFirstImagesAreNoPartOfTheSteadyState() {
    RunReport.Timing t = RunTimes.of(batch(1000, 500, 8, 8, 8, 9, 8, 8), 1.25);
    assertEquals(new RunReport.Steady(4, 8, 2, true), t.steady());
    assertEquals(1.25, t.start().firstAnswerSeconds());
    assertEquals(1.484, t.start().excessSeconds(), 1e-9);
    assertEquals(1549.0 / 32, t.msPerImageStep(), 1e-9);
    assertEquals(1.5, t.totalSeconds());
  }

  @Test
  void imagesThatStillBecomeFasterAreNotSettled() {
    RunReport.Steady steady = RunTimes.of(batch(900, 800, 700, 600, 50, 40, 30, 20), 1.0).steady();
    assertFalse(steady.settled());
    assertEquals(35, steady.imageMs(), 1e-9);
    assertTrue(RunTimes.of(batch(900, 800, 700, 600, 40, 40, 38, 38), 1.0).steady().settled());
  }

  @Test
  void fewImagesHaveNone() {
    for (BatchResult few :
        new BatchResult[] {batch(), batch(900), batch(900, 8, 8), batch(0, 9, 0)}) {
      RunReport.Timing t = RunTimes.of(few, few.imagesDone() == 0 ? null : 0.5);
      assertNull(t.steady());
      assertNull(t.start().excessSeconds());
    }
  }

  @Test
  void imagesThatDidNotFinishCountNothing() {
    assertEquals(
        RunTimes.of(batch(100, 20, 8, 8), 0.5), RunTimes.of(batch(100, 0, 20, 8, 0, 8, 0), 0.5));
  }

  @Test
  void imagesThatEndEarlyAreComparedByTheStep() {
    BatchResult r = batch(16, 16, 2, 8);
    r.imageSteps()[2] = 1;
    RunReport.Timing t = RunTimes.of(r, 0.5);
    assertEquals(new RunReport.Steady(2, 5, 2, true), t.steady());
    assertEquals(0.016, t.start().excessSeconds(), 1e-9);
  }
}
