// SPDX-License-Identifier: Apache-2.0
package io.snnsim.engine.plan;

import io.snnsim.geometry.ConvGeometry;
import io.snnsim.kernel.lookup.LookupNetwork;
import io.snnsim.kernel.pattern.PatternForm;
import io.snnsim.network.ChannelwiseProjection;
import io.snnsim.network.ConvProjection;
import io.snnsim.network.GateProjection;
import io.snnsim.network.Network;
import io.snnsim.network.Population;
import io.snnsim.network.Projection;
import java.util.List;

/**
 * What one time step of one population costs by each method, as a {@link CostModel} estimates it:
 * by lookup and by patterns the same for all spikes, by events linear in them. Immutable.
 *
 * @param lookupNanos by lookup
 * @param eventNanos by events, without a spike
 * @param spikeNanos by events, for each spike of the sources, in the order of {@link Network#into}
 * @param patternNanos by patterns
 * @param tableBytes lookup tables, about
 * @param patternBytes tables of patterns
 */
record MethodCosts(
    double lookupNanos,
    double eventNanos,
    double[] spikeNanos,
    double patternNanos,
    long tableBytes,
    long patternBytes) {
  /** Estimates population {@code p}. */
  public static MethodCosts of(Network network, int p, int blockSteps, CostModel costs) {
    Population t = network.populations().get(p);
    int bits = t.wide() ? 32 : 16;
    int lanes = costs.laneBits() / bits;
    int channels = t.shape().channels();
    long pixels = (long) t.shape().height() * t.shape().width();
    long pixelVectors = (pixels + lanes - 1) / lanes;
    long entries = 0;
    long planeBytes = 0;
    double shortcutVectors = 0;
    double rowNanos = 0;
    long patternBytes = 0;
    List<Projection> into = network.into(p);
    double[] spikeNanos = new double[into.size()];
    for (int i = 0; i < spikeNanos.length; i++) {
      Projection projection = into.get(i);
      ConvGeometry g = projection.geometry();
      int group = LookupNetwork.groupSize(lanes, network.signed(projection.source()));
      entries += (long) channels * g.taps() * groups(projection.sourcesPerTarget(), group);
      switch (projection) {
        case ConvProjection c -> {
          // A plane for each column of the window.
          planeBytes +=
              pixels * (bits / 8) * groups(g.inChannels(), group) * g.kernelW() * blockSteps;
          double blocks = (double) blocks(channels) * Math.min(2, g.groups());
          double vectors = vectors(g.outPerGroup(), lanes);
          double sourcePixels = (double) g.inHeight() * g.inWidth();
          // Of the channels that a channel block reads, and of the taps that meet a pixel.
          double met = pixels * g.taps() * g.inPerGroup() / (sourcePixels * g.inChannels());
          spikeNanos[i] = costs.spikes(met * blocks, met * vectors, t.wide());
          PatternForm form = Planner.patternForm(network, c, costs);
          rowNanos += costs.rows((double) pixels * form.vectorsPerPixel(), form.rolled());
          patternBytes += form.tableBytes();
        }
        case ChannelwiseProjection c ->
            shortcutVectors += (double) pixels * g.taps() * vectors(channels, lanes);
        case GateProjection c ->
            shortcutVectors += (double) pixels * g.taps() * vectors(channels, lanes) * 2;
      }
    }
    long tableBytes = t.model().integrates() ? entries * (costs.laneBits() / 8) : 0;
    return new MethodCosts(
        costs.lookup(entries * pixelVectors, tableBytes, planeBytes, channels * pixelVectors),
        costs.events(shortcutVectors, pixels * blocks(channels), rowNanos > 0),
        spikeNanos,
        rowNanos + costs.patterns(shortcutVectors, pixels * vectors(channels, lanes)),
        tableBytes,
        patternBytes);
  }

  /** By events, if every population fires at its rate times {@code times}, but at most at 1. */
  double eventNanos(Network network, int p, double[] rates, double times) {
    double nanos = eventNanos;
    List<Projection> into = network.into(p);
    for (int i = 0; i < spikeNanos.length; i++) {
      int source = into.get(i).source();
      double neurons = network.populations().get(source).shape().size();
      nanos += spikeNanos[i] * neurons * Math.min(1, rates[source] * times);
    }
    return nanos;
  }

  private static int groups(int channels, int largest) {
    return (channels + largest - 1) / largest;
  }

  private static int vectors(int channels, int lanes) {
    return (channels + lanes - 1) / lanes;
  }

  private static int blocks(int channels) {
    return (channels + 63) / 64;
  }
}
