// SPDX-License-Identifier: Apache-2.0
package io.snnsim.ann.op;

import io.snnsim.geometry.MapShape;
import java.util.List;

/** C x H x W to (C*H*W) x 1 x 1. */
public record Flatten() implements AnnOp.Unweighted {
  static final OpKind KIND = OpKind.of("flatten", from -> new Flatten());

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
    return new MapShape(OpRules.only(in).size(), 1, 1);
  }

  @Override
  public void forward(OpRun run, int images) {
    int plane = run.read().plane();
    for (int c = 0; c < run.read().channels(); c++) {
      for (int i = 0; i < images; i++) {
        for (int p = 0; p < plane; p++) {
          run.out()[c * plane + p][i] = run.x()[c][i * plane + p];
        }
      }
    }
  }
}
