package io.snnsim.engine;

import io.snnsim.error.SnnsimException;
import io.snnsim.network.Network;
import io.snnsim.network.NeuronModel;
import io.snnsim.network.Population;
import java.util.ArrayList;
import java.util.List;

/** Chooses a {@link Plan} from the shapes of a network. Stateless. */
final class Planner {
  /** Steps of a block: enough for four columns of sums a table row; state grows with it. */
  private static final int BLOCK_STEPS = 4;

  /** Fewer pixels leave most lanes of a lookup empty. */
  private static final int FEWEST_PIXELS = 16;

  /** 16-bit spike counts of a pixel hold the spikes of a block of at most this many channels. */
  private static final int MOST_CHANNELS = 65535 / 64;

  private Planner() {}

  /** The plan for kernels that cannot look up. */
  static Plan eventsOnly(Network network) {
    return new Plan(network.populations().stream().map(p -> Plan.Method.EVENTS).toList(), 1);
  }

  static Plan plan(Network network) {
    List<Plan.Method> methods = new ArrayList<>();
    for (int p = 0; p < network.populations().size(); p++) {
      boolean large =
          network.populations().get(p).shape().height()
                  * network.populations().get(p).shape().width()
              >= FEWEST_PIXELS;
      methods.add(large && canLookUp(network, p) ? Plan.Method.LOOKUP : Plan.Method.EVENTS);
    }
    return new Plan(methods, BLOCK_STEPS);
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
    return (population.model() == NeuronModel.IF || !population.wide())
        && p != network.output()
        && population.shape().channels() <= MOST_CHANNELS;
  }
}
