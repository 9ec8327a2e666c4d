// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dynamics;

import java.util.Arrays;
import java.util.function.Function;

/**
 * Sends what was read some steps before. Owns the last steps of one thread in a ring; allocates
 * nothing once made.
 */
final class DelayStep implements Step {
  /** Values in a ring, which is one array. */
  private static final double MOST_KEPT = 1 << 30;

  private final int[] steps;
  private final boolean late;
  private final float[] ring;
  private final int rows;

  /** Row of the step that is computed. */
  private int now;

  private DelayStep(int[] steps, int rows, boolean late) {
    this.steps = steps;
    this.rows = rows;
    this.late = late;
    ring = new float[Math.multiplyExact(rows, steps.length)];
  }

  /**
   * Steps of the shortest and of the longest delay.
   *
   * @throws RuntimeException of the refusal, if so many cannot be kept
   */
  static int[] range(
      Operation.Delay d, Dims in, double dt, Function<Misfit, RuntimeException> refusal) {
    int least = Integer.MAX_VALUE;
    int most = 0;
    for (float seconds : d.seconds().values()) {
      double n = Math.rint(seconds / dt);
      if ((n + 1) * in.size() > MOST_KEPT) {
        throw refusal.apply(
            new Misfit(
                d.seconds().field(),
                "found "
                    + seconds
                    + " s for "
                    + in.size()
                    + " values, which is more than 2^30 of them in steps of "
                    + dt
                    + " s, expected fewer; give a larger --dt"));
      }
      least = Math.min(least, (int) n);
      most = Math.max(most, (int) n);
    }
    return new int[] {least, most};
  }

  /**
   * Of what all threads share.
   *
   * @param late all delays are a step or more, so that nothing of this step is sent in it
   */
  static Step.Maker maker(Operation.Delay d, Dims in, double dt, boolean late) {
    float[] seconds = d.seconds().each(in);
    int[] steps = new int[seconds.length];
    int most = 0;
    for (int i = 0; i < steps.length; i++) {
      steps[i] = (int) Math.rint(seconds[i] / dt);
      most = Math.max(most, steps[i]);
    }
    int rows = most + 1;
    return () -> new DelayStep(steps, rows, late);
  }

  @Override
  public void run(float[] read, float[] sent) {
    if (!late) {
      put(read);
    }
    for (int i = 0; i < sent.length; i++) {
      int row = now - steps[i];
      sent[i] = ring[(row < 0 ? row + rows : row) * sent.length + i];
    }
    if (!late) {
      next();
    }
  }

  @Override
  public void keep(float[] read) {
    put(read);
    next();
  }

  private void put(float[] read) {
    System.arraycopy(read, 0, ring, now * steps.length, steps.length);
  }

  private void next() {
    now = now + 1 == rows ? 0 : now + 1;
  }

  @Override
  public void reset() {
    Arrays.fill(ring, 0);
    now = 0;
  }
}
