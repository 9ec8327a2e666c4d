// SPDX-License-Identifier: Apache-2.0
package io.snnsim.api;

/**
 * How the state of the output population becomes scores, one a class, in spikes. The answer is the
 * class of the largest score, of equal ones the lowest class.
 */
public enum Readout {
  /**
   * What fits the network: {@link #MEMBRANE} where the output is of signed neurons, as presets
   * {@code low-latency} and {@code exact} make it, else {@link #SPIKES_SOFTMAX}.
   */
  AUTO(null),
  /** Output spikes + softmax(V / theta). */
  SPIKES_SOFTMAX(io.snnsim.readout.Readout.SPIKES_SOFTMAX),
  /** Output spikes. */
  SPIKES(io.snnsim.readout.Readout.SPIKES),
  /** Output spikes + V / theta: the input that the neuron has integrated. */
  MEMBRANE(io.snnsim.readout.Readout.MEMBRANE);

  /** What decides; nothing that callers see. */
  private final io.snnsim.readout.Readout engine;

  Readout(io.snnsim.readout.Readout engine) {
    this.engine = engine;
  }

  io.snnsim.readout.Readout in(io.snnsim.engine.Simulator model) {
    return engine == null ? io.snnsim.readout.Readout.of(model) : engine;
  }
}
