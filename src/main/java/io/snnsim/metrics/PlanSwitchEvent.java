// SPDX-License-Identifier: Apache-2.0
package io.snnsim.metrics;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** JFR event: a population changed its method while an image ran. */
@Name("io.snnsim.PlanSwitch")
@Label("Plan Switch")
@Category("snnsim")
@Description("A population is updated in another way from here on, which changes no result")
@StackTrace(false)
public final class PlanSwitchEvent extends Event {
  /** Tells whether they are wanted, without making one. Loaded when JFR first records. */
  private static final class Asked {
    static final PlanSwitchEvent EVENT = new PlanSwitchEvent();
  }

  @Label("Population")
  public String population;

  @Label("Time Step")
  @Description("Index of the first time step that is updated in the new way, from 0")
  public int step;

  @Label("From")
  @Description("EVENTS: weights of spikes are added; LOOKUP: sums of weights are looked up")
  public String from;

  @Label("To")
  @Description("As From")
  public String to;

  /**
   * Records a switch if somebody wants to know; allocates nothing if not. Thread-safe.
   *
   * @param step index of the first time step in the new way, from 0
   */
  public static void emit(String population, int step, String from, String to) {
    if (!Recording.everStarted() || !Asked.EVENT.isEnabled()) {
      return;
    }
    PlanSwitchEvent event = new PlanSwitchEvent();
    event.population = population;
    event.step = step;
    event.from = from;
    event.to = to;
    event.commit();
  }
}
