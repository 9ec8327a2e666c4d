// SPDX-License-Identifier: Apache-2.0
package io.snnsim.convert.scheme;

import io.snnsim.ann.op.Tensor;
import io.snnsim.ann.op.Weighted;
import io.snnsim.geometry.ConvGeometry;
import io.snnsim.geometry.MapShape;
import io.snnsim.geometry.Window;
import java.util.Arrays;

/**
 * One addend of a population's input with real weights in units of the target's threshold, channel
 * by channel: what is then rounded. Immutable; the arrays are not copied.
 *
 * @param source population, or {@link Lowering#IMAGE}
 * @param channelwise true if target channel c reads source channel c - offset alone
 * @param weights [oc][ic of the group][ky][kx], or [source channel][ky][kx] if channelwise
 * @param bias [target channel], or null
 */
public record RealTerm(
    String name,
    int source,
    ConvGeometry geometry,
    boolean channelwise,
    int offset,
    double[] weights,
    double[] bias) {
  /** lambda of every channel of source and target, and what else scales a synapse. */
  public record Scale(double[] pre, double[] post, double kappa) {
    /** Factor of a weight from source channel {@code ic} to target channel {@code oc}. */
    double of(int ic, int oc) {
      return kappa * pre[ic] / post[oc];
    }
  }

  /** What a term's link makes of its source. */
  public static RealTerm of(
      String name, Lowering.Term term, MapShape from, MapShape to, Scale scale) {
    return switch (term.link()) {
      case Link.Weights w -> weighted(name, term, new Maps(from, to), w.op(), scale);
      case Link.Shortcut s -> shortcut(name, term, new Maps(from, to), s, scale);
    };
  }

  /** The maps that a term leads between. */
  private record Maps(MapShape from, MapShape to) {}

  private static RealTerm weighted(
      String name, Lowering.Term term, Maps maps, Weighted op, Scale scale) {
    MapShape from = maps.from();
    // Averages of a map are weights on the whole of it.
    Window window = term.average() == null ? op.windowOver(from) : Window.whole(from);
    ConvGeometry g = new ConvGeometry(from, maps.to(), window, op.groups());
    boolean depthwise =
        g.groups() > 1 && g.groups() == from.channels() && maps.to().channels() == from.channels();
    Tensor weight =
        term.average() == null ? op.weight() : spread(op.weight(), from, term.average());
    Tensor bias = op.bias();
    double[] w = new double[weight.size()];
    int perChannel = g.inPerGroup() * g.taps();
    for (int i = 0; i < w.length; i++) {
      int oc = i / perChannel;
      int ic = oc / g.outPerGroup() * g.inPerGroup() + i % perChannel / g.taps();
      w[i] = weight.data()[i] * scale.of(ic, oc);
    }
    double[] b = bias == null ? null : new double[bias.size()];
    for (int c = 0; b != null && c < b.length; c++) {
      b[c] = bias.data()[c] / scale.post()[c];
    }
    return new RealTerm(name, term.source(), g, depthwise, 0, w, b);
  }

  /** Weights of a Linear on averages over windows of {@code from} become weights on the map. */
  private static Tensor spread(Tensor weight, MapShape from, Window w) {
    int rows = weight.shape()[0];
    int ow = w.outWidth(from.width());
    int outPlane = w.outHeight(from.height()) * ow;
    int plane = from.height() * from.width();
    double[] sums = new double[from.size()];
    float[] out = new float[rows * from.size()];
    for (int r = 0; r < rows; r++) {
      Arrays.fill(sums, 0);
      for (int i = 0; i < from.channels() * outPlane; i++) {
        double each = weight.data()[r * from.channels() * outPlane + i] / (double) w.taps();
        int y0 = i % outPlane / ow * w.strideH() - w.padH();
        int x0 = i % ow * w.strideW() - w.padW();
        for (int ky = 0; ky < w.kernelH(); ky++) {
          int y = y0 + ky * w.dilationH();
          for (int kx = 0; kx < w.kernelW(); kx++) {
            int x = x0 + kx * w.dilationW();
            if (y >= 0 && y < from.height() && x >= 0 && x < from.width()) {
              sums[i / outPlane * plane + y * from.width() + x] += each;
            }
          }
        }
      }
      for (int i = 0; i < sums.length; i++) {
        out[r * sums.length + i] = (float) sums[i];
      }
    }
    return Tensor.of(out, rows, from.size());
  }

  private static RealTerm shortcut(
      String name, Lowering.Term term, Maps maps, Link.Shortcut link, Scale scale) {
    double[] w = new double[maps.from().channels()];
    for (int c = 0; c < w.length; c++) {
      w[c] = link.share() * scale.of(c, c + link.offset());
    }
    Window window = new Window(1, 1, link.stride(), link.stride(), 0, 0, 1, 1);
    // One weight a channel: groups say nothing here, but must divide both numbers of channels.
    int groups = maps.to().channels() % w.length == 0 ? w.length : 1;
    ConvGeometry g = new ConvGeometry(maps.from(), maps.to(), window, groups);
    return new RealTerm(name, term.source(), g, true, link.offset(), w, null);
  }

  /** An average over windows. */
  public static RealTerm average(
      String name, Lowering.Term term, MapShape from, MapShape to, Window window, Scale scale) {
    ConvGeometry g = new ConvGeometry(from, to, window, from.channels());
    double[] w = new double[from.channels() * g.taps()];
    for (int i = 0; i < w.length; i++) {
      int c = i / g.taps();
      // Of equal lambdas in this order, so that an average that keeps its source's is kappa / taps.
      w[i] =
          scale.pre()[c] == scale.post()[c] ? scale.kappa() / g.taps() : scale.of(c, c) / g.taps();
    }
    return new RealTerm(name, term.source(), g, true, 0, w, null);
  }

  /** True if the image drives it, not spikes. */
  boolean fromImage() {
    return source == Lowering.IMAGE;
  }

  /** Target channel of weight {@code i}. */
  int target(int i) {
    return i / (channelwise ? geometry.taps() : geometry.inPerGroup() * geometry.taps()) + offset;
  }

  /** Weights into target channel {@code oc}. */
  double[] into(int oc) {
    if (channelwise) {
      int c = oc - offset;
      return c < 0 || c >= geometry.inChannels()
          ? new double[0]
          : Arrays.copyOfRange(weights, c * geometry.taps(), (c + 1) * geometry.taps());
    }
    int per = geometry.inPerGroup() * geometry.taps();
    return Arrays.copyOfRange(weights, oc * per, (oc + 1) * per);
  }

  /** Constant current into target channel {@code oc}. */
  double biasOf(int oc) {
    return bias == null ? 0 : bias[oc];
  }
}
