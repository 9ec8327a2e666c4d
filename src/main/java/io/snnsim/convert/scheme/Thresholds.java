// SPDX-License-Identifier: Apache-2.0
package io.snnsim.convert.scheme;

import io.snnsim.convert.ConvertOptions;
import io.snnsim.error.SnnsimException;
import io.snnsim.network.Precision;
import java.util.Arrays;
import java.util.List;

/**
 * Chooses the threshold of every channel of a population, and so its grid, for the real weights
 * that reach it. Confined to one thread.
 */
final class Thresholds {
  /** Thresholds looked at below the finest until a shortcut is exact and all weights still fit. */
  private static final int TRIES = 64;

  private final Lowering.Draft draft;
  private final ConvertOptions options;
  private final Grid.Stored stored;
  private final double[] furthest;
  private final double[] largest;

  /** Null of neurons that send rates. */
  private final Grid.Code code;

  /**
   * A choice for one population.
   *
   * @param known of its input
   * @param largest largest activation by channel
   */
  Thresholds(
      Lowering.Draft draft, ConvertOptions options, NetworkBuilder.Known known, double[] largest) {
    this.draft = draft;
    this.options = options;
    this.stored = Grid.Stored.of(options.precision(), options.scheme().largestWeight());
    this.furthest = known.furthest();
    this.largest = largest;
    int steps = options.scheme().codeSteps();
    code = steps == 0 ? null : new Grid.Code(steps, known.mostV0(options.v0()));
  }

  /** What reaches each channel. */
  Grid.Channel[] channels(List<RealTerm> terms) {
    Grid.Channel[] result = new Grid.Channel[terms.getFirst().geometry().outChannels()];
    for (int c = 0; c < result.length; c++) {
      result[c] = channel(terms, c);
    }
    return result;
  }

  /** All real-valued inputs of channel {@code c}; the image's own come in the input stage. */
  private Grid.Channel channel(List<RealTerm> terms, int c) {
    double[] dense = new double[0];
    double[] channelwise = new double[0];
    double bias = 0;
    boolean fromImage = false;
    for (RealTerm t : terms) {
      if (t.fromImage()) {
        fromImage = true;
        continue;
      }
      if (t.channelwise()) {
        channelwise = concat(channelwise, t.into(c));
      } else {
        dense = concat(dense, t.into(c));
      }
      bias += t.biasOf(c);
    }
    return new Grid.Channel(dense, channelwise, bias, fromImage, options.scheme().signed());
  }

  /**
   * Theta by channel, or null if the population must be wide.
   *
   * @param notes told why
   */
  int[] narrow(Grid.Channel[] exact, List<String> notes) {
    if (options.precision() == Precision.I32) {
      return null;
    }
    int[] theta = new int[exact.length];
    for (int c = 0; c < theta.length; c++) {
      theta[c] =
          code == null
              ? Grid.narrowTheta(exact[c], stored, furthest[c], largest[c] > 0)
              : Grid.narrowTheta(exact[c], stored, code, largest[c] > 0);
      if (theta[c] == 0) {
        notes.add(
            "population "
                + draft.name()
                + " is wide (32 bits): channel "
                + c
                + " would need too coarse a threshold for its input to fit 16 bits");
        return null;
      }
    }
    return theta;
  }

  /** Theta by channel of a wide population. */
  int[] wide(Grid.Channel[] exact) {
    int[] theta = new int[exact.length];
    for (int c = 0; c < theta.length; c++) {
      theta[c] = code == null ? Grid.wideTheta(exact[c]) : Grid.wideTheta(exact[c], code);
      if (theta[c] == 0) {
        throw SnnsimException.badData(
            "population "
                + draft.name()
                + " channel "
                + c
                + ": one step's input could reach "
                + exact[c].reach()
                + " times the threshold, expected at most "
                + Grid.WIDE_BOUND
                + "; its weights, or the activations before and after it, are too far apart:"
                + " check the dump and the calibration images");
      }
    }
    return theta;
  }

  /**
   * Moves lambda of each channel by less than half a grid unit of its shortcut, so that this one
   * weight needs no rounding: its error would be that of a whole activation, in every block after.
   *
   * @param terms in units of lambda as it is
   * @param theta changed where the moved weights need a coarser one
   * @return the moved lambdas
   */
  double[] exactShortcuts(List<RealTerm> terms, double[] lambda, int[] theta) {
    int shortcut = 0;
    while (shortcut < terms.size() && !draft.terms().get(shortcut).isShortcut()) {
      shortcut++;
    }
    if (shortcut == terms.size() || draft.kind() != Lowering.Kind.SUM) {
      return lambda;
    }
    double[] moved = lambda.clone();
    for (int c = 0; c < moved.length; c++) {
      double[] weight = terms.get(shortcut).into(c);
      Grid.Channel channel = channel(terms, c);
      int finest = theta[c];
      for (int t = finest; weight.length == 1 && t > Math.max(0, finest - TRIES); t--) {
        double units = Math.rint(weight[0] * t);
        double factor = weight[0] * t / units;
        if (units > 0 && holds(channel.over(factor), t)) {
          moved[c] = lambda[c] * factor;
          theta[c] = t;
          break;
        }
      }
    }
    return moved;
  }

  private boolean holds(Grid.Channel c, int theta) {
    return code == null
        ? Grid.narrowHolds(c, theta, stored)
        : Grid.narrowHolds(c, theta, stored, code);
  }

  private static double[] concat(double[] a, double[] b) {
    double[] out = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, out, a.length, b.length);
    return out;
  }
}
