// SPDX-License-Identifier: Apache-2.0
package io.snnsim.ann.op;

import io.snnsim.geometry.MapShape;
import io.snnsim.geometry.Window;
import java.util.List;

/** Average over the whole map. */
public record GlobalAvgPool() implements AnnOp.Unweighted {
  static final OpKind KIND = OpKind.of("globalavgpool", from -> new GlobalAvgPool());

  @Override
  public String label() {
    return KIND.name();
  }

  @Override
  public void describe(OpWriter to) {
    // Its name says everything.
  }

  @Override
  public MapShape shape(List<MapShape> in) {
    return new MapShape(OpRules.only(in).channels(), 1, 1);
  }

  @Override
  public void forward(OpRun run, int images) {
    Pooling.forward(run, images, Window.whole(run.read()), true);
  }
}
