// SPDX-License-Identifier: Apache-2.0
package io.snnsim.reference;

import io.snnsim.geometry.ConvGeometry;
import io.snnsim.geometry.MapShape;
import io.snnsim.network.ChannelwiseProjection;
import io.snnsim.network.ConvProjection;
import io.snnsim.network.GateProjection;
import io.snnsim.network.InputStage;
import io.snnsim.network.Network;
import io.snnsim.network.NeuronModel;
import io.snnsim.network.Population;
import io.snnsim.network.Projection;

/**
 * The time step as the equations say it: plain loops over neurons and synapses, sums in {@code
 * long}, with none of the engine's code, layouts or shortcuts. For tests only; confined to one
 * thread; allocates as it likes.
 *
 * <p>Source: the time step and the max-pool rule of the design page, and the docstrings of {@link
 * InputStage}, {@link ConvProjection}, {@link ChannelwiseProjection}, {@link GateProjection} and
 * {@link Population}. All arrays are [population][channel][y][x].
 */
final class DenseReference {
  private final Network network;
  private final int[][] oihw;
  private final long[][][][] current;
  private final long[][][][] potential;
  private final long[][][][] count;
  private final int[][][][] spike;
  private final long[] spikeTotal;
  private final long[] negativeTotal;
  private final long[][] integrated;
  private final boolean[][] clamped;
  private final int[] saturated;
  private final int[] putOnTheLowerEnd;
  private final long[] synapticOps;
  private final long[] synapticOpsInto;

  DenseReference(Network network) {
    this.network = network;
    int n = network.populations().size();
    oihw = new int[network.projections().size()][];
    for (int j = 0; j < oihw.length; j++) {
      oihw[j] = network.projections().get(j) instanceof ConvProjection c ? weights(c) : null;
    }
    current = new long[n][][][];
    potential = new long[n][][][];
    count = new long[n][][][];
    spike = new int[n][][][];
    spikeTotal = new long[n];
    negativeTotal = new long[n];
    integrated = new long[n][];
    clamped = new boolean[n][];
    saturated = new int[n];
    putOnTheLowerEnd = new int[n];
    synapticOps = new long[n];
    synapticOpsInto = new long[n];
    for (int p = 0; p < n; p++) {
      MapShape s = network.populations().get(p).shape();
      current[p] = new long[s.channels()][s.height()][s.width()];
    }
    reset();
  }

  /** V := V(0), no spikes, no counts. */
  void reset() {
    for (int p = 0; p < potential.length; p++) {
      Population population = network.populations().get(p);
      MapShape s = population.shape();
      potential[p] = new long[s.channels()][s.height()][s.width()];
      count[p] = new long[s.channels()][s.height()][s.width()];
      spike[p] = new int[s.channels()][s.height()][s.width()];
      spikeTotal[p] = 0;
      negativeTotal[p] = 0;
      integrated[p] = new long[s.size()];
      clamped[p] = new boolean[s.size()];
      saturated[p] = 0;
      putOnTheLowerEnd[p] = 0;
      synapticOps[p] = 0;
      synapticOpsInto[p] = 0;
      for (int c = 0; c < s.channels(); c++) {
        for (int y = 0; y < s.height(); y++) {
          for (int x = 0; x < s.width(); x++) {
            potential[p][c][y][x] = population.v0()[c];
          }
        }
      }
    }
  }

  /** Starts an image, [channel][y][x] before mean and std, as a constant current. */
  void present(float[] image) {
    reset();
    setFrame(normalise(image));
  }

  /** (x - mean) / std per channel. */
  float[] normalise(float[] image) {
    InputStage in = network.input();
    float[] result = new float[image.length];
    int plane = in.shape().height() * in.shape().width();
    for (int i = 0; i < image.length; i++) {
      result[i] = (image[i] - in.mean()[i / plane]) / in.std()[i / plane];
    }
    return result;
  }

  /** Currents of the steps to come, from a normalised image or an encoder's frame. */
  void setFrame(float[] frame) {
    for (int p = 0; p < current.length; p++) {
      MapShape s = network.populations().get(p).shape();
      current[p] = new long[s.channels()][s.height()][s.width()];
    }
    for (InputStage.AnalogProjection a : network.input().projections()) {
      ConvGeometry g = a.geometry();
      for (int oc = 0; oc < g.outChannels(); oc++) {
        for (int y = 0; y < g.outHeight(); y++) {
          for (int x = 0; x < g.outWidth(); x++) {
            current[a.target()][oc][y][x] += analog(a, frame, oc, y, x);
          }
        }
      }
    }
  }

  private static int analog(InputStage.AnalogProjection a, float[] frame, int oc, int y, int x) {
    ConvGeometry g = a.geometry();
    float acc = a.bias()[oc];
    for (int ky = 0; ky < g.kernelH(); ky++) {
      for (int kx = 0; kx < g.kernelW(); kx++) {
        int iy = y * g.window().strideH() - g.window().padH() + ky * g.window().dilationH();
        int ix = x * g.window().strideW() - g.window().padW() + kx * g.window().dilationW();
        if (iy < 0 || iy >= g.inHeight() || ix < 0 || ix >= g.inWidth()) {
          continue;
        }
        for (int i = 0; i < g.inPerGroup(); i++) {
          int ic = oc / g.outPerGroup() * g.inPerGroup() + i;
          float w = a.weights()[((oc * g.inPerGroup() + i) * g.kernelH() + ky) * g.kernelW() + kx];
          float product = w * frame[(ic * g.inHeight() + iy) * g.inWidth() + ix];
          acc = acc + product;
        }
      }
    }
    return (int) Math.rint(Math.min(Math.max(acc, (float) a.low()), (float) a.high()));
  }

  /** One time step: populations in order, spikes cross all of them. */
  void step() {
    for (int p = 0; p < potential.length; p++) {
      if (network.populations().get(p).model() == NeuronModel.MAX_GATE) {
        gate(p);
      } else {
        integrateAndFire(p);
      }
    }
  }

  private void integrateAndFire(int p) {
    Population population = network.populations().get(p);
    long lowest = population.wide() ? Integer.MIN_VALUE : Short.MIN_VALUE;
    long highest = population.wide() ? Integer.MAX_VALUE : Short.MAX_VALUE;
    MapShape s = population.shape();
    saturated[p] = 0;
    putOnTheLowerEnd[p] = 0;
    for (int c = 0; c < s.channels(); c++) {
      for (int y = 0; y < s.height(); y++) {
        for (int x = 0; x < s.width(); x++) {
          long acc = population.bias()[c] + current[p][c][y][x];
          for (int j = 0; j < network.projections().size(); j++) {
            Projection projection = network.projections().get(j);
            if (projection.target() == p) {
              acc += incoming(j, projection, c, y, x);
            }
          }
          long v = Math.max(lowest, Math.min(highest, potential[p][c][y][x] + acc));
          int i = (c * s.height() + y) * s.width() + x;
          integrated[p][i] += acc;
          clamped[p][i] |= v != potential[p][c][y][x] + acc;
          int sent = 0;
          if (v >= population.theta()[c]) {
            sent = 1;
          } else if (population.model() == NeuronModel.SIGNED_IF
              && v < 0
              && count[p][c][y][x] > 0) {
            sent = -1;
          }
          // What a large theta moves back into the range cannot be told from others.
          boolean seen = sent == 0 || population.theta()[c] <= highest / 2;
          saturated[p] += seen && (v == lowest || v == highest) ? 1 : 0;
          potential[p][c][y][x] = v - (long) population.theta()[c] * sent;
          putOnTheLowerEnd[p] += sent == 0 && v == lowest + population.theta()[c] && v < 0 ? 1 : 0;
          emit(p, c, y, x, sent);
        }
      }
    }
  }

  private void emit(int p, int c, int y, int x, int s) {
    spike[p][c][y][x] = s;
    count[p][c][y][x] += s;
    spikeTotal[p] += Math.abs(s);
    negativeTotal[p] += s < 0 ? 1 : 0;
  }

  /**
   * Sum of weight times spike of this step's spikes that reach one neuron through one projection.
   */
  private long incoming(int j, Projection projection, int c, int y, int x) {
    ConvGeometry g = projection.geometry();
    int[][][] source = spike[projection.source()];
    int first;
    int last;
    if (projection instanceof ChannelwiseProjection channelwise) {
      first = c - channelwise.channelOffset();
      last = first;
      if (first < 0 || first >= g.inChannels()) {
        return 0;
      }
    } else {
      first = c / g.outPerGroup() * g.inPerGroup();
      last = first + g.inPerGroup() - 1;
    }
    long sum = 0;
    for (int ic = first; ic <= last; ic++) {
      for (int ky = 0; ky < g.kernelH(); ky++) {
        int iy = y * g.window().strideH() - g.window().padH() + ky * g.window().dilationH();
        if (iy < 0 || iy >= g.inHeight()) {
          continue;
        }
        int[] row = source[ic][iy];
        for (int kx = 0; kx < g.kernelW(); kx++) {
          int ix = x * g.window().strideW() - g.window().padW() + kx * g.window().dilationW();
          if (ix >= 0 && ix < row.length && row[ix] != 0) {
            int tap = ky * g.kernelW() + kx;
            long weight =
                projection instanceof ChannelwiseProjection channelwise
                    ? channelwise.weights()[ic * g.taps() + tap]
                    : oihw[j][(c * g.inPerGroup() + ic - first) * g.taps() + tap];
            sum += row[ix] * weight;
            synapticOps[projection.source()]++;
            synapticOpsInto[projection.target()]++;
          }
        }
      }
    }
    return sum;
  }

  private void gate(int p) {
    for (Projection projection : network.projections()) {
      if (projection.target() == p && projection instanceof GateProjection) {
        ConvGeometry g = projection.geometry();
        for (int c = 0; c < g.outChannels(); c++) {
          for (int y = 0; y < g.outHeight(); y++) {
            for (int x = 0; x < g.outWidth(); x++) {
              long behind = largest(projection, c, y, x) - count[p][c][y][x];
              emit(p, c, y, x, Long.signum(behind));
            }
          }
        }
      }
    }
  }

  /** Largest cumulative count in the window; 0 if the window lies wholly in the padding. */
  private long largest(Projection projection, int c, int y, int x) {
    ConvGeometry g = projection.geometry();
    long largest = 0;
    for (int ky = 0; ky < g.kernelH(); ky++) {
      for (int kx = 0; kx < g.kernelW(); kx++) {
        int iy = y * g.window().strideH() - g.window().padH() + ky * g.window().dilationH();
        int ix = x * g.window().strideW() - g.window().padW() + kx * g.window().dilationW();
        if (iy >= 0 && iy < g.inHeight() && ix >= 0 && ix < g.inWidth()) {
          largest = Math.max(largest, count[projection.source()][c][iy][ix]);
          if (spike[projection.source()][c][iy][ix] != 0) {
            synapticOps[projection.source()]++;
            synapticOpsInto[projection.target()]++;
          }
        }
      }
    }
    return largest;
  }

  private static int[] weights(ConvProjection c) {
    ConvGeometry g = c.geometry();
    int[] result = new int[g.outChannels() * g.inPerGroup() * g.taps()];
    int k = 0;
    for (int oc = 0; oc < g.outChannels(); oc++) {
      for (int i = 0; i < g.inPerGroup(); i++) {
        for (int ky = 0; ky < g.kernelH(); ky++) {
          for (int kx = 0; kx < g.kernelW(); kx++) {
            result[k++] = c.weight(oc, i, ky, kx);
          }
        }
      }
    }
    return result;
  }

  /** The spike of each neuron in the last step: 0 or 1, or -1 where that is possible. */
  int[][][] spikes(int population) {
    return spike[population];
  }

  /** All inputs since the image was presented, [channel][y][x] in one row. */
  long[] integrated(int population) {
    return integrated[population];
  }

  /** Whether V was ever clamped to its type, laid out as {@link #integrated}. */
  boolean[] clamped(int population) {
    return clamped[population];
  }

  /** Neurons whose V stood at an end of its type in the last step, before its reset. */
  int saturated(int population) {
    return saturated[population];
  }

  /** Neurons whose V stands where a negative spike at the lower end leaves it, without one. */
  int putOnTheLowerEnd(int population) {
    return putOnTheLowerEnd[population];
  }

  /** Spikes since the image was presented, negative ones subtracted. */
  long[][][] counts(int population) {
    return count[population];
  }

  /** Membrane potentials in grid units. */
  long[][][] potentials(int population) {
    return potential[population];
  }

  /** Constant currents of the analog input, without the bias. */
  long[][][] currents(int population) {
    return current[population];
  }

  /** Spikes of the population times the synapses of each that end within a map. */
  long synapticOps(int population) {
    return synapticOps[population];
  }

  /** Spikes that reached the population, one a synapse. */
  long synapticOpsInto(int population) {
    return synapticOpsInto[population];
  }

  /** Spikes of all neurons since the image was presented, positive and negative ones alike. */
  long spikeTotal(int population) {
    return spikeTotal[population];
  }

  /** Those of them that were negative. */
  long negativeTotal(int population) {
    return negativeTotal[population];
  }

  /** [channel][y][x] in one row. */
  static int[] flat(long[][][] map) {
    int[] result = new int[map.length * map[0].length * map[0][0].length];
    int k = 0;
    for (long[][] plane : map) {
      for (long[] row : plane) {
        for (long v : row) {
          result[k++] = Math.toIntExact(v);
        }
      }
    }
    return result;
  }
}
