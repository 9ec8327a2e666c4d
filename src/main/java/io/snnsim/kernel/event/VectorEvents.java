// SPDX-License-Identifier: Apache-2.0
package io.snnsim.kernel.event;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.snnsim.geometry.Window;
import io.snnsim.kernel.contract.AnalogArgs;
import io.snnsim.kernel.contract.ChannelwiseArgs;
import io.snnsim.kernel.contract.ConvArgs;
import io.snnsim.kernel.contract.EventKernels;
import io.snnsim.kernel.state.PopulationState;
import io.snnsim.kernel.state.RowKernel;
import io.snnsim.kernel.vector.Species;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Kernels on the Vector API, equal to the scalar ones to the bit at every vector width: lanes are
 * channels, sums are integers, and the only floating-point kernel keeps each lane's order of
 * operations. Stateless and thread-safe; the kernels it makes allocate nothing once compiled.
 */
public final class VectorEvents implements EventKernels {
  private static final ByteOrder LE = ByteOrder.LITTLE_ENDIAN;
  private static final int SHORT_LANES = Species.SHORTS.length();
  private static final int INT_LANES = Species.INTS.length();

  @Override
  public String name() {
    return "vector" + Species.bits();
  }

  @Override
  public RowKernel bias(PopulationState t) {
    return (b, y) -> {
      int rowBytes = t.lanes(b) * (t.wide ? 4 : 2);
      long from = (long) b * 64 * (t.wide ? 4 : 2);
      for (int k = 0; k < rowBytes; k += SHORT_LANES * 2) {
        ShortVector bias = ShortVector.fromMemorySegment(Species.SHORTS, t.bias, from + k, LE);
        for (int x = 0; x < t.width; x++) {
          bias.intoMemorySegment(t.accumulator, (long) x * rowBytes + k, LE);
        }
      }
    };
  }

  @Override
  public boolean needsEvents(Window geometry, boolean partial) {
    return EventKernelList.needsEvents(geometry, partial);
  }

  @Override
  public RowKernel conv(ConvArgs a) {
    return EventKernelList.conv(a);
  }

  @Override
  public RowKernel channelwise(ChannelwiseArgs a) {
    return EventKernelList.channelwise(a);
  }

  @Override
  public RowKernel fire(PopulationState t) {
    return EventKernelList.fire(t);
  }

  @Override
  public RowKernel gate(PopulationState s, PopulationState t, Window g) {
    return (b, y) -> {
      int sourceLanes = s.lanes(b);
      int lanes = t.lanes(b);
      int used = Math.min(64, t.channels - b * 64);
      for (int x = 0; x < t.width; x++) {
        long positive = 0;
        long negative = 0;
        for (int l = 0; l < used; l += INT_LANES) {
          IntVector largest = IntVector.zero(Species.INTS);
          for (int ky = 0; ky < g.kernelH(); ky++) {
            int iy = y * g.strideH() - g.padH() + ky * g.dilationH();
            for (int kx = 0; kx < g.kernelW(); kx++) {
              int ix = x * g.strideW() - g.padW() + kx * g.dilationW();
              if (iy < 0 || iy >= s.height || ix < 0 || ix >= s.width) {
                continue;
              }
              long at = (s.rowStart(b, iy) + (long) ix * sourceLanes + l) * 4;
              largest = largest.max(IntVector.fromMemorySegment(Species.INTS, s.counts, at, LE));
            }
          }
          long at = (t.rowStart(b, y) + (long) x * lanes + l) * 4;
          IntVector own = IntVector.fromMemorySegment(Species.INTS, t.counts, at, LE);
          positive |= largest.compare(VectorOperators.GT, own).toLong() << l;
          if (t.signed) {
            negative |= largest.compare(VectorOperators.LT, own).toLong() << l;
          }
        }
        if (t.signed) {
          t.fire(b, y * t.width + x, positive, negative);
        } else {
          t.fire(b, y * t.width + x, positive);
        }
      }
    };
  }

  @Override
  public Runnable events(PopulationState s) {
    return () -> {
      int pixels = s.height * s.width;
      long n = s.eventBase;
      int base = 0;
      int x = 0;
      for (int p = 0; p < pixels; p++) {
        s.eventStarts.setAtIndex(JAVA_INT, s.eventStartBase + p, (int) n);
        for (int b = 0; b < s.words; b++) {
          long word = s.word(p, b);
          for (int l = 0; word != 0; l += INT_LANES) {
            VectorMask<Integer> spikes = VectorMask.fromLong(Species.INTS, word);
            Species.IOTA
                .add(base + b * 64 + l)
                .compress(spikes)
                .intoMemorySegment(s.events, n * 4, LE);
            n += spikes.trueCount();
            word = INT_LANES == 64 ? 0 : word >>> INT_LANES;
          }
        }
        base += s.bits;
        if (++x == s.width) {
          x = 0;
          base = 0;
        }
      }
      s.eventStarts.setAtIndex(JAVA_INT, s.eventStartBase + pixels, (int) n);
    };
  }

  @Override
  public void fill(MemorySegment lanes, int laneBytes, long from, long n, int value) {
    long at = from * laneBytes;
    long end = at + n * laneBytes;
    if (laneBytes == 4) {
      IntVector v = IntVector.broadcast(Species.INTS, value);
      for (; at < end; at += Species.INTS.vectorByteSize()) {
        v.intoMemorySegment(lanes, at, LE);
      }
    } else {
      ShortVector v = ShortVector.broadcast(Species.SHORTS, (short) value);
      for (; at < end; at += Species.SHORTS.vectorByteSize()) {
        v.intoMemorySegment(lanes, at, LE);
      }
    }
  }

  @Override
  public RowKernel analog(AnalogArgs a) {
    PopulationState t = a.target();
    Window g = a.geometry();
    int rowLanes = a.rowLanes();
    return (b, y) -> {
      int lanes = t.lanes(b);
      for (int x = 0; x < t.width; x++) {
        long out = (t.rowStart(b, y) + (long) x * lanes) * 4;
        for (int l = 0; l < lanes; l += INT_LANES) {
          FloatVector sum =
              FloatVector.fromMemorySegment(Species.FLOATS, a.bias(), (b * 64L + l) * 4, LE);
          for (int ky = 0; ky < g.kernelH(); ky++) {
            int iy = y * g.strideH() - g.padH() + ky * g.dilationH();
            for (int kx = 0; kx < g.kernelW(); kx++) {
              int ix = x * g.strideW() - g.padW() + kx * g.dilationW();
              if (iy < 0 || iy >= a.inHeight() || ix < 0 || ix >= a.inWidth()) {
                continue;
              }
              long w =
                  ((long) (ky * g.kernelW() + kx) * a.inChannels() * rowLanes + b * 64L + l) * 4;
              long pixel = (long) iy * a.inWidth() + ix;
              for (int ic = 0; ic < a.inChannels(); ic++) {
                float value = a.image().getAtIndex(JAVA_FLOAT, pixel);
                sum =
                    FloatVector.fromMemorySegment(Species.FLOATS, a.weights(), w, LE)
                        .mul(value)
                        .add(sum);
                w += rowLanes * 4L;
                pixel += (long) a.inHeight() * a.inWidth();
              }
            }
          }
          IntVector currents =
              IntVector.fromMemorySegment(Species.INTS, a.currents(), out + l * 4L, LE);
          currents
              .add(Species.round(sum.max(a.low() + 0f).min(a.high())))
              .intoMemorySegment(a.currents(), out + l * 4L, LE);
        }
      }
    };
  }
}
