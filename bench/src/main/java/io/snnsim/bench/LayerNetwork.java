// SPDX-License-Identifier: Apache-2.0
package io.snnsim.bench;

import io.snnsim.geometry.ConvGeometry;
import io.snnsim.geometry.MapShape;
import io.snnsim.geometry.Window;
import io.snnsim.network.ChannelwiseProjection;
import io.snnsim.network.ConvProjection;
import io.snnsim.network.InputStage;
import io.snnsim.network.Network;
import io.snnsim.network.NeuronModel;
import io.snnsim.network.Population;
import io.snnsim.network.Precision;
import io.snnsim.network.Projection;
import io.snnsim.network.WeightType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Networks of independent pairs source -> target that all have one shape. The sources are driven by
 * constant currents, one a neuron, uniform between 0 and twice the wanted firing rate: neurons of
 * many rates with random phases. Weights are random, small enough that sums fit V. Stateless.
 */
final class LayerNetwork {
  /** Threshold of the sources; a current of theta fires in every step. */
  private static final int THETA = 8192;

  private LayerNetwork() {}

  /**
   * Builds a network.
   *
   * @param copies number of pairs
   * @param rate firing rate of the sources, 0..0.5
   * @param withTargets false for the sources alone, to be subtracted
   */
  static Network of(
      LayerShape shape, Precision precision, int copies, double rate, boolean withTargets) {
    SplittableRandom random = new SplittableRandom(1);
    boolean wide = precision == Precision.I32;
    List<Population> populations = new ArrayList<>();
    List<Projection> projections = new ArrayList<>();
    List<InputStage.AnalogProjection> analog = new ArrayList<>();
    for (int i = 0; i < copies; i++) {
      analog.add(drive(shape.source(), i));
      populations.add(source(i, shape.source(), wide, random));
    }
    for (int i = 0; i < copies && withTargets; i++) {
      int[] weights = weights(shape, precision, random);
      projections.add(projection(i, copies + i, shape, WeightType.of(precision, wide), weights));
      populations.add(target(i, shape, wide, weights, rate, random));
    }
    populations.add(silent());
    int channels = shape.inChannels();
    float[] ones = new float[channels];
    Arrays.fill(ones, 1);
    return new Network(
        "layer",
        precision,
        new InputStage(shape.source(), new float[channels], ones, analog),
        populations,
        projections,
        populations.size() - 1);
  }

  /** The image that makes the sources of {@link #of} fire at {@code rate}: their currents. */
  static float[] image(LayerShape shape, double rate) {
    SplittableRandom random = new SplittableRandom(2);
    float[] image = new float[shape.source().size()];
    for (int i = 0; i < image.length; i++) {
      image[i] = (float) Math.rint(random.nextDouble() * 2 * rate * THETA);
    }
    return image;
  }

  private static InputStage.AnalogProjection drive(MapShape s, int target) {
    int c = s.channels();
    float[] ones = new float[c];
    Arrays.fill(ones, 1);
    ConvGeometry identity =
        new ConvGeometry(
            new MapShape(c, s.height(), s.width()),
            new MapShape(c, s.height(), s.width()),
            new Window(1, 1, 1, 1, 0, 0, 1, 1),
            c);
    return new InputStage.AnalogProjection(
        "drive" + target, target, identity, ones, new float[c], 0, THETA);
  }

  private static Population source(int i, MapShape s, boolean wide, SplittableRandom random) {
    int[] v0 = new int[s.channels()];
    Arrays.setAll(v0, c -> random.nextInt(THETA));
    return population("source" + i, s, wide, filled(s, THETA), v0, filled(s, 0), 0, THETA);
  }

  private static int[] weights(LayerShape shape, Precision precision, SplittableRandom random) {
    int fanIn = shape.fanInChannels() * shape.kernel() * shape.kernel();
    int most =
        switch (precision) {
          case I8 -> 127;
          case I16 -> Short.MAX_VALUE;
          case I32 -> 1 << 20;
        };
    // Half of 16 bits (or 30 of 32) for the sum, the rest for the constant current.
    int largest = Math.clamp((precision == Precision.I32 ? 1 << 29 : 1 << 14) / fanIn, 1, most);
    int[] weights = new int[shape.outChannels() * fanIn];
    Arrays.setAll(weights, k -> random.nextInt(-largest, largest + 1));
    return weights;
  }

  private static Projection projection(
      int source, int target, LayerShape shape, WeightType type, int[] weights) {
    return shape.depthwise()
        ? new ChannelwiseProjection("layer" + source, source, target, shape.geometry(), 0, weights)
        : ConvProjection.pack("layer" + source, source, target, shape.geometry(), type, weights);
  }

  /** A population with a current that lets it fire at about the rate of its source. */
  private static Population target(
      int i, LayerShape shape, boolean wide, int[] weights, double rate, SplittableRandom random) {
    MapShape s = shape.target();
    int fanIn = weights.length / s.channels();
    double squares = 0;
    long low = 0;
    long high = 0;
    for (int oc = 0; oc < s.channels(); oc++) {
      long negative = 0;
      long positive = 0;
      for (int k = oc * fanIn; k < (oc + 1) * fanIn; k++) {
        squares += (double) weights[k] * weights[k];
        negative += Math.min(0, weights[k]);
        positive += Math.max(0, weights[k]);
      }
      low = Math.min(low, negative);
      high = Math.max(high, positive);
    }
    int bias = (int) Math.max(1, rate * Math.sqrt(squares / s.channels()));
    int theta = (int) Math.max(1, bias / rate);
    int[] v0 = new int[s.channels()];
    Arrays.setAll(v0, c -> random.nextInt(theta));
    return population(
        "target" + i, s, wide, filled(s, theta), v0, filled(s, bias), low + bias, high + bias);
  }

  /** An output is needed, and must cost nothing. */
  private static Population silent() {
    MapShape one = new MapShape(1, 1, 1);
    return population("output", one, false, new int[] {1}, new int[1], new int[1], 0, 0);
  }

  private static Population population(
      String name,
      MapShape s,
      boolean wide,
      int[] theta,
      int[] v0,
      int[] bias,
      long low,
      long high) {
    float[] lambda = new float[s.channels()];
    Arrays.fill(lambda, 1);
    return new Population(
        name,
        s,
        NeuronModel.IF,
        wide,
        new Population.Channels(theta, v0, bias, lambda),
        new NeuronModel.InputRange(low, high));
  }

  private static int[] filled(MapShape s, int value) {
    int[] all = new int[s.channels()];
    Arrays.fill(all, value);
    return all;
  }
}
