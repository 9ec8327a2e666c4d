// SPDX-License-Identifier: Apache-2.0
package io.snnsim.engine.plan;

import io.snnsim.error.SnnsimException;
import io.snnsim.kernel.lookup.LookupNetwork;
import io.snnsim.kernel.pattern.PatternForm;
import io.snnsim.kernel.state.PopulationLayout;
import io.snnsim.network.ConvProjection;
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

  /** Steps of a step block: one table row for four columns of sums. State grows with it. */
  private static final int BLOCK_STEPS = 4;

  /** The same where tables are fetched from the third-level cache or memory once a step block. */
  private static final int LONG_BLOCK_STEPS = 8;

  /**
   * 16-bit spike counts of a pixel hold the spikes of a step block of at most this many channels.
   */
  private static final int MOST_CHANNELS = 65535 / 64;

  /**
   * A population is worth both methods if rates so many times lower or higher change the choice.
   */
  private static final double REGIME = 4;

  /** And if the choice then saves so much. */
  private static final double GAIN = 1.5;

  private Planner() {}

  /** The plan for kernels that cannot look up. */
  public static Plan eventsOnly(Network network) {
    return new Plan(
        network.populations().stream().map(p -> UpdateMethod.EVENTS).toList(),
        network.codeStepsOr(1));
  }

  /**
   * The plan of least estimated cost.
   *
   * @param rates firing rate of every population, spikes per neuron and step
   */
  public static Plan plan(Network network, double[] rates, CostModel costs) {
    List<UpdateMethod> methods = new ArrayList<>();
    MethodCosts[] each = new MethodCosts[network.populations().size()];
    for (int p = 0; p < each.length; p++) {
      each[p] = MethodCosts.of(network, p, BLOCK_STEPS, costs);
      methods.add(method(network, p, rates, each[p], costs));
    }
    leaveLookups(network, rates, costs, each, methods);
    boolean far = false;
    for (int p = 0; p < each.length; p++) {
      far |= methods.get(p).mayLookUp() && each[p].tableBytes() > costs.nearTableBytes();
    }
    return new Plan(methods, network.codeStepsOr(far ? LONG_BLOCK_STEPS : BLOCK_STEPS));
  }

  /**
   * Lookups between populations whose lanes are channels need spikes in another form, which may
   * take longer than they save: such populations follow their neighbours, one after another.
   */
  private static void leaveLookups(
      Network network,
      double[] rates,
      CostModel costs,
      MethodCosts[] each,
      List<UpdateMethod> methods) {
    boolean changed = costs.lookups().formNanos() > 0;
    while (changed) {
      changed = false;
      for (int p = 0; p < each.length; p++) {
        if (!methods.get(p).mayLookUp()) {
          continue;
        }
        double events = each[p].eventNanos(network, p, rates, 1);
        boolean patterns = patternsServe(network, p, each[p], costs);
        double byChannel = patterns ? Math.min(events, each[p].patternNanos()) : events;
        if (each[p].lookupNanos() + formNanos(network, p, costs, methods) > byChannel) {
          methods.set(p, byChannel < events ? UpdateMethod.PATTERNS : UpdateMethod.EVENTS);
          changed = true;
        }
      }
    }
  }

  /** Nanoseconds that spikes take which a population by lookup shares with others that are not. */
  private static double formNanos(
      Network network, int p, CostModel costs, List<UpdateMethod> methods) {
    double forms = 0;
    for (Projection j : network.into(p)) {
      forms += methods.get(j.source()).mayLookUp() ? 0 : forms(network, j.source(), costs);
    }
    boolean read =
        network.outOf(p).stream().anyMatch(o -> methods.get(o.target()).mayUseChannels());
    // Spike words come from planes by plain loops over pixels, which are some times faster.
    return (forms + (read ? forms(network, p, costs) / 4 : 0)) * costs.lookups().formNanos();
  }

  /** Groups of channels of all pixels. */
  private static double forms(Network network, int p, CostModel costs) {
    Population s = network.populations().get(p);
    int lanes = costs.laneBits() / (s.wide() ? 32 : 16);
    int group = LookupNetwork.groupSize(lanes, network.signed(p));
    return (double) s.shape().height() * s.shape().width() * s.shape().channels() / group;
  }

  private static boolean patternsServe(Network network, int p, MethodCosts c, CostModel costs) {
    return canUsePatterns(network, p) && c.patternBytes() <= costs.patterns().mostPopulationBytes();
  }

  private static UpdateMethod method(
      Network network, int p, double[] rates, MethodCosts c, CostModel costs) {
    double events = c.eventNanos(network, p, rates, 1);
    double lookup = canLookUp(network, p) ? c.lookupNanos() : Double.POSITIVE_INFINITY;
    if (patternsServe(network, p, c, costs) && c.patternNanos() < Math.min(events, lookup)) {
      return UpdateMethod.PATTERNS;
    }
    if (worthBoth(network, p, rates, c)) {
      return UpdateMethod.ADAPTIVE;
    }
    return lookup < events ? UpdateMethod.LOOKUP : UpdateMethod.EVENTS;
  }

  /** True if other images may well make the method slow that is the faster one at these rates. */
  static boolean worthBoth(Network network, int p, double[] rates, MethodCosts c) {
    double lookup = c.lookupNanos();
    return canAdapt(network, p)
        && lookup >= GAIN * c.eventNanos(network, p, rates, 1 / REGIME)
        && c.eventNanos(network, p, rates, REGIME) >= GAIN * lookup;
  }

  /** As {@link #plan(Network, double[], CostModel)} for rates nobody measured. */
  public static Plan plan(Network network) {
    double[] rates = new double[network.populations().size()];
    Arrays.fill(rates, USUAL_RATE);
    return plan(network, rates, CostModel.ofThisJvm());
  }

  /**
   * Estimated cost of a population by each method.
   *
   * @param tableBytes lookup tables, about
   */
  public record Estimate(
      double lookupNanos, double eventNanos, double patternNanos, long tableBytes) {}

  /** Estimates a population's cost in one time step. */
  public static Estimate estimate(Network network, int p, double[] rates, CostModel costs) {
    MethodCosts c = MethodCosts.of(network, p, BLOCK_STEPS, costs);
    return new Estimate(
        c.lookupNanos(), c.eventNanos(network, p, rates, 1), c.patternNanos(), c.tableBytes());
  }

  /** Refuses a plan that the network cannot run by. */
  public static Plan check(Network network, Plan plan) {
    int n = network.populations().size();
    if (plan.methods().size() != n) {
      throw SnnsimException.usage(
          "plan: found methods of " + plan.methods().size() + " populations, expected " + n);
    }
    for (int p = 0; p < n; p++) {
      if (plan.methods().get(p) == UpdateMethod.LOOKUP && !canLookUp(network, p)) {
        throw SnnsimException.usage(
            "plan: population "
                + network.populations().get(p).name()
                + " cannot be updated by lookup, expected events");
      }
      if (plan.methods().get(p) == UpdateMethod.ADAPTIVE && !canAdapt(network, p)) {
        throw SnnsimException.usage(
            "plan: population "
                + network.populations().get(p).name()
                + " cannot change its method while it runs, expected "
                + (canLookUp(network, p) ? "events or lookup" : "events"));
      }
      if (plan.methods().get(p) == UpdateMethod.PATTERNS && !canUsePatterns(network, p)) {
        throw SnnsimException.usage(
            "plan: population "
                + network.populations().get(p).name()
                + " cannot be updated by patterns, expected "
                + (canLookUp(network, p) ? "events or lookup" : "events"));
      }
    }
    // A whole code where neurons read one before they send theirs.
    int steps = network.codeStepsOr(plan.blockSteps());
    if (plan.blockSteps() != steps) {
      throw SnnsimException.usage(
          "plan: blocks of "
              + plan.blockSteps()
              + " steps, expected "
              + steps
              + ", the code of this network's neurons");
    }
    return plan;
  }

  private static NeuronModel.Lookups lookups(Network network, int p) {
    Population population = network.populations().get(p);
    return population.model().lookups(population.wide());
  }

  /** True if the lookup method can update population {@code p}. */
  public static boolean canLookUp(Network network, int p) {
    Population population = network.populations().get(p);
    return lookups(network, p) != NeuronModel.Lookups.NEVER
        && p != network.output()
        && population.shape().channels() <= MOST_CHANNELS;
  }

  /**
   * True if population {@code p} can be updated by patterns: it integrates what convolutions add
   * whose channel blocks read all source channels.
   */
  public static boolean canUsePatterns(Network network, int p) {
    boolean convolved = false;
    for (Projection j : network.into(p)) {
      if (j instanceof ConvProjection c) {
        convolved = true;
        if (!c.layout().dense()) {
          return false;
        }
      }
    }
    return convolved && network.populations().get(p).model().integrates();
  }

  /** What decides the tables of a projection's patterns, as a plan of these costs reckons. */
  static PatternForm patternForm(Network network, ConvProjection c, CostModel costs) {
    return patternForm(network, c, costs, costs.laneBits());
  }

  /** The same for vectors of so many bits. */
  public static PatternForm patternForm(
      Network network, ConvProjection c, CostModel costs, int vectorBits) {
    boolean wide = network.populations().get(c.target()).wide();
    // No vector of 32-bit lanes is narrower than 128 bits.
    return PatternForm.within(
        costs.patterns().mostTableBytes(),
        c.geometry().window(),
        PopulationLayout.bits(c.geometry().inChannels(), network.signed(c.source())),
        network.populations().get(c.target()).shape().channels(),
        wide ? 4 : 2,
        (wide ? Math.max(128, vectorBits) : vectorBits) / 8);
  }

  /**
   * True if population {@code p} can change its method between step blocks. What the image drives
   * cannot: the image's currents are laid out once.
   */
  public static boolean canAdapt(Network network, int p) {
    return canLookUp(network, p)
        && lookups(network, p) == NeuronModel.Lookups.ANY_STEP
        && network.fromImage(p).isEmpty();
  }
}
