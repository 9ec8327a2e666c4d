// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump.onnx;

import io.snnsim.ann.op.ZeroPadShortcut;
import io.snnsim.dump.layers.Zeros;
import java.util.Arrays;
import java.util.List;

/** What a Pad node becomes: zeros for the next window, or channels of zeros. Immutable. */
record Padding(Scope scope, OnnxNode node, Activation in) {
  /**
   * The padded value.
   *
   * @param pads before each dimension, then after each, the batch included
   */
  Known of(long[] pads, float value) {
    int rank = in.rank();
    if (Arrays.stream(pads).allMatch(p -> p == 0)) {
      return in;
    }
    for (long p : pads) {
      if (p < 0 || p > 1 << 12) {
        throw new NoLayer("found pads " + p + ", expected 0.." + (1 << 12), "");
      }
    }
    if (value != 0) {
      throw NoLayer.ever(
          "found padding with the value " + value + ", expected zeros", "pad with zeros");
    }
    if (pads[0] != 0 || pads[rank] != 0) {
      throw new NoLayer("found padding of the batch, expected none", "");
    }
    int[] before = new int[3];
    int[] after = new int[3];
    int[] usual = rank <= 4 ? Activation.USUAL[rank] : new int[0];
    for (int d = 1; d < rank; d++) {
      if (pads[d] == 0 && pads[d + rank] == 0) {
        continue;
      }
      int dimension = dimension(d - 1, usual);
      before[dimension] += (int) pads[d];
      after[dimension] += (int) pads[d + rank];
    }
    boolean channels = before[0] + after[0] > 0;
    if (channels && before[1] + after[1] + before[2] + after[2] > 0) {
      throw new NoLayer("found padding of channels and pixels at once, expected one", "");
    }
    if (channels) {
      return channels(before[0], after[0]);
    }
    if (in.stepH() > 1 || in.stepW() > 1) {
      throw new NoLayer("found padding of a part of a map, expected it of the whole", "");
    }
    Activation padded =
        in.with(scope.graph().pad(in.value(), new Zeros(before[1], before[2], after[1], after[2])));
    // Sizes of 1 may have grown, and then have an axis.
    return in.isUsual() ? Activation.usual(padded.value(), rank) : padded;
  }

  /** The map's dimension that an axis is. */
  private int dimension(int axis, int[] usual) {
    List<Integer> of = in.axes().get(axis);
    if (of.size() == 1) {
      return of.getFirst();
    }
    boolean known = of.isEmpty() && in.isUsual();
    if (!known) {
      throw new NoLayer("found padding of dimensions " + in.shape() + ", expected N, C, H, W", "");
    }
    return usual[axis];
  }

  /** Zero channels beside the map's, as shortcuts without weights have. */
  private Activation channels(int before, int after) {
    if (!in.isUsual() || in.stepH() != in.stepW()) {
      throw new NoLayer(
          "found zero channels beside dimensions " + in.shape() + ", expected N, C, H, W", "");
    }
    ZeroPadShortcut op = new ZeroPadShortcut(in.stepH(), before, after);
    return Activation.usual(scope.graph().add(Names.node(node), op, in.value()), in.rank());
  }
}
