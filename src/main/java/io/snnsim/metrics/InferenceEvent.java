// SPDX-License-Identifier: Apache-2.0
package io.snnsim.metrics;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/**
 * JFR event: one answer of an embedded session, from the call to the decision. Confined to one
 * thread, which may use it again after {@code commit}; allocates nothing, recording or not, once it
 * exists.
 */
@Name("io.snnsim.Inference")
@Label("Inference")
@Category("snnsim")
@Description("One run of a session, from the call to its answer")
@StackTrace(false)
public final class InferenceEvent extends Event {
  @Label("Network")
  public String network;

  @Label("Class")
  @Description("The answer, from 0")
  public int answer;

  @Label("Margin")
  @Description("Number of spikes that the answer is ahead of the second class")
  public double marginSpikes;

  @Label("Time Steps")
  @Description("Number of time steps that the answer rests on")
  public int steps;

  @Label("Time Steps Asked For")
  @Description("Number of time steps after which the run would have ended in any case")
  public int stepsAsked;

  @Label("End")
  @Description("Why it ended: STEPS, MARGIN or DEADLINE")
  public String end;

  /** A new one, which begins when it is told to; null before the first recording of this JVM. */
  public static InferenceEvent orNull(String network) {
    if (!Recording.everStarted()) {
      return null;
    }
    InferenceEvent event = new InferenceEvent();
    event.network = network;
    return event;
  }
}
