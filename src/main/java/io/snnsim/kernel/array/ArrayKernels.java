// SPDX-License-Identifier: Apache-2.0
package io.snnsim.kernel.array;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.snnsim.geometry.Window;
import io.snnsim.kernel.contract.AnalogArgs;
import io.snnsim.kernel.contract.ChannelwiseArgs;
import io.snnsim.kernel.contract.ConvArgs;
import io.snnsim.kernel.contract.EventKernels;
import io.snnsim.kernel.scalar.ScalarKernels;
import io.snnsim.kernel.state.NeuronKind;
import io.snnsim.kernel.state.PopulationState;
import io.snnsim.kernel.state.RowKernel;
import java.lang.foreign.MemorySegment;

/**
 * Kernels for runs that are over before the vector kernels would be compiled: plain loops over heap
 * arrays, which interpreter and first compiler run ten times faster than vector objects and memory
 * segments, and which are compiled in no time. Equal to {@link ScalarKernels} to the bit. Stateless
 * and thread-safe; what it makes is confined to the simulation's thread and copies the weights to
 * the heap, but allocates nothing when it runs.
 */
public final class ArrayKernels implements EventKernels {
  private final ScalarKernels scalar = new ScalarKernels();

  @Override
  public String name() {
    return "array";
  }

  @Override
  public boolean needsEvents(Window geometry, boolean partial) {
    return false;
  }

  @Override
  public RowKernel bias(PopulationState t) {
    int bytes = t.laneBytes();
    return (b, y) -> {
      long rowBytes = (long) t.lanes(b) * bytes;
      long all = rowBytes * t.width;
      MemorySegment.copy(t.bias, b * 64L * bytes, t.accumulator, 0, rowBytes);
      for (long done = rowBytes; done < all; ) {
        long n = Math.min(done, all - done);
        MemorySegment.copy(t.accumulator, 0, t.accumulator, done, n);
        done += n;
      }
    };
  }

  @Override
  public RowKernel conv(ConvArgs a) {
    return new ArrayConv(a);
  }

  @Override
  public RowKernel channelwise(ChannelwiseArgs a) {
    PopulationState s = a.source();
    PopulationState t = a.target();
    Window g = a.geometry();
    int stride = a.tapStride();
    int n = stride * g.kernelH() * g.kernelW();
    int[] weights = new int[n];
    for (int i = 0; i < n; i++) {
      weights[i] = t.get(a.weights(), i);
    }
    LaneRow row = new LaneRow(t);
    return (b, y) -> {
      int lanes = t.lanes(b);
      int all = t.width * lanes;
      row.load(t.accumulator, 0, all);
      for (int x = 0; x < t.width; x++) {
        for (int ky = 0; ky < g.kernelH(); ky++) {
          int iy = y * g.strideH() - g.padH() + ky * g.dilationH();
          for (int kx = 0; kx < g.kernelW(); kx++) {
            int ix = x * g.strideW() - g.padW() + kx * g.dilationW();
            if (iy < 0 || iy >= s.height || ix < 0 || ix >= s.width) {
              continue;
            }
            int w = (ky * g.kernelW() + kx) * stride + b * 64;
            int p = iy * s.width + ix;
            addEach(row, x * lanes, a.alignedSpikes(p, b), lanes, weights, w, 1);
            if (s.signed) {
              addEach(row, x * lanes, a.alignedNegatives(p, b), lanes, weights, w, -1);
            }
          }
        }
      }
      row.store(t.accumulator, 0, all);
    };
  }

  private static void addEach(
      LaneRow row, int at, long spikes, int lanes, int[] weights, int from, int sign) {
    for (long bits = spikes; bits != 0; bits &= bits - 1) {
      int l = Long.numberOfTrailingZeros(bits);
      if (l >= lanes) {
        break;
      }
      if (row.narrow != null) {
        row.narrow[at + l] += (short) (sign * weights[from + l]);
      } else {
        row.wide[at + l] += sign * weights[from + l];
      }
    }
  }

  @Override
  public RowKernel fire(PopulationState t) {
    return switch (t.kind) {
      case NeuronKind.IntegrateAndFire k -> fireUnsigned(t);
      case NeuronKind.SignedIntegrateAndFire k -> fireSigned(t);
      case NeuronKind.FewSpike k -> new ArrayFewSpikes(t);
      case NeuronKind.MaxGate k -> throw new IllegalArgumentException("a gate has no V");
      case NeuronKind.MaxRace k -> throw new IllegalArgumentException("a gate has no V");
    };
  }

  private static RowKernel fireUnsigned(PopulationState t) {
    LaneRow input = new LaneRow(t);
    LaneRow potential = new LaneRow(t);
    int[] theta = new int[t.allLanes()];
    for (int i = 0; i < theta.length; i++) {
      theta[i] = t.get(t.theta, i);
    }
    return (b, y) -> {
      int lanes = t.lanes(b);
      int all = t.width * lanes;
      input.load(t.accumulator, 0, all);
      potential.load(t.v, t.rowStart(b, y), all);
      for (int x = 0; x < t.width; x++) {
        long word =
            t.wide
                ? fire(potential.wide, input.wide, x * lanes, theta, b * 64, lanes)
                : fire(potential.narrow, input.narrow, x * lanes, theta, b * 64, lanes);
        t.fire(b, y * t.width + x, word);
      }
      potential.store(t.v, t.rowStart(b, y), all);
    };
  }

  private static long fire(short[] v, short[] input, int at, int[] theta, int first, int lanes) {
    long word = 0;
    for (int l = 0; l < lanes; l++) {
      int sum = v[at + l] + input[at + l];
      sum = Math.max(Short.MIN_VALUE, Math.min(Short.MAX_VALUE, sum));
      if (sum >= theta[first + l]) {
        sum -= theta[first + l];
        word |= 1L << l;
      }
      v[at + l] = (short) sum;
    }
    return word;
  }

  private static long fire(int[] v, int[] input, int at, int[] theta, int first, int lanes) {
    long word = 0;
    for (int l = 0; l < lanes; l++) {
      long sum = (long) v[at + l] + input[at + l];
      sum = Math.max(Integer.MIN_VALUE, Math.min(Integer.MAX_VALUE, sum));
      if (sum >= theta[first + l]) {
        sum -= theta[first + l];
        word |= 1L << l;
      }
      v[at + l] = (int) sum;
    }
    return word;
  }

  private static RowKernel fireSigned(PopulationState t) {
    LaneRow input = new LaneRow(t);
    LaneRow potential = new LaneRow(t);
    LaneRow net = new LaneRow(t);
    long low = t.wide ? Integer.MIN_VALUE : Short.MIN_VALUE;
    long high = t.wide ? Integer.MAX_VALUE : Short.MAX_VALUE;
    int[] theta = new int[t.allLanes()];
    for (int i = 0; i < theta.length; i++) {
      theta[i] = t.get(t.theta, i);
    }
    return (b, y) -> {
      int lanes = t.lanes(b);
      int all = t.width * lanes;
      input.load(t.accumulator, 0, all);
      potential.load(t.v, t.rowStart(b, y), all);
      net.load(t.net, t.rowStart(b, y), all);
      for (int x = 0; x < t.width; x++) {
        long positive = 0;
        long negative = 0;
        for (int l = 0; l < lanes; l++) {
          int i = x * lanes + l;
          long sum = Math.clamp((long) potential.get(i) + input.get(i), low, high);
          int th = theta[b * 64 + l];
          if (sum >= th) {
            sum -= th;
            net.set(i, net.get(i) + 1);
            positive |= 1L << l;
          } else if (sum < 0 && net.get(i) != 0) {
            sum += th;
            net.set(i, net.get(i) - 1);
            negative |= 1L << l;
          }
          potential.set(i, (int) sum);
        }
        t.fire(b, y * t.width + x, positive, negative);
      }
      potential.store(t.v, t.rowStart(b, y), all);
      net.store(t.net, t.rowStart(b, y), all);
    };
  }

  @Override
  public RowKernel analog(AnalogArgs a) {
    PopulationState t = a.target();
    Window g = a.geometry();
    int rowLanes = a.rowLanes();
    int taps = g.kernelH() * g.kernelW();
    float[] weights = a.weights().toArray(JAVA_FLOAT);
    float[] bias = a.bias().toArray(JAVA_FLOAT);
    float[] image = new float[a.inChannels() * a.inHeight() * a.inWidth()];
    float[] sums = new float[PopulationState.BLOCK];
    int[] currents = new int[t.width * PopulationState.BLOCK];
    return (b, y) -> {
      int lanes = t.lanes(b);
      int all = t.width * lanes;
      MemorySegment.copy(a.image(), JAVA_FLOAT, 0, image, 0, image.length);
      MemorySegment.copy(a.currents(), JAVA_INT, t.rowStart(b, y) * 4, currents, 0, all);
      for (int x = 0; x < t.width; x++) {
        System.arraycopy(bias, b * 64, sums, 0, lanes);
        for (int tap = 0; tap < taps; tap++) {
          int iy = y * g.strideH() - g.padH() + tap / g.kernelW() * g.dilationH();
          int ix = x * g.strideW() - g.padW() + tap % g.kernelW() * g.dilationW();
          if (iy < 0 || iy >= a.inHeight() || ix < 0 || ix >= a.inWidth()) {
            continue;
          }
          for (int ic = 0; ic < a.inChannels(); ic++) {
            float value = image[(ic * a.inHeight() + iy) * a.inWidth() + ix];
            multiplyAdd(
                sums, weights, (tap * a.inChannels() + ic) * rowLanes + b * 64, value, lanes);
          }
        }
        for (int l = 0; l < lanes; l++) {
          currents[x * lanes + l] +=
              (int) Math.rint(Math.max(a.low(), Math.min(a.high(), sums[l])));
        }
      }
      MemorySegment.copy(currents, 0, a.currents(), JAVA_INT, t.rowStart(b, y) * 4, all);
    };
  }

  /** Multiplies and adds with two roundings, as the specification does. */
  private static void multiplyAdd(float[] sums, float[] weights, int from, float x, int n) {
    for (int l = 0; l < n; l++) {
      sums[l] += weights[from + l] * x;
    }
  }

  @Override
  public RowKernel gate(PopulationState source, PopulationState target, Window geometry) {
    return scalar.gate(source, target, geometry);
  }

  @Override
  public Runnable events(PopulationState population) {
    return scalar.events(population);
  }
}
