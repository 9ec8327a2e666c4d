package io.snnsim.bench;

import io.snnsim.engine.KernelChoice;
import io.snnsim.engine.Model;
import io.snnsim.engine.Plan;
import io.snnsim.network.Network;
import io.snnsim.network.Population;
import java.util.ArrayList;
import java.util.List;

/** Plans by name, for benchmark parameters. Stateless. */
final class Plans {
  /** Lookups count spikes of a pixel in 16 bits. */
  private static final int MOST_CHANNELS = 1023;

  private Plans() {}

  /**
   * A plan.
   *
   * @param hint the model file's plan, or null
   * @param name {@code auto} (the hint's methods, else the planner's), {@code planner} (its own,
   *     whatever the hint), {@code events}, or {@code lookup} or {@code adaptive} wherever that can
   *     be
   * @param blockSteps steps of a block, 0 for that of the hint or planner (1 unless auto)
   */
  static Plan of(Network network, Plan hint, String name, int blockSteps) {
    Plan chosen = hint;
    boolean whole = name.equals("auto") || name.equals("planner");
    if (name.equals("planner") || name.equals("auto") && hint == null) {
      try (Model model = Model.of(network, KernelChoice.VECTOR)) {
        chosen = model.plan();
      }
    }
    List<Plan.Method> methods = new ArrayList<>();
    for (int p = 0; p < network.populations().size(); p++) {
      methods.add(
          switch (name) {
            case "auto", "planner" -> chosen.methods().get(p);
            case "events" -> Plan.Method.EVENTS;
            case "lookup" -> canLookUp(network, p) ? Plan.Method.LOOKUP : Plan.Method.EVENTS;
            case "adaptive" -> adaptive(network, p);
            default ->
                throw new IllegalArgumentException(
                    "plan=" + name + ", expected auto, planner, events, lookup or adaptive");
          });
    }
    int steps = blockSteps > 0 ? blockSteps : whole ? chosen.blockSteps() : 1;
    return new Plan(methods, steps);
  }

  private static Plan.Method adaptive(Network network, int p) {
    if (!canLookUp(network, p)) {
      return Plan.Method.EVENTS;
    }
    boolean can =
        network.populations().get(p).model().integrates()
            && network.input().projections().stream().noneMatch(a -> a.target() == p);
    return can ? Plan.Method.ADAPTIVE : Plan.Method.LOOKUP;
  }

  private static boolean canLookUp(Network network, int p) {
    Population population = network.populations().get(p);
    // Counts of a gate have 16 bits.
    return (population.model().integrates() || !population.wide())
        && p != network.output()
        && population.shape().channels() <= MOST_CHANNELS;
  }
}
