// SPDX-License-Identifier: Apache-2.0
package io.snnsim.bench;

import io.snnsim.engine.KernelChoice;
import io.snnsim.engine.Simulator;
import io.snnsim.engine.plan.Plan;
import io.snnsim.engine.plan.Planner;
import io.snnsim.engine.plan.UpdateMethod;
import io.snnsim.network.Network;
import java.util.ArrayList;
import java.util.List;

/** Plans by name, for benchmark parameters. Stateless. */
final class Plans {
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
      try (Simulator model = Simulator.of(network, KernelChoice.VECTOR)) {
        chosen = model.plan();
      }
    }
    List<UpdateMethod> methods = new ArrayList<>();
    for (int p = 0; p < network.populations().size(); p++) {
      UpdateMethod lookup =
          Planner.canLookUp(network, p) ? UpdateMethod.LOOKUP : UpdateMethod.EVENTS;
      methods.add(
          switch (name) {
            case "auto", "planner" -> chosen.methods().get(p);
            case "events" -> UpdateMethod.EVENTS;
            case "lookup" ->
                Planner.canLookUp(network, p) ? UpdateMethod.LOOKUP : UpdateMethod.EVENTS;
            case "adaptive" ->
                Planner.canAdapt(network, p)
                    ? UpdateMethod.ADAPTIVE
                    : Planner.canLookUp(network, p) ? UpdateMethod.LOOKUP : UpdateMethod.EVENTS;
            default ->
                throw new IllegalArgumentException(
                    "plan=" + name + ", expected auto, planner, events, lookup or adaptive");
          });
    }
    int steps = blockSteps > 0 ? blockSteps : whole ? chosen.blockSteps() : 1;
    return new Plan(methods, steps);
  }
}
