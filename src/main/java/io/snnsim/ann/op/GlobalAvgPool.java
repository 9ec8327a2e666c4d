// SPDX-License-Identifier: Apache-2.0
package io.snnsim.ann.op;

import io.snnsim.geometry.MapShape;
import io.snnsim.geometry.Window;
import java.util.List;
import java.util.Map;

/** Average over the whole map. */
public record GlobalAvgPool() implements AnnOp {
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
  public Map<String, Tensor> parameters() {
    return Map.of();
  }

  @Override
  public MapShape shape(List<MapShape> in) {
    return new MapShape(OpRules.only(in).channels(), 1, 1);
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
    Pooling.forward(run, images, Window.whole(run.read()), true);
  }
}
