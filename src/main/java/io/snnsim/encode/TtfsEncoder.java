// SPDX-License-Identifier: Apache-2.0
package io.snnsim.encode;

import io.snnsim.error.SnnsimException;

/**
 * Time-to-first-spike coding (Rueckauer and Liu: Conversion of analog to spiking neural networks
 * using sparse temporal coding, 2018): pixel x spikes once, at step t = round((1 - |x| / A) T), and
 * from then on injects the constant current sign(x) * A, where A is the image's largest |x| and T
 * the number of steps. Over T steps that is x * T to within A / 2. Confined to one thread;
 * allocates nothing after construction.
 *
 * <p>Brighter pixels come earlier; pixels below A / (2 T) never come. The current of pixels that
 * have spiked lasts beyond step T if more steps are run than were announced.
 */
public final class TtfsEncoder implements InputEncoder {
  private final int[] onset;
  private final float[] amplitude;

  /** An encoder of images of {@code values} values. */
  public TtfsEncoder(int values) {
    onset = new int[values];
    amplitude = new float[values];
  }

  @Override
  public boolean constant() {
    return false;
  }

  /**
   * {@inheritDoc}
   *
   * @throws SnnsimException (usage) if the number of steps is not known
   */
  @Override
  public void begin(long imageIndex, float[] x, int steps) {
    if (steps < 1) {
      throw SnnsimException.usage(
          "input ttfs: steps="
              + steps
              + ", expected 1 or more; present the image with the number of steps it will run");
    }
    float largest = Magnitude.largest(x, amplitude.length);
    for (int i = 0; i < amplitude.length; i++) {
      double share = x[i] == 0 ? 0 : Math.abs((double) x[i]) / largest;
      long at = Math.round((1 - share) * steps);
      onset[i] = at < steps ? (int) at : Integer.MAX_VALUE;
      amplitude[i] = Math.copySign(largest, x[i]);
    }
  }

  @Override
  public void frame(int t, float[] out) {
    for (int i = 0; i < amplitude.length; i++) {
      out[i] = t >= onset[i] ? amplitude[i] : 0;
    }
  }
}
