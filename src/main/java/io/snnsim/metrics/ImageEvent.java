// SPDX-License-Identifier: Apache-2.0
package io.snnsim.metrics;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/**
 * JFR event: one image from its first time step to its last. Confined to one thread, which may use
 * it again after {@code commit}; allocates nothing, recording or not, once it exists.
 */
@Name("io.snnsim.Image")
@Label("Image")
@Category("snnsim")
@Description("All time steps of one image, and the work that its spikes caused")
@StackTrace(false)
public final class ImageEvent extends Event {
  @Label("Network")
  public String network;

  @Label("Image")
  @Description("Index in its data set, from 0")
  public long image;

  @Label("Time Steps")
  @Description("Number of time steps")
  public int steps;

  @Label("Spikes")
  @Description("Number of spikes of all neurons")
  public long spikes;

  @Label("Synaptic Operations")
  @Description("Number of spikes times the synapses that each crossed")
  public long synapticOps;
}
