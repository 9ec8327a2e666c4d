// SPDX-License-Identifier: Apache-2.0
package io.snnsim.ann.op;

import io.snnsim.error.SnnsimException;
import io.snnsim.geometry.MapShape;
import io.snnsim.geometry.Window;
import java.util.Arrays;
import java.util.List;

/** What several operators check of their inputs and parameters. Stateless. */
public final class OpRules {
  /** Values of the largest map that is taken, so that sizes cannot overflow: 1 GiB of floats. */
  public static final int MOST_VALUES = 1 << 28;

  /** Largest kernel, stride, padding, dilation and number of zero channels. */
  static final int MOST = 1 << 12;

  private OpRules() {}

  static MapShape only(List<MapShape> in) {
    if (in.size() != 1) {
      throw SnnsimException.badData("found " + in.size() + " inputs, expected one");
    }
    return in.getFirst();
  }

  static void requireLength(String what, Tensor t, int expected) {
    if (t.rank() != 1 || t.size() != expected) {
      throw SnnsimException.badData(
          what + " has shape " + Arrays.toString(t.shape()) + ", expected [" + expected + "]");
    }
  }

  static boolean within(int least, int... values) {
    return Arrays.stream(values).allMatch(v -> v >= least && v <= MOST);
  }

  /** The map of {@code channels} that a window over {@code s} makes. */
  static MapShape windowed(MapShape s, int channels, Window w) {
    boolean positive =
        within(1, w.kernelH(), w.kernelW(), w.strideH(), w.strideW(), w.dilationH(), w.dilationW());
    if (!positive || !within(0, w.padH(), w.padW(), w.padBottom(), w.padRight())) {
      throw SnnsimException.badData(
          "found "
              + w.text()
              + ", expected kernel, stride and dilation 1.."
              + MOST
              + " and padding 0.."
              + MOST);
    }
    if (!w.symmetric()
        && (w.padBottom() > Math.max(w.padH(), w.dilationH() * (w.kernelH() - 1))
            || w.padRight() > Math.max(w.padW(), w.dilationW() * (w.kernelW() - 1)))) {
      throw SnnsimException.badData(
          "found "
              + w.text()
              + ", expected less padding after the map than the window spans; cut it off");
    }
    MapShape out = new MapShape(channels, w.outHeight(s.height()), w.outWidth(s.width()));
    if (out.height() < 1 || out.width() < 1) {
      throw SnnsimException.badData(
          "the window " + w.text() + " does not fit into a map of " + s + "; add padding");
    }
    return out;
  }

  /**
   * Refuses a map that is empty or too large.
   *
   * @throws SnnsimException (bad data) without the place
   */
  public static void requireSize(MapShape s) {
    if (s.channels() < 1 || s.height() < 1 || s.width() < 1) {
      throw SnnsimException.badData(
          "found a map of " + s + ", expected channels, height and width >= 1");
    }
    if ((long) s.channels() * s.height() > MOST_VALUES
        || (long) s.channels() * s.height() * s.width() > MOST_VALUES) {
      throw SnnsimException.badData(
          "found a map of " + s + ", expected at most " + MOST_VALUES + " values an image");
    }
  }
}
