// SPDX-License-Identifier: Apache-2.0
package io.snnsim.ann.op;

import io.snnsim.error.SnnsimException;
import io.snnsim.geometry.MapShape;
import java.util.List;

/** Option-A shortcut: x[:, ::stride, ::stride], then zero channels before and after. */
public record ZeroPadShortcut(int stride, int channelsBefore, int channelsAfter)
    implements AnnOp.Unweighted {
  static final OpKind KIND =
      OpKind.of(
          "zeropad-shortcut",
          from ->
              new ZeroPadShortcut(
                  from.integer("stride", 1),
                  from.integer("channelsBefore", 0),
                  from.integer("channelsAfter", 0)),
          "stride",
          "channelsBefore",
          "channelsAfter");

  @Override
  public String label() {
    return KIND.name();
  }

  @Override
  public void describe(OpWriter to) {
    to.integer("stride", stride)
        .integer("channelsBefore", channelsBefore)
        .integer("channelsAfter", channelsAfter);
  }

  @Override
  public MapShape shape(List<MapShape> in) {
    MapShape s = OpRules.only(in);
    if (!OpRules.within(1, stride) || !OpRules.within(0, channelsBefore, channelsAfter)) {
      throw SnnsimException.badData(
          "found stride "
              + stride
              + ", zero channels "
              + channelsBefore
              + " and "
              + channelsAfter
              + ", expected a stride of 1.."
              + OpRules.MOST
              + " and 0.."
              + OpRules.MOST
              + " channels");
    }
    return new MapShape(
        s.channels() + channelsBefore + channelsAfter,
        (s.height() + stride - 1) / stride,
        (s.width() + stride - 1) / stride);
  }

  @Override
  public void forward(OpRun run, int images) {
    MapShape from = run.read();
    for (int c = 0; c < from.channels(); c++) {
      float[] x = run.x()[c];
      float[] out = run.out()[c + channelsBefore];
      int k = 0;
      for (int image = 0; image < images; image++) {
        for (int oy = 0; oy < run.to().height(); oy++) {
          int base = (image * from.height() + oy * stride) * from.width();
          for (int ox = 0; ox < run.to().width(); ox++) {
            out[k++] = x[base + ox * stride];
          }
        }
      }
    }
  }
}
