// SPDX-License-Identifier: Apache-2.0
package io.snnsim.ann.op;

import io.snnsim.geometry.MapShape;
import java.util.List;

/** The image. */
public record Input(MapShape shape) implements AnnOp.Unweighted {
  @Override
  public String label() {
    return "input";
  }

  @Override
  public void describe(OpWriter to) {
    // A description says it beside the nodes.
  }

  @Override
  public MapShape shape(List<MapShape> in) {
    return shape;
  }

  @Override
  public void forward(OpRun run, int images) {
    // The forward pass puts the images there.
  }
}
