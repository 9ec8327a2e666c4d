// SPDX-License-Identifier: Apache-2.0
package io.snnsim.ann.op;

import io.snnsim.geometry.MapShape;
import java.util.List;
import java.util.Map;

/** The image. */
public record Input(MapShape shape) implements AnnOp {
  @Override
  public String label() {
    return "input";
  }

  @Override
  public void describe(OpWriter to) {
    // A description says it beside the nodes.
  }

  @Override
  public Map<String, Tensor> parameters() {
    return Map.of();
  }

  @Override
  public MapShape shape(List<MapShape> in) {
    return shape;
  }

  @Override
  public long macs(MapShape out) {
    return 0;
  }

  @Override
  public boolean unrectified() {
    return false;
  }

  @Override
  public void forward(OpRun run, int images) {
    // The forward pass puts the images there.
  }
}
