// SPDX-License-Identifier: Apache-2.0
package io.snnsim.ann.op;

import io.snnsim.geometry.MapShape;
import io.snnsim.geometry.Window;
import java.util.LinkedHashMap;
import java.util.Map;

/** An operator whose outputs are weighted sums of what a window sees, and a bias. Immutable. */
public sealed interface Weighted extends AnnOp permits Conv2d, Linear {
  /** [out channel][in channel of the group][ky][kx], whatever its dimensions are called. */
  Tensor weight();

  /** [out channel], or null. */
  Tensor bias();

  /** The window over a map of shape {@code in}. */
  Window windowOver(MapShape in);

  /** Groups of channels that do not see each other. */
  int groups();

  /** The same with other weights and biases. */
  Weighted with(Tensor otherWeight, Tensor otherBias);

  @Override
  default Map<String, Tensor> parameters() {
    Map<String, Tensor> result = new LinkedHashMap<>();
    result.put("weight", weight());
    if (bias() != null) {
      result.put("bias", bias());
    }
    return result;
  }

  @Override
  default long macs(MapShape out) {
    return (long) out.plane() * weight().size();
  }

  @Override
  default boolean unrectified() {
    return true;
  }

  @Override
  default void forward(OpRun run, int images) {
    run.product().of(this, run, images);
  }
}
