// SPDX-License-Identifier: Apache-2.0
package io.snnsim.ann.op;

import io.snnsim.geometry.MapShape;
import io.snnsim.geometry.Window;
import java.util.List;

/** Average over windows, divisor = number of taps; padding counts as zeros. */
public record AvgPool(Window window) implements AnnOp.Unweighted {
  static final OpKind KIND =
      OpKind.of("avgpool", from -> new AvgPool(Pooling.read(from)), Pooling.FIELDS);

  @Override
  public String label() {
    return KIND.name();
  }

  @Override
  public void describe(OpWriter to) {
    Pooling.describe(window, to);
  }

  @Override
  public MapShape shape(List<MapShape> in) {
    return Pooling.shape(OpRules.only(in), window);
  }

  @Override
  public void forward(OpRun run, int images) {
    Pooling.forward(run, images, window, true);
  }
}
