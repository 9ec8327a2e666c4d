// SPDX-License-Identifier: Apache-2.0
package io.snnsim.ann.op;

import io.snnsim.error.SnnsimException;
import io.snnsim.geometry.MapShape;
import java.util.List;

/** Sum of two or more maps of one shape. */
public record Add() implements AnnOp.Unweighted {
  static final OpKind KIND = OpKind.of("add", from -> new Add());

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
    for (MapShape s : in) {
      if (!s.equals(in.getFirst())) {
        throw SnnsimException.badData(
            "adds maps of " + in.getFirst() + " and " + s + ", expected maps of one shape");
      }
    }
    return in.getFirst();
  }

  @Override
  public boolean unrectified() {
    return true;
  }

  @Override
  public void forward(OpRun run, int images) {
    int size = images * run.to().plane();
    for (int c = 0; c < run.to().channels(); c++) {
      float[] out = run.out()[c];
      System.arraycopy(run.x()[c], 0, out, 0, size);
      for (int j = 1; j < run.in().size(); j++) {
        float[] x = run.in().get(j)[c];
        for (int i = 0; i < size; i++) {
          out[i] = out[i] + x[i];
        }
      }
    }
  }
}
