// SPDX-License-Identifier: Apache-2.0
package io.snnsim.ann.op;

import io.snnsim.error.SnnsimException;
import io.snnsim.geometry.MapShape;
import io.snnsim.geometry.Window;
import java.util.Arrays;
import java.util.List;

/**
 * Convolution; weight [oc, ic/groups, kh, kw], bias [oc] or null. One over signals is one over maps
 * of one row.
 */
public record Conv2d(Tensor weight, Tensor bias, Window window, int groups) implements Weighted {
  static final OpKind KIND =
      OpKind.of(
          "conv2d", Conv2d::read, "stride", "padding", "dilation", "groups", "weight", "bias");

  private static Conv2d read(OpReader from) {
    Tensor given = from.tensor("weight", "weight", true);
    if (given.rank() != 4 && given.rank() != 3) {
      throw from.bad(
          "weight has shape "
              + Arrays.toString(given.shape())
              + ", expected [out channels, in channels / groups, height, width], or without the"
              + " height for signals");
    }
    boolean signal = given.rank() == 3;
    Tensor w = signal ? plane(given) : given;
    Tensor bias = from.tensor("bias", "bias", false);
    int[] s = from.pair("stride", 1);
    int[] p = from.paddings("padding");
    int[] d = from.pair("dilation", 1);
    int[] k = w.shape();
    if (signal) {
      // Whatever is said of both axes is meant for the one that there is.
      s[0] = 1;
      d[0] = 1;
      p[0] = 0;
      p[1] = 0;
    }
    Window window = new Window(k[2], k[3], s[0], s[1], p[0], p[2], d[0], d[1], p[1], p[3]);
    return new Conv2d(w, bias, window, from.integer("groups", 1));
  }

  /** Weights [oc, ic/groups, k] of a convolution over signals as those of one over maps. */
  public static Tensor plane(Tensor signal) {
    int[] s = signal.shape();
    return Tensor.of(signal.data(), s[0], s[1], 1, s[2]);
  }

  @Override
  public String label() {
    return KIND.name();
  }

  @Override
  public void describe(OpWriter to) {
    Pooling.steps(window, to);
    to.integer("groups", groups);
  }

  @Override
  public MapShape shape(List<MapShape> in) {
    MapShape s = OpRules.only(in);
    int[] w = weight.shape();
    if (w.length != 4 || w[2] != window.kernelH() || w[3] != window.kernelW()) {
      throw SnnsimException.badData(
          "weight shape " + Arrays.toString(w) + ", expected [oc, ic, kh, kw]");
    }
    if (groups < 1 || s.channels() % groups != 0 || w[0] % groups != 0) {
      throw SnnsimException.badData(
          "groups "
              + groups
              + " must divide the channels in ("
              + s.channels()
              + ") and out ("
              + w[0]
              + ")");
    }
    if (w[1] != s.channels() / groups) {
      throw SnnsimException.badData(
          "weight shape "
              + Arrays.toString(w)
              + ", expected "
              + s.channels() / groups
              + " input channels a group for an input of "
              + s);
    }
    if (bias != null) {
      OpRules.requireLength("bias", bias, w[0]);
    }
    return OpRules.windowed(s, w[0], window);
  }

  @Override
  public Window windowOver(MapShape in) {
    return window;
  }

  @Override
  public Conv2d with(Tensor otherWeight, Tensor otherBias) {
    return new Conv2d(otherWeight, otherBias, window, groups);
  }
}
