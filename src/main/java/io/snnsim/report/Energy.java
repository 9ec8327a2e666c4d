// SPDX-License-Identifier: Apache-2.0
package io.snnsim.report;

import io.snnsim.error.Shown;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Energy of an image's operations by models of hardware, as docs/guide/energy.md describes it.
 * Immutable.
 *
 * @param synapticOpsPerImage positive and negative spikes alike, times the synapses they cross
 * @param neuronUpdatesPerImage neurons with a membrane potential, times time steps
 * @param inputMacsPerImage multiply-adds of the projections that read the image, once an image
 * @param annMacsPerImage multiply-adds of the ANN, or null if it is not known
 */
public record Energy(
    double synapticOpsPerImage,
    double neuronUpdatesPerImage,
    double spikesPerImage,
    long inputMacsPerImage,
    Long annMacsPerImage,
    List<Entry> models) {
  /**
   * By one model.
   *
   * @param snnMicrojoules of an image; the input's multiply-adds are part of it if the model has
   *     them
   * @param annMicrojoules of an image, or null if the ANN is not known or the hardware runs none
   */
  public record Entry(EnergyModel model, double snnMicrojoules, Double annMicrojoules) {}

  private static final double MICRO_PER_PICO = 1e-6;

  /** Counts times costs. */
  public static Energy of(
      double synapticOps,
      double neuronUpdates,
      double spikes,
      long inputMacs,
      Long annMacs,
      List<EnergyModel> models) {
    List<Entry> entries = new ArrayList<>();
    for (EnergyModel m : models) {
      double pj =
          synapticOps * m.synapticOpPj()
              + neuronUpdates * m.neuronUpdatePj()
              + spikes * m.spikePj()
              + (m.macPj() == null ? 0 : inputMacs * m.macPj());
      Double ann = annMacs == null || m.macPj() == null ? null : annMacs * m.macPj();
      entries.add(new Entry(m, pj * MICRO_PER_PICO, ann == null ? null : ann * MICRO_PER_PICO));
    }
    return new Energy(synapticOps, neuronUpdates, spikes, inputMacs, annMacs, List.copyOf(entries));
  }

  /** For eyes. */
  public String toText() {
    StringBuilder s = new StringBuilder();
    s.append(
        String.format(
            Locale.ROOT,
            "an image: %.3g synaptic operations, %.3g neuron updates, %.3g input MACs%s%n",
            synapticOpsPerImage,
            neuronUpdatesPerImage,
            (double) inputMacsPerImage,
            annMacsPerImage == null
                ? ""
                : String.format(Locale.ROOT, "; ANN %.3g MACs", (double) annMacsPerImage)));
    for (Entry e : models) {
      s.append(
          String.format(
              Locale.ROOT,
              "energy %-12s SNN %10.3f uJ, ANN %s%s%n",
              Shown.text(e.model().name()),
              e.snnMicrojoules(),
              e.annMicrojoules() == null
                  ? "-"
                  : String.format(Locale.ROOT, "%10.3f uJ", e.annMicrojoules()),
              e.annMicrojoules() == null
                  ? ""
                  : String.format(
                      Locale.ROOT, "  (%.2f x)", e.snnMicrojoules() / e.annMicrojoules())));
    }
    return s.toString();
  }
}
