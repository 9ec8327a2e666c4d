// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dynamics;

import java.util.Arrays;

/**
 * Neurons in a step of forward Euler, each value in float32 and in this order, k being dt / tau or
 * with exact decay 1 - exp(-dt / tau), both rounded once:
 *
 * <pre>
 * current-based     J = I, then I = I + k_syn (w S - I), S being what is read; others: J = S
 * with a leak       V = V + k ((rest - V) + r J)
 * without           V = V + (dt r) J
 * within bounds     V = min(max(V, least), most)
 * spike             V &gt; threshold; then V = reset, or V - threshold where there is none
 * </pre>
 *
 * A current-based neuron so feels a spike a step after it came, as in the reference of the paper's
 * authors. Owns V and I of one thread; allocates nothing once made.
 */
final class NeuronStep implements Step {
  private final Shared shared;
  private final float[] v;

  /** I; null if there is no synapse. */
  private final float[] current;

  /** I as it was before the step. */
  private final float[] before;

  private NeuronStep(Shared shared, int n) {
    this.shared = shared;
    v = new float[n];
    current = shared.synapse == null ? null : new float[n];
    before = shared.synapse == null ? null : new float[n];
  }

  /** A share of the way to a goal and what belongs to it, for each neuron. Immutable. */
  private record Decay(float[] share, float[] goal) {}

  /**
   * What does not change. Immutable.
   *
   * @param gain r, times dt without a leak
   * @param leak null without
   * @param synapse null without; its goal is the weight
   * @param firing null if there are no spikes
   */
  private record Shared(float[] gain, Decay leak, Decay synapse, Firing firing, Bounds bounds) {}

  /** As of the operation, for each neuron; reset null where the threshold is subtracted. */
  private record Firing(float[] threshold, float[] reset) {}

  /** As of the operation, for each neuron; least and most null where there are none. */
  private record Bounds(float[] start, float[] least, float[] most) {}

  static Step.Maker maker(Operation.Neuron n, Dims in, Settings settings) {
    float[] gain = n.r().each(in);
    for (int i = 0; n.leak() == null && i < gain.length; i++) {
      gain[i] = (float) (settings.dt() * gain[i]);
    }
    Decay leak =
        n.leak() == null
            ? null
            : new Decay(shares(n.leak().tau(), in, settings), n.leak().rest().each(in));
    Decay synapse =
        n.synapse() == null
            ? null
            : new Decay(shares(n.synapse().tau(), in, settings), n.synapse().weight().each(in));
    Firing firing =
        n.firing() == null
            ? null
            : new Firing(
                n.firing().threshold().each(in),
                settings.subtract() ? null : each(n.firing().reset(), in));
    float[] start = each(n.bounds().start(), in);
    float[] rest = leak == null ? new float[gain.length] : leak.goal;
    Bounds bounds =
        new Bounds(
            start == null ? rest : start,
            each(n.bounds().least(), in),
            each(n.bounds().most(), in));
    Shared shared = new Shared(gain, leak, synapse, firing, bounds);
    return () -> new NeuronStep(shared, gain.length);
  }

  private static float[] each(Parameter p, Dims in) {
    return p == null ? null : p.each(in);
  }

  private static float[] shares(Parameter tau, Dims in, Settings settings) {
    float[] all = tau.each(in);
    for (int i = 0; i < all.length; i++) {
      all[i] = settings.share(all[i]);
    }
    return all;
  }

  @Override
  public void reset() {
    System.arraycopy(shared.bounds.start, 0, v, 0, v.length);
    if (current != null) {
      Arrays.fill(current, 0);
    }
  }

  @Override
  public float[] potentials() {
    return v;
  }

  @Override
  public void run(float[] read, float[] sent) {
    float[] drive = read;
    if (current != null) {
      System.arraycopy(current, 0, before, 0, before.length);
      follow(current, shared.synapse, read);
      drive = before;
    }
    if (shared.leak != null) {
      leak(v, shared.leak, shared.gain, drive);
    } else {
      integrate(v, shared.gain, drive);
    }
    if (shared.bounds.least != null) {
      atLeast(v, shared.bounds.least);
    }
    if (shared.bounds.most != null) {
      atMost(v, shared.bounds.most);
    }
    if (shared.firing == null) {
      System.arraycopy(v, 0, sent, 0, sent.length);
      return;
    }
    Step.above(v, shared.firing.threshold, sent);
    if (shared.firing.reset == null) {
      subtract(v, shared.firing.threshold, sent);
    } else {
      set(v, shared.firing.reset, sent);
    }
  }

  private static void follow(float[] current, Decay synapse, float[] read) {
    for (int i = 0; i < current.length; i++) {
      current[i] += synapse.share[i] * (synapse.goal[i] * read[i] - current[i]);
    }
  }

  private static void leak(float[] v, Decay leak, float[] gain, float[] drive) {
    for (int i = 0; i < v.length; i++) {
      v[i] += leak.share[i] * ((leak.goal[i] - v[i]) + gain[i] * drive[i]);
    }
  }

  private static void integrate(float[] v, float[] gain, float[] drive) {
    for (int i = 0; i < v.length; i++) {
      v[i] += gain[i] * drive[i];
    }
  }

  private static void atLeast(float[] v, float[] least) {
    for (int i = 0; i < v.length; i++) {
      v[i] = Math.max(v[i], least[i]);
    }
  }

  private static void atMost(float[] v, float[] most) {
    for (int i = 0; i < v.length; i++) {
      v[i] = Math.min(v[i], most[i]);
    }
  }

  private static void subtract(float[] v, float[] threshold, float[] spikes) {
    for (int i = 0; i < v.length; i++) {
      v[i] = spikes[i] > 0 ? v[i] - threshold[i] : v[i];
    }
  }

  private static void set(float[] v, float[] reset, float[] spikes) {
    for (int i = 0; i < v.length; i++) {
      v[i] = spikes[i] > 0 ? reset[i] : v[i];
    }
  }
}
