// SPDX-License-Identifier: Apache-2.0
package io.snnsim.ann.op;

import io.snnsim.error.SnnsimException;
import io.snnsim.geometry.MapShape;
import io.snnsim.geometry.Window;
import java.util.Arrays;
import java.util.List;

/** Fully connected; weight [out, in], bias [out] or null; input flattened in C,H,W order. */
public record Linear(Tensor weight, Tensor bias) implements Weighted {
  static final OpKind KIND =
      OpKind.of(
          "linear",
          from ->
              new Linear(from.tensor("weight", "weight", true), from.tensor("bias", "bias", false)),
          "weight",
          "bias");

  @Override
  public String label() {
    return KIND.name();
  }

  @Override
  public void describe(OpWriter to) {
    // The tensors say everything.
  }

  @Override
  public MapShape shape(List<MapShape> in) {
    MapShape s = OpRules.only(in);
    if (weight.rank() != 2 || weight.shape()[1] != s.size()) {
      throw SnnsimException.badData(
          "weight shape "
              + Arrays.toString(weight.shape())
              + ", expected [out, "
              + s.size()
              + "] for an input of "
              + s);
    }
    if (bias != null) {
      OpRules.requireLength("bias", bias, weight.shape()[0]);
    }
    return new MapShape(weight.shape()[0], 1, 1);
  }

  @Override
  public Window windowOver(MapShape in) {
    return Window.whole(in);
  }

  @Override
  public int groups() {
    return 1;
  }

  @Override
  public Linear with(Tensor otherWeight, Tensor otherBias) {
    return new Linear(otherWeight, otherBias);
  }
}
