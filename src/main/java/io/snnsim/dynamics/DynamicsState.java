// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dynamics;

import java.util.Arrays;
import java.util.List;

/**
 * One thread's run of a graph: what each node sent last, V and what else is kept from step to step.
 * Confined to one thread; {@link #reset} and {@link #step} allocate nothing.
 */
public final class DynamicsState {
  private final Dynamics dynamics;
  private final int[] order;
  private final Step[] steps;
  private final float[][] sent;

  /** What nodes of several sources read, and those that read themselves; else null. */
  private final float[][] sums;

  private final int[][] sources;
  private final long[] spikes;

  DynamicsState(Dynamics dynamics) {
    this.dynamics = dynamics;
    NodeGraph graph = dynamics.graph();
    order = dynamics.order();
    int n = order.length;
    steps = new Step[n];
    sent = new float[n][];
    sums = new float[n][];
    sources = new int[n][];
    spikes = new long[n];
    for (int i = 0; i < n; i++) {
      List<Integer> from = graph.nodes().get(i).sources();
      sources[i] = from.stream().mapToInt(s -> s).toArray();
      sent[i] = new float[graph.shapes().get(i).size()];
      boolean own = from.size() > 1 || from.contains(i);
      sums[i] = own ? new float[graph.reads(i).size()] : null;
      steps[i] = dynamics.step(i);
    }
    reset();
  }

  /** Goes back to before the first step. */
  public void reset() {
    for (int n = 0; n < steps.length; n++) {
      steps[n].reset();
      Arrays.fill(sent[n], 0);
    }
    Arrays.fill(spikes, 0);
  }

  /**
   * Computes a step.
   *
   * @param input of as many values as the input node has
   */
  public void step(float[] input) {
    for (int n : order) {
      boolean in = n == dynamics.graph().input();
      float[] read = in ? input : dynamics.isLate(n) ? null : read(n);
      steps[n].run(read, sent[n]);
      if (dynamics.graph().nodes().get(n).operation().spiking()) {
        spikes[n] += count(sent[n]);
      }
    }
    for (int n : order) {
      if (dynamics.isLate(n)) {
        steps[n].keep(read(n));
      }
    }
  }

  private float[] read(int node) {
    int[] from = sources[node];
    float[] sum = sums[node];
    if (sum == null) {
      return sent[from[0]];
    }
    System.arraycopy(sent[from[0]], 0, sum, 0, sum.length);
    for (int s = 1; s < from.length; s++) {
      add(sum, sent[from[s]]);
    }
    return sum;
  }

  private static void add(float[] sum, float[] more) {
    for (int i = 0; i < sum.length; i++) {
      sum[i] += more[i];
    }
  }

  private static int count(float[] spikes) {
    int n = 0;
    for (float s : spikes) {
      n += (int) s;
    }
    return n;
  }

  /** What a node sent in the last step; not to be changed. */
  public float[] sent(int node) {
    return sent[node];
  }

  /** V of each neuron of a node after the last step; null if it has none. Not to be changed. */
  public float[] potentials(int node) {
    return steps[node].potentials();
  }

  /** Spikes that a node sent since the last reset. */
  public long spikes(int node) {
    return spikes[node];
  }
}
