// SPDX-License-Identifier: Apache-2.0
package io.snnsim.ann.op;

import io.snnsim.geometry.MapShape;
import java.util.List;

/** No operation (dropout in inference). */
public record Identity() implements AnnOp.Unweighted {
  static final OpKind KIND = OpKind.of("identity", from -> new Identity());

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
      System.arraycopy(run.x()[c], 0, run.out()[c], 0, size);
    }
  }
}
