package io.snnsim.convert;

import io.snnsim.ann.MapShape;
import io.snnsim.network.ConvGeometry;
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
  private final TermSum sum = new TermSum();
  private final TermSum.Weights[] weights;
  private final float[][][] source;
  private final float[][] current;
  private final float[][] input;
  private final int[][] v;
  private final int[][] n;
  private final int[] spikes;
  private final int[] step;

  /**
   * A simulation of up to {@code batch} images at a time.
   *
   * @param plan whose terms were built
   */
  PopulationSimulation(Lowering.Plan plan, NetworkBuilder.Built built, int batch, int steps) {
    this.built = built;
    this.batch = batch;
    this.steps = steps;
    population = built.population();
    MapShape shape = plan.shape();
    plane = shape.height() * shape.width();
    weights = new TermSum.Weights[built.terms().size()];
    source = new float[Math.max(1, weights.length)][][];
    for (int i = 0; i < weights.length; i++) {
      RealTerm t = built.terms().get(i);
      InputStage.AnalogProjection a = built.analog().get(i);
      weights[i] =
          a == null
              ? new TermSum.Weights(t, floats(built.weights().get(i)), null)
              : new TermSum.Weights(t, a.weights(), a.bias());
      ConvGeometry g = t.geometry();
      source[i] = new float[g.inChannels()][batch * g.inHeight() * g.inWidth()];
    }
    int channels = shape.channels();
    current = new float[channels][batch * plane];
    input = new float[channels][batch * plane];
    v = new int[channels][batch * plane];
    n = new int[channels][batch * plane];
    spikes = new int[batch * plane];
    step = new int[batch * plane];
  }

  private static float[] floats(int[] values) {
    float[] result = new float[values.length];
    for (int i = 0; i < result.length; i++) {
      result[i] = values[i];
    }
    return result;
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
      }
      for (int i = 0; i < weights.length; i++) {
        if (trains[i] == null) {
          continue;
        }
        int sourcePlane = source[i][0].length / batch;
        for (int c = 0; c < source[i].length; c++) {
          trains[i].get(t, c, first * sourcePlane, count * sourcePlane, source[i][c], 0);
        }
        sum.add(weights[i], source[i], 0, count, input, 0);
      }
      for (int c = 0; c < v.length; c++) {
        update(c, size);
        out.set(t, c, first * plane, size, spikes);
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
      for (float[] row : input) {
        Arrays.fill(row, 0, size, 0);
      }
      sum.add(weights[i], image, first, count, input, 0);
      for (int c = 0; c < current.length; c++) {
        for (int k = 0; k < size; k++) {
          current[c][k] += (float) Math.rint(Math.clamp(input[c][k], (float) a.low(), a.high()));
        }
      }
    }
  }

  private void update(int c, int size) {
    float[] in = input[c];
    for (int i = 0; i < size; i++) {
      step[i] = (int) in[i];
    }
    int low = population.wide() ? -WIDE : Short.MIN_VALUE;
    int high = population.wide() ? WIDE : Short.MAX_VALUE;
    if (population.model() == NeuronModel.SIGNED_IF) {
      signed(v[c], n[c], step, spikes, population.theta()[c], low, high, size);
    } else {
      plain(v[c], n[c], step, spikes, population.theta()[c], low, high, size);
    }
  }

  // Comparisons as shifts of the sign, which C2 turns into vector code.
  private static void signed(
      int[] v, int[] n, int[] in, int[] out, int theta, int low, int high, int size) {
    for (int i = 0; i < size; i++) {
      int x = Math.max(low, Math.min(high, v[i] + in[i]));
      int count = n[i];
      int s = ((theta - 1 - x) >>> 31) - ((x >>> 31) & (-count >>> 31));
      v[i] = x - theta * s;
      n[i] = count + s;
      out[i] = s;
    }
  }

  private static void plain(
      int[] v, int[] n, int[] in, int[] out, int theta, int low, int high, int size) {
    for (int i = 0; i < size; i++) {
      int x = Math.max(low, Math.min(high, v[i] + in[i]));
      int s = (theta - 1 - x) >>> 31;
      v[i] = x - theta * s;
      n[i] = n[i] + s;
      out[i] = s;
    }
  }
}
