// SPDX-License-Identifier: Apache-2.0
package io.snnsim.report;

import java.util.List;

/**
 * What operations cost on some hardware, in picojoules. Immutable. Costs of operations only:
 * reading weights and potentials from memory costs more on most hardware, by how much depends on
 * where they lie.
 *
 * @param name for option and report
 * @param source where the figures come from
 * @param synapticOpPj one synaptic operation, whatever the spike's sign
 * @param neuronUpdatePj one neuron in one time step in which it does not fire
 * @param spikePj what a spike costs its neuron beyond that, besides its synaptic operations
 * @param macPj one multiply-add of the ANN, and of the projections that read the image; null if
 *     this hardware does none
 */
public record EnergyModel(
    String name,
    String source,
    double synapticOpPj,
    double neuronUpdatePj,
    double spikePj,
    Double macPj) {
  private static final String HOROWITZ =
      "M. Horowitz, Computing's energy problem, ISSCC 2014, 45 nm, 0.9 V: ";

  /** 45 nm; the ANN in float32. */
  public static final String CMOS = "45nm";

  /** 45 nm; the ANN in 8 bits. */
  public static final String CMOS_INT8 = "45nm-int8";

  /** Intel's first Loihi. */
  public static final String LOIHI = "loihi";

  /**
   * The models that are known by name.
   *
   * @param wide whether potentials have 32 bits, not 16; the adders are as wide
   */
  public static List<EnergyModel> known(boolean wide) {
    double add = wide ? 0.1 : 0.05;
    String adds = HOROWITZ + (wide ? "32-bit integer add 0.1" : "16-bit integer add 0.05");
    return List.of(
        new EnergyModel(
            CMOS,
            adds + " pJ, two of them a neuron update; float32 multiply 3.7, add 0.9 pJ",
            add,
            2 * add,
            add,
            4.6),
        new EnergyModel(
            CMOS_INT8,
            adds + " pJ, two of them a neuron update; 8-bit multiply 0.2, 32-bit add 0.1 pJ",
            add,
            2 * add,
            add,
            0.3),
        new EnergyModel(
            LOIHI,
            "M. Davies et al., Loihi, IEEE Micro 38(1), 2018, 14 nm, 0.75 V: synaptic operation"
                + " 23.6, neuron update 52 (active 81), spike within a tile 1.7 pJ",
            23.6,
            52,
            81 - 52 + 1.7,
            null));
  }
}
