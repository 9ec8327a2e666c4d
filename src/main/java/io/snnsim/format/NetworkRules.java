// SPDX-License-Identifier: Apache-2.0
package io.snnsim.format;

import io.snnsim.error.SnnsimException;
import io.snnsim.geometry.ConvGeometry;
import io.snnsim.geometry.MapShape;
import io.snnsim.network.ChannelwiseProjection;
import io.snnsim.network.ConvProjection;
import io.snnsim.network.GateProjection;
import io.snnsim.network.InputStage;
import io.snnsim.network.LaneLayout;
import io.snnsim.network.Network;
import io.snnsim.network.NeuronModel;
import io.snnsim.network.Population;
import io.snnsim.network.Projection;
import io.snnsim.network.WeightLayout;
import io.snnsim.network.WeightType;
import java.util.HashSet;
import java.util.Set;

/**
 * What a network must satisfy before kernels may run it without checks of their own: geometry fits
 * the maps, order is topological, values fit their types, and the recomputed proof that one step's
 * input sum fits V's type. Stateless and thread-safe.
 */
public final class NetworkRules {
  private final Network network;
  private final String where;
  private final LaneSums sums = new LaneSums();
  private final AbsentSynapses absentSynapses = new AbsentSynapses();

  /** Of the image into each population: the least and the most, and the largest size, in sum. */
  private final long[] currentLow;

  private final long[] currentHigh;
  private final long[] currentSize;
  private String at = "network";

  private NetworkRules(Network network, String where) {
    this.network = network;
    this.where = where;
    currentLow = new long[network.populations().size()];
    currentHigh = new long[currentLow.length];
    currentSize = new long[currentLow.length];
  }

  /**
   * Checks a network.
   *
   * @throws SnnsimException (bad data) naming the population or projection that breaks a rule
   */
  public static void check(Network network, String where) {
    new NetworkRules(network, where).run();
  }

  private void run() {
    int n = network.populations().size();
    require(n > 0 && network.output() >= 0 && network.output() < n, "no output population");
    Set<String> names = new HashSet<>();
    for (int i = 0; i < n; i++) {
      Population p = network.populations().get(i);
      at = "population " + p.name();
      require(names.add(p.name()), "the name is used twice");
      require(
          p.model().codeSteps() == network.codeSteps(),
          p.model().noun()
              + "s"
              + code(p.model().codeSteps())
              + " in a network whose output has "
              + network.populations().get(network.output()).model().noun()
              + "s"
              + code(network.codeSteps())
              + ", expected one code");
      channels(p);
    }
    names.clear();
    for (Projection p : network.projections()) {
      at = "projection " + p.name();
      require(names.add(p.name()), "the name is used twice");
      require(
          p.source() >= 0 && p.source() < p.target() && p.target() < n,
          "from population " + p.source() + " to " + p.target() + ", expected forward");
      projection(p);
    }
    input(n);
    for (int i = 0; i < n; i++) {
      at = "population " + network.populations().get(i).name();
      proof(i);
    }
  }

  private static String code(int steps) {
    return steps == 0 ? "" : " of " + steps + " steps";
  }

  private void channels(Population p) {
    for (int c = 0; c < p.shape().channels(); c++) {
      require(p.theta()[c] >= 1, "theta " + p.theta()[c] + " of channel " + c + ", expected >= 1");
      require(
          p.lambda()[c] > 0 && Float.isFinite(p.lambda()[c]),
          "lambda " + p.lambda()[c] + " of channel " + c + ", expected > 0");
      require(
          p.model().integrates() || (p.v0()[c] == 0 && p.bias()[c] == 0),
          "a " + p.model().noun() + " with V(0) or bias");
      for (int v : new int[] {p.theta()[c], p.v0()[c], p.bias()[c]}) {
        require(p.wide() || v == (short) v, "value " + v + " of channel " + c + " exceeds 16 bits");
      }
    }
  }

  private void projection(Projection p) {
    Population source = network.populations().get(p.source());
    Population target = network.populations().get(p.target());
    ConvGeometry g = p.geometry();
    int outChannels = g.outChannels();
    maps(g, source.shape());
    require(
        g.outHeight() == target.shape().height()
            && g.outWidth() == target.shape().width()
            && outChannels == target.shape().channels(),
        "ends in a map of another shape than its target " + target.shape());
    require(target.model().reads(p), "kind does not fit the neuron model of its target");
    switch (p) {
      case ConvProjection c -> {
        require(
            (c.type() == WeightType.I32) == target.wide(),
            "weights of " + c.type() + " into " + (target.wide() ? 32 : 16) + " bits of V");
        require(c.weights().byteSize() == c.layout().byteSize(), "weights of wrong size");
        String absent = absentSynapses.betweenGroups(c);
        require(absent == null, absent);
      }
      case ChannelwiseProjection c -> {
        require(
            c.channelOffset() >= 0 && c.channelOffset() <= outChannels - g.inChannels(),
            "channel offset " + c.channelOffset() + " leaves the target");
        for (int w : c.weights()) {
          require(target.wide() || w == (short) w, "weight " + w + " exceeds 16 bits");
        }
      }
      case GateProjection gate ->
          require(g.inChannels() == outChannels, "a gate between different channel counts");
    }
  }

  /** The window's output size, and that the source is the map it says. */
  private void maps(ConvGeometry g, MapShape from) {
    require(
        g.inChannels() == from.channels()
            && g.inHeight() == from.height()
            && g.inWidth() == from.width(),
        "starts from a map of another shape than its source " + from);
    int h = g.window().outHeight(g.inHeight());
    int w = g.window().outWidth(g.inWidth());
    require(
        g.outHeight() == h && g.outWidth() == w,
        "output map " + g.outHeight() + "x" + g.outWidth() + ", expected " + h + "x" + w);
  }

  private void input(int n) {
    InputStage in = network.input();
    at = "input";
    for (int c = 0; c < in.shape().channels(); c++) {
      require(
          Float.isFinite(in.mean()[c]) && in.std()[c] > 0 && Float.isFinite(in.std()[c]),
          "mean " + in.mean()[c] + ", std " + in.std()[c] + ", expected finite and std > 0");
    }
    for (InputStage.AnalogProjection a : in.projections()) {
      at = "input projection " + a.name();
      require(a.target() >= 0 && a.target() < n, "target " + a.target() + " does not exist");
      Population target = network.populations().get(a.target());
      require(target.model().integrates(), "its target integrates nothing");
      maps(a.geometry(), in.shape());
      require(
          a.geometry().outChannels() == target.shape().channels()
              && a.geometry().outHeight() == target.shape().height()
              && a.geometry().outWidth() == target.shape().width(),
          "ends in a map of another shape than its target");
      require(
          a.low() <= 0 && a.high() >= 0 && a.low() >= -(1 << 28) && a.high() <= 1 << 28,
          "clamp " + a.low() + ".." + a.high());
      finite(a.weights(), a.geometry().outChannels(), "weight");
      finite(a.bias(), a.geometry().outChannels(), "bias");
      currentLow[a.target()] += a.low();
      currentHigh[a.target()] += a.high();
      currentSize[a.target()] += Math.max(-(long) a.low(), a.high());
    }
  }

  private void finite(float[] values, int channels, String what) {
    for (int i = 0; i < values.length; i++) {
      if (!Float.isFinite(values[i])) {
        int channel = i / Math.max(1, values.length / channels);
        require(
            false,
            "found "
                + what
                + " "
                + values[i]
                + " of channel "
                + channel
                + ", in thresholds of its"
                + " target, expected finite ones; the trained network's are too large for float32");
      }
    }
  }

  private void proof(int i) {
    Population p = network.populations().get(i);
    LaneLayout layout = LaneLayout.of(p.shape().channels(), p.wide());
    long[] low = new long[layout.paddedChannels()];
    long[] high = new long[low.length];
    boolean eachStep = p.model().constantEachStep();
    for (int c = 0; eachStep && c < p.shape().channels(); c++) {
      low[c] = p.bias()[c] + currentLow[i];
      high[c] = p.bias()[c] + currentHigh[i];
    }
    int sources = network.into(i).size();
    for (Projection j : network.into(i)) {
      boolean signed = network.signed(j.source());
      switch (j) {
        case ConvProjection c -> addConv(c, signed, low, high);
        case ChannelwiseProjection c -> {
          int taps = c.geometry().taps();
          for (int k = 0; k < c.weights().length; k++) {
            int lane = k / taps + c.channelOffset();
            long w = c.weights()[k];
            high[lane] += signed ? Math.abs(w) : Math.max(w, 0);
            low[lane] += signed ? -Math.abs(w) : Math.min(w, 0);
          }
        }
        case GateProjection g -> {}
      }
    }
    require(
        p.model().integrates() || sources == 1,
        "a " + p.model().noun() + " with " + sources + " sources, expected 1");
    for (int c = 0; c < p.shape().channels(); c++) {
      long once =
          eachStep ? 0 : currentSize[i] + Math.abs((long) p.bias()[c]) + Math.abs((long) p.v0()[c]);
      NeuronModel.InputRange range = p.model().inputRange(p.wide(), p.theta()[c], once);
      require(
          range.high() >= range.low(),
          "channel "
              + c
              + ": theta "
              + p.theta()[c]
              + " with bias, V(0) and current up to "
              + once
              + " leaves its input no room in "
              + (p.wide() ? 32 : 16)
              + " bits");
      require(
          low[c] >= range.low() && high[c] <= range.high(),
          "channel "
              + c
              + ": one step's input sum can reach "
              + low[c]
              + ".."
              + high[c]
              + ", expected within "
              + range.low()
              + ".."
              + range.high());
    }
  }

  /**
   * Lane by lane over the rows as they lie; padding lanes must be zero. Spikes of a signed source
   * add the weights or subtract them, so that these must have an opposite of their own type.
   */
  private void addConv(ConvProjection c, boolean signed, long[] low, long[] high) {
    int least = -1 << (8 * c.type().bytes() - 1);
    WeightLayout layout = c.layout();
    for (int b = 0; b < layout.blocks(); b++) {
      int lanes = layout.lanes().lanes(b);
      int first = layout.lanes().lanesBefore(b);
      long rows = (long) c.geometry().taps() * layout.rows(b);
      sums.add(c.weights(), c.type(), layout.blockOffset(b), rows, lanes, signed);
      for (int l = 0; l < lanes; l++) {
        boolean padding = first + l >= c.geometry().outChannels();
        if (padding && (sums.positive(l) != 0 || sums.negative(l) != 0)) {
          at = "projection " + c.name();
          require(false, AbsentSynapses.first(c, b));
        }
        if (signed && sums.smallest(l) == least) {
          at = "projection " + c.name();
          require(
              false,
              "weight "
                  + least
                  + " into channel "
                  + (first + l)
                  + " from signed neurons, expected "
                  + -(least + 1)
                  + " at most in size");
        }
        high[first + l] += sums.positive(l) - (signed ? sums.negative(l) : 0);
        low[first + l] += sums.negative(l) - (signed ? sums.positive(l) : 0);
      }
    }
  }

  private void require(boolean ok, String what) {
    if (!ok) {
      throw SnnsimException.badData(where + ": " + at + ": " + what);
    }
  }
}
