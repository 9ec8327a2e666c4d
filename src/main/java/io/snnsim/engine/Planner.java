package io.snnsim.engine;

import io.snnsim.error.SnnsimException;
import io.snnsim.kernel.LookupNetwork;
import io.snnsim.network.ChannelwiseProjection;
import io.snnsim.network.ConvGeometry;
import io.snnsim.network.ConvProjection;
import io.snnsim.network.GateProjection;
import io.snnsim.network.Network;
import io.snnsim.network.NeuronModel;
import io.snnsim.network.Population;
import io.snnsim.network.Projection;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Chooses a {@link Plan} from a network's shapes, the firing rates that calibration measured and a
 * {@link CostModel}. Stateless.
 */
public final class Planner {
  /** Firing rate of a population that nobody measured. */
  public static final double USUAL_RATE = 0.12;

  /** Steps of a block: one table row for four columns of sums. State grows with it. */
  private static final int BLOCK_STEPS = 4;

  /** The same where tables are fetched from the third-level cache or memory once a block. */
  private static final int LONG_BLOCK_STEPS = 8;

  /** 16-bit spike counts of a pixel hold the spikes of a block of at most this many channels. */
  private static final int MOST_CHANNELS = 65535 / 64;

  private static final int LANE_BITS = 512;

  private Planner() {}

  /** The plan for kernels that cannot look up. */
  static Plan eventsOnly(Network network) {
    return new Plan(network.populations().stream().map(p -> Plan.Method.EVENTS).toList(), 1);
  }

  /**
   * The plan of least estimated cost.
   *
   * @param rates firing rate of every population, spikes per neuron and step
   */
  public static Plan plan(Network network, double[] rates, CostModel costs) {
    List<Plan.Method> methods = new ArrayList<>();
    boolean far = false;
    for (int p = 0; p < network.populations().size(); p++) {
      Estimate e = estimate(network, p, rates, costs);
      boolean lookup = canLookUp(network, p) && e.lookupNanos() < e.eventNanos();
      methods.add(lookup ? Plan.Method.LOOKUP : Plan.Method.EVENTS);
      far |= lookup && e.tableBytes() > costs.nearTableBytes();
    }
    return new Plan(methods, far ? LONG_BLOCK_STEPS : BLOCK_STEPS);
  }

  /** As {@link #plan(Network, double[], CostModel)} for rates nobody measured. */
  static Plan plan(Network network) {
    double[] rates = new double[network.populations().size()];
    Arrays.fill(rates, USUAL_RATE);
    return plan(network, rates, CostModel.DEFAULT);
  }

  /**
   * Estimated cost of a population by either method.
   *
   * @param tableBytes lookup tables, about
   */
  public record Estimate(double lookupNanos, double eventNanos, long tableBytes) {}

  /** Estimates a population's cost in one time step. */
  public static Estimate estimate(Network network, int p, double[] rates, CostModel costs) {
    Population t = network.populations().get(p);
    int bits = t.wide() ? 32 : 16;
    int lanes = LANE_BITS / bits;
    int channels = t.shape().channels();
    long pixels = (long) t.shape().height() * t.shape().width();
    long pixelVectors = (pixels + lanes - 1) / lanes;
    long entries = 0;
    long planeBytes = 0;
    double spikesAtTaps = 0;
    double weightVectors = 0;
    for (Projection j : network.into(p)) {
      ConvGeometry g = j.geometry();
      double arriving = rates[j.source()] * pixels * g.taps();
      switch (j) {
        case ConvProjection c -> {
          int group = LookupNetwork.groupSize(lanes, network.signed(j.source()));
          entries += (long) channels * g.taps() * groups(g.inPerGroup(), group);
          // A plane for each column of the window.
          planeBytes +=
              pixels * (bits / 8) * groups(g.inChannels(), group) * g.kernelW() * BLOCK_STEPS;
          spikesAtTaps += arriving * g.inPerGroup() * blocks(channels) * Math.min(2, g.groups());
          weightVectors += arriving * g.inPerGroup() * vectors(g.outPerGroup(), lanes);
        }
        case ChannelwiseProjection c -> {
          entries += (long) channels * g.taps();
          weightVectors += (double) pixels * g.taps() * vectors(channels, lanes);
        }
        case GateProjection c -> {
          entries += (long) channels * g.taps();
          weightVectors += (double) pixels * g.taps() * vectors(channels, lanes) * 2;
        }
      }
    }
    long tableBytes = t.model() == NeuronModel.MAX_GATE ? 0 : entries * (LANE_BITS / 8);
    return new Estimate(
        costs.lookup(entries * pixelVectors, tableBytes, planeBytes, channels * pixelVectors),
        costs.events(spikesAtTaps, weightVectors, pixels * blocks(channels)),
        tableBytes);
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

  /** Refuses a plan that the network cannot run by. */
  static Plan check(Network network, Plan plan) {
    int n = network.populations().size();
    if (plan.methods().size() != n) {
      throw SnnsimException.usage(
          "plan: found methods of " + plan.methods().size() + " populations, expected " + n);
    }
    for (int p = 0; p < n; p++) {
      if (plan.methods().get(p) == Plan.Method.LOOKUP && !canLookUp(network, p)) {
        throw SnnsimException.usage(
            "plan: population "
                + network.populations().get(p).name()
                + " cannot be updated by lookup, expected events");
      }
    }
    return plan;
  }

  /** True if the lookup method can update population {@code p}. */
  static boolean canLookUp(Network network, int p) {
    Population population = network.populations().get(p);
    // Counts of a gate have 16 bits.
    return (population.model().integrates() || !population.wide())
        && p != network.output()
        && population.shape().channels() <= MOST_CHANNELS;
  }
}
