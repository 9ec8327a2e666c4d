// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dynamics;

import io.snnsim.geometry.Window;

/**
 * Sums or means of windows, each added row by row from 0; a mean is the sum divided by the taps.
 * Immutable, shared by all threads; allocates nothing once made.
 */
final class PoolStep implements Step {
  private final Window window;
  private final boolean mean;
  private final int channels;
  private final int inH;
  private final int inW;
  private final int outH;
  private final int outW;

  PoolStep(Operation.Pool p, Dims in, Dims out) {
    window = p.window();
    mean = p.mean();
    channels = in.channels();
    inH = in.last(1);
    inW = in.last(0);
    outH = out.last(1);
    outW = out.last(0);
  }

  @Override
  public void run(float[] read, float[] sent) {
    int i = 0;
    for (int c = 0; c < channels; c++) {
      for (int y = 0; y < outH; y++) {
        for (int x = 0; x < outW; x++) {
          float sum =
              sum(
                  read,
                  c,
                  y * window.strideH() - window.padH(),
                  x * window.strideW() - window.padW());
          sent[i++] = mean ? sum / window.taps() : sum;
        }
      }
    }
  }

  private float sum(float[] read, int channel, int top, int left) {
    float sum = 0;
    for (int y = Math.max(top, 0); y < Math.min(top + window.kernelH(), inH); y++) {
      for (int x = Math.max(left, 0); x < Math.min(left + window.kernelW(), inW); x++) {
        sum += read[(channel * inH + y) * inW + x];
      }
    }
    return sum;
  }
}
