// SPDX-License-Identifier: Apache-2.0
package io.snnsim.convert.fit;

import io.snnsim.convert.scheme.Lowering;
import io.snnsim.convert.scheme.NetworkBuilder;
import io.snnsim.convert.scheme.RealTerm;
import io.snnsim.convert.scheme.TermSum;
import io.snnsim.geometry.ConvGeometry;
import io.snnsim.geometry.MapShape;
import io.snnsim.network.InputStage;
import io.snnsim.network.NeuronModel;
import io.snnsim.network.Population;
import java.util.Arrays;

/**
 * Runs one population of the network on the spike trains of its sources: what the simulator will
 * do, to the bit (but for currents of the image, which float32 may round the other way), on many
 * images for all steps. Keeps scratch memory; confined to one thread.
 */
final class PopulationSimulation {
  /** Where wide potentials stop: no theta is far from it, and sums stay within 32 bits. */
  private static final int WIDE = 1 << 29;

  private final NetworkBuilder.Built built;
  private final Population population;
  private final int plane;
  private final int batch;
  private final int steps;
  private final TermSum sum;
  private final TermSum.Weights[] weights;
  private final float[][][] source;
  private final float[][] current;
  private final float[][] input;
  private final int[][] v;
  private final int[][] n;
  private final int[][] bytes;
  private final int[][] whole;
  private final ShortConvolution[] narrow;
  private final short[][][] narrowSource;

  /**
   * A simulation of up to {@code batch} images at a time.
   *
   * @param draft whose terms were built
   * @param lease what scratch memory is taken from
   */
  PopulationSimulation(
      Lowering.Draft draft, NetworkBuilder.Built built, int batch, int steps, MapPool.Lease lease) {
    this.built = built;
    sum = lease.sum();
    this.batch = batch;
    this.steps = steps;
    population = built.population();
    MapShape shape = draft.shape();
    plane = shape.height() * shape.width();
    weights = built.rounded();
    source = new float[weights.length][][];
    narrow = new ShortConvolution[weights.length];
    narrowSource = new short[weights.length][][];
    for (int i = 0; i < weights.length; i++) {
      RealTerm t = built.terms().get(i);
      InputStage.AnalogProjection a = built.analog().get(i);
      ConvGeometry g = t.geometry();
      int size = batch * g.inHeight() * g.inWidth();
      if (a == null && !t.channelwise() && !population.wide()) {
        narrow[i] = new ShortConvolution(g, built.weights().get(i));
        narrowSource[i] = new short[g.inChannels()][size];
      } else {
        source[i] = new float[g.inChannels()][size];
      }
    }
    int channels = shape.channels();
    current = lease.take(channels, batch * plane);
    input = lease.take(channels, batch * plane);
    v = lease.takeInts(channels, batch * plane);
    n = lease.takeInts(channels, batch * plane);
    bytes = lease.takeInts(channels, batch * plane);
    whole = lease.takeInts(channels, batch * plane);
  }

  /**
   * Runs images {@code first .. first + count - 1}.
   *
   * @param trains of each term's source; null for the image
   * @param image [channel][image * plane + position], normalised
   * @param out gets the spikes
   * @param integrated null, or [channel][image * plane + position] that gets the integrated input
   *     as a multiple of theta
   */
  void run(
      SpikeTrains[] trains,
      float[][] image,
      int first,
      int count,
      SpikeTrains out,
      float[][] integrated) {
    int size = count * plane;
    currents(image, first, count, size);
    for (int c = 0; c < v.length; c++) {
      Arrays.fill(v[c], population.v0()[c]);
      Arrays.fill(n[c], 0);
    }
    for (int t = 0; t < steps; t++) {
      for (int c = 0; c < v.length; c++) {
        System.arraycopy(current[c], 0, input[c], 0, size);
        Arrays.fill(whole[c], 0, size, 0);
      }
      for (int i = 0; i < weights.length; i++) {
        if (trains[i] != null) {
          arrive(i, trains[i], t, first, count);
        }
      }
      for (int c = 0; c < v.length; c++) {
        update(c, size, SpikeTrains.bits(t));
        if (out.endsByte(t)) {
          out.set(t, c, first * plane, size, bytes[c]);
          Arrays.fill(bytes[c], 0);
        }
      }
    }
    for (int c = 0; c < v.length && integrated != null; c++) {
      double theta = population.theta()[c];
      for (int i = 0; i < size; i++) {
        integrated[c][first * plane + i] =
            (float) (n[c][i] + (v[c][i] - population.v0()[c]) / theta);
      }
    }
  }

  /** Adds what term {@code i} brings in step {@code t}. */
  private void arrive(int i, SpikeTrains trains, int t, int first, int count) {
    ConvGeometry g = built.terms().get(i).geometry();
    int sourcePlane = g.inHeight() * g.inWidth();
    int size = count * sourcePlane;
    for (int c = 0; c < g.inChannels(); c++) {
      if (narrow[i] != null) {
        trains.get(t, c, first * sourcePlane, size, narrowSource[i][c]);
      } else {
        trains.get(t, c, first * sourcePlane, size, source[i][c], 0);
      }
    }
    if (narrow[i] != null) {
      narrow[i].add(narrowSource[i], count, whole);
    } else {
      sum.add(weights[i], source[i], 0, count, input, 0);
    }
  }

  /** What flows in every step: the bias, and what the image drives, rounded and clamped. */
  private void currents(float[][] image, int first, int count, int size) {
    for (int c = 0; c < current.length; c++) {
      Arrays.fill(current[c], 0, size, population.bias()[c]);
    }
    for (int i = 0; i < weights.length; i++) {
      InputStage.AnalogProjection a = built.analog().get(i);
      if (a == null) {
        continue;
      }
      ImageCurrents.add(weights[i], a, image, first, count, input, current);
    }
  }

  private void update(int c, int size, int shift) {
    float[] in = input[c];
    int[] step = whole[c];
    for (int i = 0; i < size; i++) {
      step[i] += (int) in[i];
    }
    int low = population.wide() ? -WIDE : Short.MIN_VALUE;
    int high = population.wide() ? WIDE : Short.MAX_VALUE;
    int theta = population.theta()[c];
    switch (population.model()) {
      case NeuronModel.IntegrateAndFire m ->
          plain(v[c], n[c], step, bytes[c], shift, theta, low, high, size);
      case NeuronModel.SignedIntegrateAndFire m ->
          signed(v[c], n[c], step, bytes[c], shift, theta, low, high, size);
      case NeuronModel.MaxGate m ->
          throw new IllegalArgumentException(population.name() + " adds nothing up");
      case NeuronModel.FewSpike m ->
          throw new IllegalArgumentException(population.name() + " sends no rates");
      case NeuronModel.MaxRace m ->
          throw new IllegalArgumentException(population.name() + " adds nothing up");
    }
  }

  // Comparisons as shifts of the sign, which C2 turns into vector code.
  private static void signed(
      int[] v, int[] n, int[] in, int[] out, int shift, int theta, int low, int high, int size) {
    for (int i = 0; i < size; i++) {
      int x = Math.max(low, Math.min(high, v[i] + in[i]));
      int count = n[i];
      int s = ((theta - 1 - x) >>> 31) - ((x >>> 31) & (-count >>> 31));
      v[i] = x - theta * s;
      n[i] = count + s;
      out[i] = out[i] | (s & 3) << shift;
    }
  }

  private static void plain(
      int[] v, int[] n, int[] in, int[] out, int shift, int theta, int low, int high, int size) {
    for (int i = 0; i < size; i++) {
      int x = Math.max(low, Math.min(high, v[i] + in[i]));
      int s = (theta - 1 - x) >>> 31;
      v[i] = x - theta * s;
      n[i] = n[i] + s;
      out[i] = out[i] | s << shift;
    }
  }
}
