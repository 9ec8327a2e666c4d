// SPDX-License-Identifier: Apache-2.0
package io.snnsim.conversion;

/** How networks are normalised and fitted; docs/guide/conversion.md compares them. */
public enum Preset {
  /** The paper (Hu, Tang, Pan) to the letter; good after a hundred time steps and more. */
  S_RESNET(io.snnsim.convert.Preset.S_RESNET),
  /** The best accuracy after few time steps: everything is fitted to the target steps. */
  LOW_LATENCY(io.snnsim.convert.Preset.LOW_LATENCY),
  /** Without loss in the limit of many time steps. */
  EXACT(io.snnsim.convert.Preset.EXACT),
  /** The ANN's accuracy in four or five steps a layer: spikes are the bits of numbers. */
  FEW_SPIKE(io.snnsim.convert.Preset.FEW_SPIKE);

  /** What it stands for; nothing that callers see. */
  private final io.snnsim.convert.Preset preset;

  Preset(io.snnsim.convert.Preset preset) {
    this.preset = preset;
  }

  io.snnsim.convert.Preset preset() {
    return preset;
  }
}
