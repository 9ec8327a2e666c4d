package io.snnsim.api;

/**
 * How the state of the output population becomes scores, one a class, in spikes. The answer is the
 * class of the largest score, of equal ones the lowest class.
 */
public enum Readout {
  /** Output spikes + softmax(V / theta). */
  SPIKES_SOFTMAX(io.snnsim.readout.Readout.SPIKES_SOFTMAX),
  /** Output spikes. */
  SPIKES(io.snnsim.readout.Readout.SPIKES),
  /** Output spikes + V / theta: the input that the neuron has integrated. */
  MEMBRANE(io.snnsim.readout.Readout.MEMBRANE);

  /** What decides; nothing that callers see. */
  final io.snnsim.readout.Readout engine;

  Readout(io.snnsim.readout.Readout engine) {
    this.engine = engine;
  }
}
