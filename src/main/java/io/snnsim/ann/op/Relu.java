// SPDX-License-Identifier: Apache-2.0
package io.snnsim.ann.op;

import io.snnsim.geometry.MapShape;
import java.util.List;

/** max(0, x). */
public record Relu() implements AnnOp.Unweighted {
  static final OpKind KIND = OpKind.of("relu", from -> new Relu());

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
    return OpRules.only(in);
  }

  @Override
  public void forward(OpRun run, int images) {
    int size = images * run.to().plane();
    for (int c = 0; c < run.to().channels(); c++) {
      float[] x = run.x()[c];
      float[] out = run.out()[c];
      for (int i = 0; i < size; i++) {
        out[i] = Math.max(0, x[i]);
      }
    }
  }
}
