// SPDX-License-Identifier: Apache-2.0
package io.snnsim.metrics;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Enabled;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/**
 * JFR event, off unless asked for, as there are thousands a second: one population's turn in a
 * block of time steps. Confined to one thread, which may use it again after {@code commit};
 * allocates nothing, recording or not, once it exists.
 */
@Name("io.snnsim.PopulationTurn")
@Label("Population Turn")
@Category("snnsim")
@Description("A block of time steps of one population, before the next population's turn")
@StackTrace(false)
@Enabled(false)
public final class PopulationTurnEvent extends Event {
  @Label("Population")
  public String population;

  @Label("Method")
  @Description("EVENTS: weights of spikes are added; LOOKUP: sums of weights are looked up")
  public String method;

  @Label("First Time Step")
  @Description("Index of the block's first time step since the image was presented, from 0")
  public int firstStep;

  @Label("Time Steps")
  @Description("Number of time steps in the block")
  public int steps;
}
