// SPDX-License-Identifier: Apache-2.0
package io.snnsim.api;

import io.snnsim.engine.Simulator;
import io.snnsim.geometry.MapShape;
import io.snnsim.network.Network;
import io.snnsim.network.Population;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * A population of a model: neurons of one kind on a map. Immutable.
 *
 * @param name unique within the model
 * @param shape its map
 * @param signed its spikes may be -1 as well as 1
 * @param update how it is updated
 */
public record PopulationInfo(String name, MapShape shape, boolean signed, Update update) {
  /** Refuses null. */
  public PopulationInfo {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(shape, "shape");
    Objects.requireNonNull(update, "update");
  }

  /** Those of a network, in the order in which a time step updates them. */
  static List<PopulationInfo> of(Simulator engine) {
    Network network = engine.network();
    List<PopulationInfo> infos = new ArrayList<>();
    for (int p = 0; p < network.populations().size(); p++) {
      Population population = network.populations().get(p);
      infos.add(
          new PopulationInfo(
              population.name(),
              population.shape(),
              network.signed(p),
              switch (engine.plan().methods().get(p)) {
                case EVENTS -> Update.EVENTS;
                case LOOKUP -> Update.LOOKUP;
                case ADAPTIVE -> Update.ADAPTIVE;
                case PATTERNS -> Update.PATTERNS;
              }));
    }
    return List.copyOf(infos);
  }
}
