// SPDX-License-Identifier: Apache-2.0
package io.snnsim.convert.scheme;

import io.snnsim.convert.Conversion;
import io.snnsim.convert.ConvertOptions;
import io.snnsim.error.SnnsimException;
import java.util.ArrayList;
import java.util.List;

/**
 * Turns a calibrated network into a spiking one. Stateless and thread-safe.
 *
 * <p>Source: Hu, Tang, Pan, "Spiking Deep Residual Network". With lambda of the source channel
 * (pre) and the target channel (post; of the ReLU after the sum where there is one):
 *
 * <pre>
 * weights          W' = kappa * W * lambda_pre / lambda_post
 * biases           b' = b / lambda_post
 * identity         s' = kappa * lambda_pre / lambda_post
 * average pooling  1 / k^2, times kappa
 * V(0)             v0 * theta
 * </pre>
 *
 * all times theta, rounded half to even. lambda of the image is 1, and kappa does not apply to what
 * the image drives directly: it makes up for spikes that a source lost, and a constant current
 * loses none.
 */
public final class Converter {
  private Converter() {}

  /**
   * Converts with the given options; one calibration serves any number of conversions.
   *
   * @param notes lines for the report that come before this conversion's own
   * @throws SnnsimException (bad data) naming the population whose input no grid can hold, or an
   *     output that a method cannot read; (usage) if mean and std are not those of the network's
   *     image, or a method needs the spike trains of a layer-by-layer conversion
   */
  public static Conversion convert(
      Calibration.Result calibration, ConvertOptions options, List<String> notes) {
    if (options.scheme().layerwise()) {
      throw SnnsimException.usage(
          "calibration of weights or biases, or lambda by error: needs spike trains, so convert"
              + " layer by layer");
    }
    List<String> all = new ArrayList<>(notes);
    all.addAll(calibration.notes());
    Lowering lowering = calibration.lowering();
    NetworkBuilder builder = new NetworkBuilder(lowering.graph(), options, all);
    List<Lowering.Draft> drafts = lowering.drafts();
    for (int p = 0; p < drafts.size(); p++) {
      builder.add(drafts.get(p), calibration.levels().get(p), p == drafts.size() - 1);
    }
    return builder.finish(calibration.percentile(), calibration.images());
  }
}
