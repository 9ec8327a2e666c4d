// SPDX-License-Identifier: Apache-2.0
package io.snnsim.kernel.scalar;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.snnsim.geometry.Window;
import io.snnsim.kernel.contract.AnalogArgs;
import io.snnsim.kernel.contract.ChannelwiseArgs;
import io.snnsim.kernel.contract.ConvArgs;
import io.snnsim.kernel.contract.EventKernels;
import io.snnsim.kernel.state.Lanes;
import io.snnsim.kernel.state.NeuronKind;
import io.snnsim.kernel.state.PopulationState;
import io.snnsim.kernel.state.RowKernel;

/**
 * The specification: plain loops over neurons and spike bits, without event lists or lanes.
 * Stateless and thread-safe; the kernels it makes allocate nothing.
 */
public final class ScalarKernels implements EventKernels {
  @Override
  public String name() {
    return "scalar";
  }

  @Override
  public RowKernel bias(PopulationState t) {
    return (b, y) -> {
      int lanes = t.lanes(b);
      for (int x = 0; x < t.width; x++) {
        for (int l = 0; l < lanes; l++) {
          t.set(t.accumulator, (long) x * lanes + l, t.get(t.bias, b * 64L + l));
        }
      }
    };
  }

  @Override
  public RowKernel current(PopulationState t) {
    return (b, y) -> {
      int n = t.width * t.lanes(b);
      long from = t.rowStart(b, y);
      for (int i = 0; i < n; i++) {
        t.set(t.accumulator, i, t.get(t.current, from + i));
      }
    };
  }

  @Override
  public boolean needsEvents(Window geometry, boolean partial) {
    return false;
  }

  @Override
  public RowKernel conv(ConvArgs a) {
    PopulationState s = a.source();
    PopulationState t = a.target();
    Window g = a.geometry();
    return (b, y) -> {
      int lanes = t.lanes(b);
      int icStart = a.icStart()[b];
      int icCount = a.icEnd()[b] - icStart;
      int rows = a.rows(b);
      for (int x = 0; x < t.width; x++) {
        for (int ky = 0; ky < g.kernelH(); ky++) {
          int iy = y * g.strideH() - g.padH() + ky * g.dilationH();
          for (int kx = 0; kx < g.kernelW(); kx++) {
            int ix = x * g.strideW() - g.padW() + kx * g.dilationW();
            if (iy < 0 || iy >= s.height || ix < 0 || ix >= s.width) {
              continue;
            }
            long row = (long) (ky * g.kernelW() + kx) * rows;
            for (int ic = 0; ic < icCount; ic++) {
              int spike = spike(s, iy * s.width + ix, icStart + ic);
              if (spike == 0) {
                continue;
              }
              long w = a.blockOffset()[b] + (row + ic) * lanes * a.weightBytes();
              for (int l = 0; l < lanes; l++) {
                long at = (long) x * lanes + l;
                int weight = weight(a, w + (long) l * a.weightBytes());
                t.set(t.accumulator, at, t.get(t.accumulator, at) + spike * weight);
              }
            }
          }
        }
      }
    };
  }

  @Override
  public RowKernel channelwise(ChannelwiseArgs a) {
    PopulationState s = a.source();
    PopulationState t = a.target();
    Window g = a.geometry();
    int stride = a.tapStride();
    return (b, y) -> {
      int lanes = t.lanes(b);
      int channels = Math.min(64, t.channels - b * 64);
      for (int x = 0; x < t.width; x++) {
        for (int ky = 0; ky < g.kernelH(); ky++) {
          int iy = y * g.strideH() - g.padH() + ky * g.dilationH();
          for (int kx = 0; kx < g.kernelW(); kx++) {
            int ix = x * g.strideW() - g.padW() + kx * g.dilationW();
            if (iy < 0 || iy >= s.height || ix < 0 || ix >= s.width) {
              continue;
            }
            long w = (long) (ky * g.kernelW() + kx) * stride + b * 64L;
            for (int l = 0; l < channels; l++) {
              int channel = b * 64 + l - a.channelOffset();
              if (channel >= 0 && channel < s.channels) {
                long at = (long) x * lanes + l;
                int weight = t.get(a.weights(), w + l);
                int input = spike(s, iy * s.width + ix, channel) * weight;
                t.set(t.accumulator, at, t.get(t.accumulator, at) + input);
              }
            }
          }
        }
      }
    };
  }

  @Override
  public RowKernel fire(PopulationState t) {
    return switch (t.kind) {
      case NeuronKind.IntegrateAndFire k -> integrate(t);
      case NeuronKind.SignedIntegrateAndFire k -> integrate(t);
      case NeuronKind.FewSpike k -> fewSpikes(t, k.steps());
      case NeuronKind.MaxGate k -> throw new IllegalArgumentException("a gate has no V");
      case NeuronKind.MaxRace k -> throw new IllegalArgumentException("a gate has no V");
    };
  }

  private static RowKernel integrate(PopulationState t) {
    long low = t.wide ? Integer.MIN_VALUE : Short.MIN_VALUE;
    long high = t.wide ? Integer.MAX_VALUE : Short.MAX_VALUE;
    return (b, y) -> {
      int lanes = t.lanes(b);
      int channels = Math.min(64, t.channels - b * 64);
      for (int x = 0; x < t.width; x++) {
        long row = t.rowStart(b, y) + (long) x * lanes;
        long positive = 0;
        long negative = 0;
        for (int l = 0; l < channels; l++) {
          long sum = (long) t.get(t.v, row + l) + t.get(t.accumulator, (long) x * lanes + l);
          int v = (int) Math.clamp(sum, low, high);
          int theta = t.get(t.theta, b * 64L + l);
          int spike = 0;
          if (v >= theta) {
            spike = 1;
            positive |= 1L << l;
          } else if (t.signed && v < 0 && t.get(t.net, row + l) != 0) {
            spike = -1;
            negative |= 1L << l;
          }
          t.set(t.v, row + l, v - theta * spike);
          if (t.signed) {
            t.set(t.net, row + l, t.get(t.net, row + l) + spike);
          }
        }
        fire(t, b, y * t.width + x, positive, negative);
      }
    };
  }

  private static RowKernel fewSpikes(PopulationState t, int steps) {
    long low = t.wide ? Integer.MIN_VALUE : Short.MIN_VALUE;
    long high = t.wide ? Integer.MAX_VALUE : Short.MAX_VALUE;
    return (b, y) -> {
      int lanes = t.lanes(b);
      boolean first = t.slot() == 0;
      boolean last = t.slot() == steps - 1;
      for (int i = 0; i < t.width * lanes; i++) {
        long at = t.rowStart(b, y) + i;
        long twice = first ? 0 : 2L * t.get(t.v, at);
        long sum = Math.clamp(twice + t.get(t.accumulator, i), low, high);
        if (last) {
          int constant =
              t.current == null ? t.get(t.bias, b * 64L + i % lanes) : t.get(t.current, at);
          sum = Math.clamp(sum + constant, low, high);
        }
        t.set(t.v, at, (int) sum);
      }
      for (int k = 0; last && k < steps; k++) {
        t.slot(k);
        send(t, b, y, steps - 1 - k);
      }
    };
  }

  /** Spikes that are worth 2^{@code place}. */
  private static void send(PopulationState t, int b, int y, int place) {
    int lanes = t.lanes(b);
    int channels = Math.min(64, t.channels - b * 64);
    for (int x = 0; x < t.width; x++) {
      long word = 0;
      for (int l = 0; l < channels; l++) {
        long at = t.rowStart(b, y) + (long) x * lanes + l;
        long worth = (long) t.get(t.theta, b * 64L + l) << place;
        if (t.get(t.v, at) >= worth) {
          word |= 1L << l;
          t.set(t.v, at, (int) (t.get(t.v, at) - worth));
        }
      }
      t.fire(b, y * t.width + x, word, 1 << place);
    }
  }

  @Override
  public RowKernel gate(PopulationState s, PopulationState t, Window g) {
    return (b, y) -> {
      int channels = Math.min(64, t.channels - b * 64);
      for (int x = 0; x < t.width; x++) {
        long positive = 0;
        long negative = 0;
        for (int l = 0; l < channels; l++) {
          int largest = 0;
          for (int ky = 0; ky < g.kernelH(); ky++) {
            int iy = y * g.strideH() - g.padH() + ky * g.dilationH();
            for (int kx = 0; kx < g.kernelW(); kx++) {
              int ix = x * g.strideW() - g.padW() + kx * g.dilationW();
              if (iy >= 0 && iy < s.height && ix >= 0 && ix < s.width) {
                long at = s.index(b * 64 + l, iy, ix);
                largest = Math.max(largest, s.counts.getAtIndex(JAVA_INT, at));
              }
            }
          }
          // The own count of this step is added by t.fire.
          int own = t.counts.getAtIndex(JAVA_INT, t.index(b * 64 + l, y, x));
          if (largest > own) {
            positive |= 1L << l;
          } else if (largest < own) {
            negative |= 1L << l;
          }
        }
        fire(t, b, y * t.width + x, positive, negative);
      }
    };
  }

  private static void fire(PopulationState t, int b, int p, long positive, long negative) {
    if (t.signed) {
      t.fire(b, p, positive, negative);
    } else {
      t.fire(b, p, positive);
    }
  }

  @Override
  public Runnable events(PopulationState s) {
    return () -> {
      int n = (int) s.eventBase;
      for (int p = 0; p < s.height * s.width; p++) {
        s.eventStarts.setAtIndex(JAVA_INT, s.eventStartBase + p, n);
        for (int bit = 0; bit < s.bits; bit++) {
          if ((s.word(p, bit / 64) >>> bit & 1) != 0) {
            s.events.setAtIndex(JAVA_INT, n++, p % s.width * s.bits + bit);
          }
        }
      }
      s.eventStarts.setAtIndex(JAVA_INT, s.eventStartBase + (long) s.height * s.width, n);
    };
  }

  @Override
  public RowKernel analog(AnalogArgs a) {
    PopulationState t = a.target();
    Window g = a.geometry();
    int rowLanes = a.rowLanes();
    return (b, y) -> {
      int lanes = t.lanes(b);
      for (int x = 0; x < t.width; x++) {
        long out = t.rowStart(b, y) + (long) x * lanes;
        for (int l = 0; l < lanes; l++) {
          float sum = a.bias().getAtIndex(JAVA_FLOAT, b * 64L + l);
          for (int ky = 0; ky < g.kernelH(); ky++) {
            int iy = y * g.strideH() - g.padH() + ky * g.dilationH();
            for (int kx = 0; kx < g.kernelW(); kx++) {
              int ix = x * g.strideW() - g.padW() + kx * g.dilationW();
              if (iy < 0 || iy >= a.inHeight() || ix < 0 || ix >= a.inWidth()) {
                continue;
              }
              for (int ic = 0; ic < a.inChannels(); ic++) {
                float value =
                    a.image()
                        .getAtIndex(JAVA_FLOAT, ((long) ic * a.inHeight() + iy) * a.inWidth() + ix);
                long w =
                    ((long) (ky * g.kernelW() + kx) * a.inChannels() + ic) * rowLanes + b * 64L + l;
                sum += a.weights().getAtIndex(JAVA_FLOAT, w) * value;
              }
            }
          }
          int current = (int) Math.rint(Math.max(a.low(), Math.min(a.high(), sum)));
          a.currents()
              .setAtIndex(JAVA_INT, out + l, a.currents().getAtIndex(JAVA_INT, out + l) + current);
        }
      }
    };
  }

  /** 0 or 1, or -1 of a signed population. */
  private static int spike(PopulationState s, int p, int channel) {
    long positive = s.positive(p, channel / 64) >>> channel & 1;
    long negative = s.negative(p, channel / 64) >>> channel & 1;
    return (int) (positive - negative);
  }

  private static int weight(ConvArgs a, long at) {
    return Lanes.weight(a.weights(), a.weightBytes(), at);
  }
}
