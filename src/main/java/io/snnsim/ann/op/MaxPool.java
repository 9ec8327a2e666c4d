// SPDX-License-Identifier: Apache-2.0
package io.snnsim.ann.op;

import io.snnsim.error.SnnsimException;
import io.snnsim.geometry.MapShape;
import io.snnsim.geometry.Window;
import java.util.List;

/** Maximum over windows; padding never wins. */
public record MaxPool(Window window) implements AnnOp.Unweighted {
  static final OpKind KIND =
      OpKind.of("maxpool", from -> new MaxPool(Pooling.read(from)), Pooling.FIELDS);

  @Override
  public String label() {
    return KIND.name();
  }

  @Override
  public void describe(OpWriter to) {
    Pooling.describe(window, to);
  }

  @Override
  public MapShape shape(List<MapShape> in) {
    MapShape s = OpRules.only(in);
    MapShape out = Pooling.shape(s, window);
    OpRules.requireSize(out);
    requireTaps(s, out);
    return out;
  }

  /** A window over nothing but padding has no maximum. */
  private void requireTaps(MapShape s, MapShape out) {
    Window w = window;
    if (emptyWindow(out.height(), s.height(), w.kernelH(), w.strideH(), w.padH(), w.dilationH())
        || emptyWindow(out.width(), s.width(), w.kernelW(), w.strideW(), w.padW(), w.dilationW())) {
      throw SnnsimException.badData(
          "the window "
              + w.text()
              + " covers nothing but padding at places of a map of "
              + s
              + "; use less padding");
    }
  }

  private static boolean emptyWindow(
      int outputs, int size, int kernel, int stride, int pad, int dilation) {
    for (int o = 0; o < outputs; o++) {
      boolean inside = false;
      for (int k = 0; k < kernel && !inside; k++) {
        int at = o * stride - pad + k * dilation;
        inside = at >= 0 && at < size;
      }
      if (!inside) {
        return true;
      }
    }
    return false;
  }

  @Override
  public void forward(OpRun run, int images) {
    Pooling.forward(run, images, window, false);
  }
}
