// SPDX-License-Identifier: Apache-2.0
package io.snnsim.ann.op;

import io.snnsim.error.SnnsimException;
import io.snnsim.geometry.MapShape;
import java.util.List;

/** The channels of two or more maps of one size, one map's after the other's. */
public record Concat() implements AnnOp.Unweighted {
  static final OpKind KIND = OpKind.of("concat", from -> new Concat());

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
    if (in.size() < 2) {
      throw SnnsimException.badData("found " + in.size() + " inputs, expected two or more");
    }
    MapShape first = in.getFirst();
    int channels = 0;
    for (MapShape s : in) {
      if (s.height() != first.height() || s.width() != first.width()) {
        throw SnnsimException.badData(
            "puts maps of " + first + " and " + s + " side by side, expected maps of one size");
      }
      channels += s.channels();
      // Each time, so that a sum of many cannot overflow.
      OpRules.requireSize(new MapShape(channels, first.height(), first.width()));
    }
    return new MapShape(channels, first.height(), first.width());
  }

  @Override
  public void forward(OpRun run, int images) {
    int size = images * run.to().plane();
    int c = 0;
    for (float[][] map : run.in()) {
      for (float[] x : map) {
        System.arraycopy(x, 0, run.out()[c++], 0, size);
      }
    }
  }
}
