package io.snnsim.network;

/** How the neurons of a population turn their input into spikes. */
public enum NeuronModel {
  /** Integrate and fire, reset by subtraction (soft reset), at most one spike a step. */
  IF,
  /**
   * Max-pool gate: fires in a step iff the largest cumulative spike count in its window exceeds its
   * own cumulative count. No membrane potential, theta or bias.
   */
  MAX_GATE
}
