// SPDX-License-Identifier: Apache-2.0
package io.snnsim.ann.op;

import io.snnsim.error.SnnsimException;
import io.snnsim.geometry.MapShape;
import java.util.List;

/**
 * Each value as a block of {@code factorH} rows and {@code factorW} columns of it: what frameworks
 * call upsampling by the nearest value.
 */
public record Upsample(int factorH, int factorW) implements AnnOp.Unweighted {
  static final OpKind KIND = OpKind.of("upsample", Upsample::read, "factor");

  private static Upsample read(OpReader from) {
    if (!from.has("factor")) {
      throw from.bad("found no factor, expected a number or [height, width]");
    }
    int[] f = from.pair("factor", 1);
    return new Upsample(f[0], f[1]);
  }

  @Override
  public String label() {
    return KIND.name();
  }

  @Override
  public void describe(OpWriter to) {
    to.pair("factor", factorH, factorW);
  }

  @Override
  public MapShape shape(List<MapShape> in) {
    MapShape s = OpRules.only(in);
    if (!OpRules.within(1, factorH, factorW)) {
      throw SnnsimException.badData(
          "found factor " + factorH + "x" + factorW + ", expected 1.." + OpRules.MOST + " each");
    }
    long height = (long) s.height() * factorH;
    long width = (long) s.width() * factorW;
    if (height > OpRules.MOST_VALUES || width > OpRules.MOST_VALUES) {
      throw SnnsimException.badData(
          "makes a map of "
              + height
              + " rows and "
              + width
              + " columns, expected at most "
              + OpRules.MOST_VALUES
              + " values an image");
    }
    return new MapShape(s.channels(), (int) height, (int) width);
  }

  @Override
  public void forward(OpRun run, int images) {
    MapShape from = run.read();
    MapShape to = run.to();
    for (int c = 0; c < to.channels(); c++) {
      float[] x = run.x()[c];
      float[] out = run.out()[c];
      int k = 0;
      for (int row = 0; row < images * to.height(); row++) {
        // Rows of all images lie one after the other, in both maps.
        int base = row / factorH * from.width();
        for (int column = 0; column < to.width(); column++) {
          out[k++] = x[base + column / factorW];
        }
      }
    }
  }
}
