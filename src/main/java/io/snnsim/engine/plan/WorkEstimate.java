// SPDX-License-Identifier: Apache-2.0
package io.snnsim.engine.plan;

import io.snnsim.engine.Simulator;
import io.snnsim.geometry.ConvGeometry;
import io.snnsim.kernel.lookup.LookupTraffic;
import io.snnsim.kernel.pattern.PatternForm;
import io.snnsim.network.ChannelwiseProjection;
import io.snnsim.network.ConvProjection;
import io.snnsim.network.GateProjection;
import io.snnsim.network.LaneLayout;
import io.snnsim.network.Network;
import io.snnsim.network.Population;
import io.snnsim.network.Projection;
import io.snnsim.network.WeightLayout;

/** Works out {@link Work} from synaptic operations. Used once, by one thread. */
public final class WorkEstimate {
  private static final int WORD_BYTES = 8;
  private static final int EVENT_BYTES = 4;
  private static final int COUNT_BYTES = 4;

  private final Simulator model;
  private final Network network;
  private final double[] synapticOps;
  private final boolean[] byLookup;

  private double rows;
  private double laneOps;
  private double bytes;
  private long loopBytes;
  private int operandBytes;

  /**
   * @param synapticOps per projection, of one time step
   * @param byLookup by population, which of the adaptive ones look up
   */
  public WorkEstimate(Simulator model, double[] synapticOps, boolean[] byLookup) {
    this.byLookup = byLookup;
    this.model = model;
    network = model.network();
    this.synapticOps = synapticOps;
  }

  public Work of(int p) {
    double ops = 0;
    for (int j = 0; j < network.projections().size(); j++) {
      ops += network.projections().get(j).target() == p ? synapticOps[j] : 0;
    }
    return switch (model.plan().methods().get(p)) {
      case LOOKUP -> lookup(p, ops);
      case EVENTS -> byChannel(UpdateMethod.EVENTS, p, ops);
      case PATTERNS -> byChannel(UpdateMethod.PATTERNS, p, ops);
      case ADAPTIVE -> byLookup[p] ? lookup(p, ops) : byChannel(UpdateMethod.EVENTS, p, ops);
    };
  }

  private Work lookup(int p, double ops) {
    LookupTraffic traffic = new LookupTraffic(model.lookupNetwork(), p, model.plan().blockSteps());
    long looked = traffic.lookups();
    long compared = traffic.compared();
    return new Work(
        UpdateMethod.LOOKUP,
        ops,
        looked,
        compared,
        (double) (looked + compared) * traffic.lanes(),
        network.populations().get(p).wide() ? 4 : 2,
        traffic.bytes(model.driven(p)),
        traffic.loopBytes());
  }

  private Work byChannel(UpdateMethod method, int p, double ops) {
    Population t = network.populations().get(p);
    LaneLayout layout = LaneLayout.of(t.shape().channels(), t.wide());
    long pixels = (long) t.shape().height() * t.shape().width();
    int laneBytes = t.wide() ? 4 : 2;
    double map = (double) pixels * layout.paddedChannels() * laneBytes;
    rows = 0;
    laneOps = 0;
    loopBytes = 0;
    operandBytes = laneBytes;
    // The sums begin as the bias or the current; then they, theta and V are read, V written, and
    // the spikes stored.
    bytes =
        map * (model.driven(p) ? 2 : 1)
            + map * t.model().updateTransfers()
            + pixels * layout.blocks() * WORD_BYTES;
    for (int j = 0; j < network.projections().size(); j++) {
      Projection projection = network.projections().get(j);
      if (projection.target() != p) {
        continue;
      }
      switch (projection) {
        case ConvProjection c -> {
          // The sums are read and written once a row of the map.
          bytes += 2 * map;
          if (method == UpdateMethod.PATTERNS) {
            patterns(c, pixels * layout.blocks(), pixels);
          } else {
            conv(c, synapticOps[j]);
          }
        }
        case ChannelwiseProjection c ->
            channelwise(c.geometry(), layout, pixels, laneBytes, synapticOps[j]);
        case GateProjection g -> gate(g.geometry(), layout, pixels);
      }
    }
    return new Work(method, ops, 0, rows, laneOps, operandBytes, bytes, loopBytes);
  }

  /** Every pattern that a pixel meets adds one row to each channel block. */
  private void patterns(ConvProjection c, double blockPixels, double pixels) {
    PatternForm form = Planner.patternForm(network, c, model.costs());
    double vectors = pixels * form.vectorsPerPixel();
    rows += blockPixels * form.patternsPerPixel();
    laneOps += vectors * form.vectorBytes() / form.laneBytes();
    bytes += vectors * form.vectorBytes() + pixels * form.window().taps() * WORD_BYTES;
    loopBytes = Math.max(loopBytes, form.tableBytes());
  }

  /** Every spike at every tap adds one row to each channel block that reads its channel. */
  private void conv(ConvProjection c, double ops) {
    WeightLayout layout = c.layout();
    ConvGeometry g = c.geometry();
    double spikesAtTaps = ops / c.targetsPerSource();
    operandBytes = c.weightBytes();
    for (int b = 0; b < layout.blocks(); b++) {
      double mine = spikesAtTaps * layout.rows(b) / g.inChannels();
      rows += mine;
      laneOps += mine * layout.lanes().lanes(b);
      bytes += mine * (layout.rowBytes(b) + EVENT_BYTES);
      loopBytes = Math.max(loopBytes, g.taps() * layout.rows(b) * layout.rowBytes(b));
    }
  }

  /**
   * Where any channel of a channel block spikes all of the block is added; at most one row a spike.
   */
  private void channelwise(
      ConvGeometry g, LaneLayout layout, long pixels, int laneBytes, double ops) {
    double words = (double) pixels * g.taps() * layout.blocks();
    double mine = Math.min(ops, words);
    double lanes = (double) layout.paddedChannels() / layout.blocks();
    rows += mine;
    laneOps += mine * lanes;
    bytes += words * WORD_BYTES + mine * lanes * laneBytes * 3;
    loopBytes = Math.max(loopBytes, (long) g.taps() * layout.paddedChannels() * laneBytes);
  }

  /** The counts of every window are compared, and with the own count. */
  private void gate(ConvGeometry g, LaneLayout layout, long pixels) {
    double lanes = (double) pixels * layout.paddedChannels() * g.taps();
    rows += (double) pixels * layout.blocks() * g.taps();
    laneOps += lanes;
    bytes += COUNT_BYTES * (lanes + (double) pixels * layout.paddedChannels());
    operandBytes = COUNT_BYTES;
    loopBytes = Math.max(loopBytes, (long) g.taps() * layout.paddedChannels() * COUNT_BYTES);
  }
}
