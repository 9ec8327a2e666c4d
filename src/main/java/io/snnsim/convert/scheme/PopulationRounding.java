// SPDX-License-Identifier: Apache-2.0
package io.snnsim.convert.scheme;

import io.snnsim.convert.ConvertOptions;
import io.snnsim.convert.SchemeOptions;
import io.snnsim.error.SnnsimException;
import io.snnsim.geometry.ConvGeometry;
import io.snnsim.network.ChannelwiseProjection;
import io.snnsim.network.ConvProjection;
import io.snnsim.network.InputStage;
import io.snnsim.network.Projection;
import io.snnsim.network.WeightType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Rounds everything that reaches one population to its grid, and adds up the bounds that prove that
 * it fits. Confined to one thread.
 */
final class PopulationRounding {
  private final ConvertOptions options;
  private final int population;
  private final int[] theta;
  private final boolean wide;
  private final int[] bias;
  private final int[] v0;
  private final InputBound[] bounds;
  private final RoundingError error = new RoundingError();
  private final List<int[]> weights = new ArrayList<>();
  private final List<InputStage.AnalogProjection> currents = new ArrayList<>();

  /**
   * Begins with the biases.
   *
   * @param population its place in the network
   * @param exact what reaches each channel
   * @param shares V(0) by channel, in units of theta; null for that of the options
   */
  PopulationRounding(
      ConvertOptions options,
      int population,
      Grid.Channel[] exact,
      int[] theta,
      boolean wide,
      double[] shares) {
    this.options = options;
    this.population = population;
    this.theta = theta;
    this.wide = wide;
    bounds = new InputBound[theta.length];
    bias = new int[theta.length];
    v0 = new int[theta.length];
    boolean each = !options.scheme().fewSpike();
    for (int c = 0; c < theta.length; c++) {
      bias[c] = Grid.round(exact[c].bias() * constant(), theta[c]);
      double share = shares == null ? options.v0() : shares[c];
      v0[c] = Grid.round(share, theta[c]) + lostBias(exact[c].bias(), bias[c], theta[c]);
      bounds[c] = new InputBound();
      bounds[c].current(each ? bias[c] : 0);
    }
  }

  /** Adds a term that spikes come in by. */
  Projection synapses(RealTerm t) {
    weights.add(round(t));
    currents.add(null);
    return projection(t, weights.getLast());
  }

  /**
   * Adds a term that the image drives.
   *
   * @param name of the population, for messages
   * @param images number of such terms, which share the range of the current
   */
  void current(String name, RealTerm t, int images) {
    int range = (wide ? Grid.WIDE_CURRENT : Grid.NARROW_CURRENT) / images;
    weights.add(null);
    currents.add(analogProjection(name, t, range));
    if (!options.scheme().fewSpike()) {
      Arrays.stream(bounds).forEach(b -> b.currentWithin(range));
    }
  }

  /** Counts that come at once of what does not come in every step. */
  private int constant() {
    return options.scheme().fewSpike() ? options.scheme().fullCount() : 1;
  }

  /** Constant current by channel. */
  int[] bias() {
    return bias;
  }

  /** V(0) by channel. */
  int[] v0() {
    return v0;
  }

  /** Least input of a step. */
  long low() {
    return Arrays.stream(bounds).mapToLong(InputBound::low).min().orElse(0);
  }

  /** Largest input of a step. */
  long high() {
    return Arrays.stream(bounds).mapToLong(InputBound::high).max().orElse(0);
  }

  /** What rounding did to the weights. */
  RoundingError error() {
    return error;
  }

  /** Of each term that was added; null for those of the image. */
  List<int[]> weights() {
    return weights;
  }

  /** Of each term that was added; null for those that spikes come in by. */
  List<InputStage.AnalogProjection> currents() {
    return currents;
  }

  /** What rounding takes from a bias over the target steps, in grid units. */
  private int lostBias(double bias, int rounded, int theta) {
    SchemeOptions scheme = options.scheme();
    if (!scheme.gridCorrection() || scheme.targetSteps() == 0 || scheme.fewSpike()) {
      return 0;
    }
    return (int) Math.rint(scheme.targetSteps() * (bias * theta - rounded));
  }

  private int[] round(RealTerm t) {
    int[] rounded = new int[t.weights().length];
    for (int i = 0; i < rounded.length; i++) {
      int c = t.target(i);
      rounded[i] = Grid.round(t.weights()[i], theta[c]);
      bounds[c].synapse(rounded[i], options.scheme().signed());
      error.add(t.weights()[i], rounded[i], theta[c]);
    }
    return rounded;
  }

  private Projection projection(RealTerm t, int[] rounded) {
    if (t.channelwise()) {
      return new ChannelwiseProjection(
          t.name(), t.source(), population, t.geometry(), t.offset(), rounded);
    }
    WeightType type = WeightType.of(options.precision(), wide);
    return ConvProjection.pack(t.name(), t.source(), population, t.geometry(), type, rounded);
  }

  private InputStage.AnalogProjection analogProjection(String name, RealTerm t, int range) {
    ConvGeometry g = t.geometry();
    // Channel by channel becomes a grouped convolution: the input stage knows only that.
    if (t.channelwise() && (t.offset() != 0 || g.inChannels() != theta.length)) {
      throw SnnsimException.badData(
          "node "
              + name
              + ": a zero-padded shortcut from the image itself, expected a convolution with ReLU"
              + " before it");
    }
    float[] exact = new float[t.weights().length];
    for (int i = 0; i < exact.length; i++) {
      exact[i] = (float) (t.weights()[i] * constant() * theta[t.target(i)]);
    }
    float[] biases = new float[theta.length];
    for (int c = 0; c < biases.length; c++) {
      biases[c] = (float) (t.biasOf(c) * constant() * theta[c]);
    }
    return new InputStage.AnalogProjection(t.name(), population, g, exact, biases, -range, range);
  }
}
