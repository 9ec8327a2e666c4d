// SPDX-License-Identifier: Apache-2.0
package io.snnsim.ann.op;

import io.snnsim.error.SnnsimException;
import io.snnsim.geometry.MapShape;
import java.util.List;

/**
 * min(max(0, x), most).
 *
 * @param most above 0; infinite unless the ReLU is clipped
 */
public record Relu(float most) implements AnnOp.Unweighted {
  static final OpKind KIND =
      OpKind.of("relu", from -> new Relu(from.number("most", Double.POSITIVE_INFINITY)), "most");

  /** What frameworks call the one that is clipped at 6; described as a relu. */
  static final OpKind KIND_6 = OpKind.of("relu6", from -> new Relu(6));

  /** One that is not clipped. */
  public Relu() {
    this(Float.POSITIVE_INFINITY);
  }

  /** True if large values are cut off. */
  public boolean clipped() {
    return most < Float.POSITIVE_INFINITY;
  }

  @Override
  public String label() {
    return KIND.name();
  }

  @Override
  public void describe(OpWriter to) {
    if (clipped()) {
      to.number("most", most);
    }
  }

  @Override
  public MapShape shape(List<MapShape> in) {
    if (!(most > 0)) {
      throw SnnsimException.badData("found most " + most + ", expected a number above 0");
    }
    return OpRules.only(in);
  }

  @Override
  public void forward(OpRun run, int images) {
    int size = images * run.to().plane();
    for (int c = 0; c < run.to().channels(); c++) {
      float[] x = run.x()[c];
      float[] out = run.out()[c];
      for (int i = 0; i < size; i++) {
        out[i] = Math.min(Math.max(0, x[i]), most);
      }
    }
  }
}
