// SPDX-License-Identifier: Apache-2.0
package io.snnsim.network;

import io.snnsim.geometry.ConvGeometry;
import io.snnsim.geometry.MapShape;
import java.util.List;

/**
 * What turns an image into constant currents. The image's values x (u8 divided by 255, or floats as
 * they are) become (x - mean) / std per channel; then every analog projection computes, in float32,
 * with taps in the order ky, kx, ic and separate multiply and add,
 *
 * <pre>current[oc,y,x] = rint(clamp(bias[oc] + sum w[oc,ic,ky,kx] * x[ic, ...]))</pre>
 *
 * in grid units of its target. Sums of several analog projections into one population are integer
 * sums. Immutable.
 *
 * @param mean per channel
 * @param std per channel, &gt; 0
 */
public record InputStage(
    MapShape shape, float[] mean, float[] std, List<AnalogProjection> projections) {
  /**
   * A dense projection of the image.
   *
   * @param target population index
   * @param weights OIHW, in grid units of the target
   * @param bias [oc], in grid units of the target
   * @param low smallest current after clamping (the proof of the target's bound rests on it)
   * @param high largest current
   */
  public record AnalogProjection(
      String name,
      int target,
      ConvGeometry geometry,
      float[] weights,
      float[] bias,
      int low,
      int high) {}
}
