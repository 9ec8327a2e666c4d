// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dynamics;

import io.snnsim.geometry.Window;

/**
 * A convolution of what is read. Owns the sums of one thread; allocates nothing once made.
 *
 * <p>Every value that is not 0 is scattered to the outputs that it reaches, by row, column and
 * channel. For one output that is the order of its taps by row, column and channel, in which a .snn
 * model sums the image's current too. Sums and weights lie with output channels last, so that the
 * inner loop runs over them.
 */
final class ConvolutionStep implements Step {
  private final Shared shared;
  private final float[] sums;

  private ConvolutionStep(Shared shared) {
    this.shared = shared;
    sums = new float[shared.channels * shared.outH * shared.outW];
  }

  /** Of what all threads share. */
  static Step.Maker maker(Operation.Convolution c, Dims in, Dims out) {
    Shared shared = new Shared(c, in, out);
    return () -> new ConvolutionStep(shared);
  }

  /** What does not change. Immutable. */
  private static final class Shared {
    private final Window window;
    private final int inChannels;
    private final int inH;
    private final int inW;
    private final int channels;
    private final int outH;
    private final int outW;
    private final int groupIn;
    private final int groupOut;
    private final Operation.Rounding rounding;

    /** By channel of the input, row, column, and channel within the group. */
    private final float[] weight;

    private final float[] start;

    Shared(Operation.Convolution c, Dims in, Dims out) {
      window = c.window();
      inChannels = in.channels();
      inH = c.signal() ? 1 : in.last(1);
      inW = in.last(0);
      channels = out.channels();
      outH = c.signal() ? 1 : out.last(1);
      outW = out.last(0);
      groupIn = inChannels / c.groups();
      groupOut = channels / c.groups();
      rounding = c.rounding();
      start = Step.start(c.bias(), channels);
      weight = new float[c.weight().length];
      int taps = window.taps();
      for (int o = 0; o < channels; o++) {
        for (int i = 0; i < groupIn; i++) {
          for (int t = 0; t < taps; t++) {
            int from = o / groupOut * groupIn + i;
            weight[(from * taps + t) * groupOut + o % groupOut] =
                c.weight()[(o * groupIn + i) * taps + t];
          }
        }
      }
    }
  }

  @Override
  public void run(float[] read, float[] sent) {
    Shared s = shared;
    for (int at = 0; at < sums.length; at += s.channels) {
      System.arraycopy(s.start, 0, sums, at, s.channels);
    }
    for (int y = 0; y < s.inH; y++) {
      for (int x = 0; x < s.inW; x++) {
        for (int c = 0; c < s.inChannels; c++) {
          float value = read[(c * s.inH + y) * s.inW + x];
          if (value != 0) {
            scatter(value, c, y, x);
          }
        }
      }
    }
    int plane = s.outH * s.outW;
    for (int p = 0; p < plane; p++) {
      for (int c = 0; c < s.channels; c++) {
        sent[c * plane + p] = sums[p * s.channels + c];
      }
    }
    if (s.rounding != null) {
      s.rounding.round(sent);
    }
  }

  private void scatter(float value, int channel, int y, int x) {
    Shared s = shared;
    Window w = s.window;
    int group = channel / s.groupIn * s.groupOut;
    for (int ky = 0; ky < w.kernelH(); ky++) {
      int top = y + w.padH() - ky * w.dilationH();
      int row = top / w.strideH();
      if (top < 0 || row >= s.outH || row * w.strideH() != top) {
        continue;
      }
      for (int kx = 0; kx < w.kernelW(); kx++) {
        int left = x + w.padW() - kx * w.dilationW();
        int column = left / w.strideW();
        if (left >= 0 && column < s.outW && column * w.strideW() == left) {
          int tap = (channel * w.kernelH() + ky) * w.kernelW() + kx;
          add(value, tap * s.groupOut, (row * s.outW + column) * s.channels + group);
        }
      }
    }
  }

  private void add(float value, int from, int to) {
    float[] weight = shared.weight;
    for (int k = 0; k < shared.groupOut; k++) {
      sums[to + k] += weight[from + k] * value;
    }
  }
}
