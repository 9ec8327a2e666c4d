// SPDX-License-Identifier: Apache-2.0
package io.snnsim.reference;

import io.snnsim.geometry.ConvGeometry;
import io.snnsim.geometry.MapShape;
import io.snnsim.geometry.Window;
import io.snnsim.network.ChannelwiseProjection;
import io.snnsim.network.ConvProjection;
import io.snnsim.network.GateProjection;
import io.snnsim.network.InputStage;
import io.snnsim.network.Network;
import io.snnsim.network.NeuronModel;
import io.snnsim.network.Population;
import io.snnsim.network.Precision;
import io.snnsim.network.Projection;
import io.snnsim.network.WeightType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Random small networks that satisfy every rule, with all operators, odd sizes, channel counts
 * around lane multiples, and values up to the ends of their types. The same seed gives the same
 * network and image. For tests only; confined to one thread.
 */
public final class RandomNetworks {
  /** What a projection is; tests count how often each occurred. */
  public enum Operator {
    CONV,
    GROUPED,
    FULLY_CONNECTED,
    DEPTHWISE,
    AVERAGE_POOL,
    IDENTITY,
    ZERO_PADDED_SHORTCUT,
    MAX_GATE
  }

  /** A network, an image for it (before mean and std) and the operators in it. */
  public record Case(Network network, float[] image, List<Operator> operators) {}

  private static final int[] CHANNELS = {
    1, 2, 3, 5, 8, 15, 16, 17, 31, 32, 33, 48, 63, 64, 65, 80, 96, 97, 127, 128, 129, 130
  };
  private static final int[][] MAPS = {
    {1, 1}, {2, 2}, {5, 3}, {3, 5}, {4, 4}, {1, 7}, {9, 1}, {6, 6}, {2, 11}, {8, 8}
  };
  private static final int MOST_CHANNELS = 130;

  /** Largest number of multiply-adds of one projection, to keep the reference fast. */
  private static final long MOST_WORK = 400_000;

  private final SplittableRandom random;
  private final List<Population> populations = new ArrayList<>();
  private final List<Projection> projections = new ArrayList<>();
  private final List<InputStage.AnalogProjection> analog = new ArrayList<>();
  private final List<Operator> operators = new ArrayList<>();
  private final Precision precision;
  private final boolean dyadic;
  private MapShape image;

  private RandomNetworks(long seed) {
    random = new SplittableRandom(seed);
    precision = pick(Precision.values());
    dyadic = chance(0.3);
  }

  /** The case of a seed. */
  public static Case of(long seed) {
    return new RandomNetworks(seed).build(seed);
  }

  private Case build(long seed) {
    int[] map = pick(MAPS);
    image = new MapShape(1 + random.nextInt(4), map[0], map[1]);
    input();
    int n = 2 + random.nextInt(5);
    while (populations.size() < n) {
      hidden();
    }
    float[] mean = new float[image.channels()];
    float[] std = new float[image.channels()];
    for (int c = 0; c < mean.length; c++) {
      mean[c] = dyadic ? 0 : random.nextFloat();
      std[c] = dyadic ? 1 : 0.1f + random.nextFloat();
    }
    float[] pixels = new float[image.size()];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = dyadic ? random.nextInt(3) * 0.5f : chance(0.2) ? 0 : random.nextFloat();
    }
    Network network =
        new Network(
            "random-" + seed,
            precision,
            new InputStage(image, mean, std, List.copyOf(analog)),
            populations,
            projections,
            chance(0.7) ? n - 1 : random.nextInt(n));
    return new Case(network, pixels, List.copyOf(operators));
  }

  /** A population fed by the image alone. */
  private void input() {
    ConvGeometry g = null;
    while (g == null) {
      g = window(image, pick(CHANNELS), 1, null);
    }
    MapShape shape = new MapShape(g.outChannels(), g.outHeight(), g.outWidth());
    Budget budget = new Budget(shape.channels(), wide());
    addAnalog(0, shape, g, budget);
    for (int k = random.nextInt(3); k > 1; k--) {
      addAnalogTo(0, shape, budget);
    }
    bias(budget);
    addPopulation(shape, budget);
  }

  private void hidden() {
    int target = populations.size();
    int source = source();
    MapShape from = populations.get(source).shape();
    if (chance(signed(source) ? 0.3 : 0.15)) {
      ConvGeometry g = window(from, from.channels(), 1, null);
      if (g != null) {
        projections.add(new GateProjection(name(), source, target, g));
        operators.add(Operator.MAX_GATE);
        addGate(new MapShape(g.outChannels(), g.outHeight(), g.outWidth()));
      }
      return;
    }
    boolean wide = wide();
    Draft first = draft(source, null);
    if (first == null) {
      return;
    }
    ConvGeometry g = first.geometry;
    MapShape shape = new MapShape(g.outChannels(), g.outHeight(), g.outWidth());
    Budget budget = new Budget(shape.channels(), wide);
    if (chance(0.1)) {
      addAnalogTo(target, shape, budget);
    }
    bias(budget);
    budget.signedSource = signed(source);
    add(first, source, target, budget);
    for (int k = random.nextInt(3); k > 0; k--) {
      int other = source();
      Draft more = draft(other, shape);
      if (more != null) {
        budget.signedSource = signed(other);
        add(more, other, target, budget);
      }
    }
    addPopulation(shape, budget);
  }

  /** Mostly the newest population, so that networks are deep. */
  private int source() {
    int n = populations.size();
    return chance(0.6) ? n - 1 : random.nextInt(n);
  }

  /** Whether a population sends negative spikes too. */
  private boolean signed(int population) {
    int at = population;
    while (populations.get(at).model() == NeuronModel.MAX_GATE) {
      int gate = at;
      at = projections.stream().filter(j -> j.target() == gate).findAny().orElseThrow().source();
    }
    return populations.get(at).model() == NeuronModel.SIGNED_IF;
  }

  private boolean wide() {
    return precision == Precision.I32 || chance(0.3);
  }

  // Projections

  /** A projection without weights yet. */
  private record Draft(Operator operator, ConvGeometry geometry, int channelOffset) {}

  /** A random projection from a population to a given or free shape; null if none was found. */
  private Draft draft(int source, MapShape to) {
    MapShape from = populations.get(source).shape();
    for (int attempt = 0; attempt < 30; attempt++) {
      Draft d = tryDraft(pick(Operator.values()), from, to);
      if (d != null && work(d) <= MOST_WORK) {
        return d;
      }
    }
    return null;
  }

  private static long work(Draft d) {
    ConvGeometry g = d.geometry;
    boolean dense = d.operator.ordinal() <= Operator.FULLY_CONNECTED.ordinal();
    return (long) g.outChannels()
        * (dense ? g.inPerGroup() : 1)
        * g.taps()
        * g.outHeight()
        * g.outWidth();
  }

  private Draft tryDraft(Operator operator, MapShape from, MapShape to) {
    int channels = to == null ? pick(CHANNELS) : to.channels();
    ConvGeometry g;
    int offset = 0;
    switch (operator) {
      case CONV -> g = window(from, channels, 1, to);
      case GROUPED -> {
        int groups = pick(divisors(from.channels()));
        if (to == null) {
          channels = groups * (1 + random.nextInt(MOST_CHANNELS / groups));
        }
        g = groups == 1 || channels % groups != 0 ? null : window(from, channels, groups, to);
      }
      case FULLY_CONNECTED ->
          g =
              to != null && (to.height() != 1 || to.width() != 1)
                  ? null
                  : geometry(
                      from, channels, new int[] {from.height(), from.width(), 1, 1, 0, 0, 1, 1}, 1);
      case DEPTHWISE -> g = window(from, from.channels(), 1, to);
      case AVERAGE_POOL -> {
        int k = 2 + random.nextInt(2);
        g = geometry(from, from.channels(), new int[] {k, k, k, k, 0, 0, 1, 1}, 1);
      }
      case IDENTITY -> g = geometry(from, from.channels(), new int[] {1, 1, 1, 1, 0, 0, 1, 1}, 1);
      case ZERO_PADDED_SHORTCUT -> {
        int all = to == null ? from.channels() + random.nextInt(40) : to.channels();
        int spare = all - from.channels();
        int s = 1 + random.nextInt(2);
        if (spare < 1 || all > MOST_CHANNELS) {
          return null;
        }
        offset = chance(0.5) ? spare / 2 : random.nextInt(spare + 1);
        g = geometry(from, all, new int[] {1, 1, s, s, 0, 0, 1, 1}, 1);
      }
      default -> g = null;
    }
    boolean fits =
        g != null
            && (to == null
                || (g.outChannels() == to.channels()
                    && g.outHeight() == to.height()
                    && g.outWidth() == to.width()));
    return fits ? new Draft(operator, g, offset) : null;
  }

  /** A random window; with a wanted shape it looks for one that gives its height and width. */
  private ConvGeometry window(MapShape from, int channels, int groups, MapShape to) {
    for (int attempt = 0; attempt < 60; attempt++) {
      int kh = 1 + random.nextInt(4);
      int kw = chance(0.6) ? kh : 1 + random.nextInt(4);
      int[] w = {
        kh,
        kw,
        1 + random.nextInt(3),
        1 + random.nextInt(3),
        random.nextInt(kh + 1),
        random.nextInt(kw + 1),
        chance(0.7) ? 1 : 1 + random.nextInt(3),
        chance(0.7) ? 1 : 1 + random.nextInt(3)
      };
      ConvGeometry g = geometry(from, channels, w, groups);
      if (g != null
          && g.outHeight() <= 12
          && g.outWidth() <= 12
          && (to == null || (g.outHeight() == to.height() && g.outWidth() == to.width()))) {
        return g;
      }
    }
    return null;
  }

  /** {@code w}: kernel, stride, padding, dilation, each height then width. */
  private static ConvGeometry geometry(MapShape from, int channels, int[] w, int groups) {
    int h = Math.floorDiv(from.height() + 2 * w[4] - w[6] * (w[0] - 1) - 1, w[2]) + 1;
    int v = Math.floorDiv(from.width() + 2 * w[5] - w[7] * (w[1] - 1) - 1, w[3]) + 1;
    if (h < 1 || v < 1) {
      return null;
    }
    return new ConvGeometry(
        new MapShape(from.channels(), from.height(), from.width()),
        new MapShape(channels, h, v),
        new Window(w[0], w[1], w[2], w[3], w[4], w[5], w[6], w[7]),
        groups);
  }

  private void add(Draft d, int source, int target, Budget budget) {
    ConvGeometry g = d.geometry;
    operators.add(d.operator);
    if (work(d) == 0) {
      throw new IllegalStateException("empty projection");
    }
    switch (d.operator) {
      case CONV, GROUPED, FULLY_CONNECTED -> {
        WeightType type = WeightType.of(precision, budget.wide);
        int fanIn = g.inPerGroup() * g.taps();
        int[] w = new int[g.outChannels() * fanIn];
        for (int oc = 0; oc < g.outChannels(); oc++) {
          fill(w, oc * fanIn, fanIn, type, oc, budget);
        }
        projections.add(ConvProjection.pack(name(), source, target, g, type, w));
      }
      default -> {
        WeightType type = budget.wide ? WeightType.I32 : WeightType.I16;
        int[] w = new int[g.inChannels() * g.taps()];
        for (int c = 0; c < g.inChannels(); c++) {
          if (d.operator == Operator.DEPTHWISE) {
            fill(w, c * g.taps(), g.taps(), type, c, budget);
          } else {
            int each = random.nextInt(1, budget.wide ? 1 << 16 : 400);
            for (int t = 0; t < g.taps(); t++) {
              w[c * g.taps() + t] = budget.take(c + d.channelOffset, each);
            }
          }
        }
        projections.add(new ChannelwiseProjection(name(), source, target, g, d.channelOffset, w));
      }
    }
  }

  /** One neuron's weights: tiny, usual, or at the ends of the type, within the proof. */
  private void fill(int[] w, int from, int n, WeightType type, int channel, Budget budget) {
    long end =
        switch (type) {
          case I8 -> Byte.MAX_VALUE;
          case I16 -> Short.MAX_VALUE;
          case I32 -> Integer.MAX_VALUE;
        };
    int kind = random.nextInt(10);
    long usual = Math.max(1, Math.min(end, (budget.wide ? 1L << 24 : 1L << 14) / n));
    for (int k = 0; k < n; k++) {
      long v;
      if (kind == 0) {
        v = chance(0.5) ? end : budget.signedSource ? -end : -end - 1;
      } else if (kind == 1) {
        v = random.nextInt(-1, 2);
      } else if (chance(0.1)) {
        v = 0;
      } else {
        v = random.nextLong(-usual, usual + 1);
      }
      w[from + k] = budget.take(channel, v);
    }
  }

  // Analog input

  private void addAnalogTo(int target, MapShape shape, Budget budget) {
    ConvGeometry g = window(image, shape.channels(), 1, shape);
    if (g != null) {
      addAnalog(target, shape, g, budget);
    }
  }

  private void addAnalog(int target, MapShape shape, ConvGeometry any, Budget budget) {
    ConvGeometry g = any;
    int groups = pick(divisors(gcd(image.channels(), shape.channels())));
    if (groups > 1) {
      g =
          new ConvGeometry(
              new MapShape(g.inChannels(), g.inHeight(), g.inWidth()),
              new MapShape(g.outChannels(), g.outHeight(), g.outWidth()),
              new Window(
                  g.kernelH(),
                  g.kernelW(),
                  g.window().strideH(),
                  g.window().strideW(),
                  g.window().padH(),
                  g.window().padW(),
                  g.window().dilationH(),
                  g.window().dilationW()),
              groups);
    }
    int end = budget.wide ? 1 << random.nextInt(4, 26) : 1 << random.nextInt(2, 13);
    int low = -random.nextInt(end);
    int high = random.nextInt(end);
    budget.takeRange(low, high);
    float[] w = new float[g.outChannels() * g.inPerGroup() * g.taps()];
    float[] b = new float[g.outChannels()];
    for (float[] values : new float[][] {w, b}) {
      for (int i = 0; i < values.length; i++) {
        // Halves on the dyadic images: sums are exact and often end in .5, the case of rint.
        values[i] =
            dyadic
                ? random.nextInt(-8, 9) * 0.5f
                : (float) ((random.nextDouble() * 2 - 1) * end * 0.5);
      }
    }
    analog.add(
        new InputStage.AnalogProjection("analog" + analog.size(), target, g, w, b, low, high));
  }

  // Populations

  private void bias(Budget budget) {
    boolean any = chance(0.5);
    for (int c = 0; c < budget.bias.length; c++) {
      int end = budget.wide ? 1 << 20 : 1 << 10;
      budget.bias[c] =
          !any ? 0 : chance(0.02) ? budget.take(c, Long.MIN_VALUE) : budget.take(c, within(end));
    }
  }

  private long within(int end) {
    return random.nextLong(-end, end + 1L) >> random.nextInt(10);
  }

  private void addPopulation(MapShape shape, Budget budget) {
    int n = shape.channels();
    int[] theta = new int[n];
    int[] v0 = new int[n];
    long most = budget.wide ? Integer.MAX_VALUE : Short.MAX_VALUE;
    int rate = random.nextInt(4);
    boolean signed = chance(0.4);
    for (int c = 0; c < n; c++) {
      long reach = Math.max(1, budget.high[c]);
      double of =
          switch (rate) {
            case 0 -> 1e-3;
            case 1 -> 0.05;
            case 2 -> 0.5;
            default -> 3;
          };
      long t = (long) (reach * of * random.nextDouble() * 2);
      if (chance(0.02)) {
        t = chance(0.5) ? 1 : most;
      }
      theta[c] = (int) Math.max(1, Math.min(most, t));
      v0[c] =
          chance(0.02)
              ? (int) (chance(0.5) ? most : -most - 1)
              : chance(0.5) ? theta[c] / 2 : random.nextInt(-theta[c], theta[c]);
      if (signed && chance(0.5)) {
        // Spikes at first that are taken back where the input is negative.
        v0[c] = (int) Math.min(most, theta[c] * random.nextLong(1, 6));
      }
    }
    long low = Arrays.stream(budget.low).min().orElseThrow();
    long high = Arrays.stream(budget.high).max().orElseThrow();
    populations.add(
        new Population(
            "p" + populations.size(),
            shape,
            signed ? NeuronModel.SIGNED_IF : NeuronModel.IF,
            budget.wide,
            theta,
            v0,
            budget.bias,
            ones(n),
            low,
            high));
  }

  private void addGate(MapShape shape) {
    int n = shape.channels();
    int[] theta = new int[n];
    Arrays.fill(theta, 1);
    populations.add(
        new Population(
            "p" + populations.size(),
            shape,
            NeuronModel.MAX_GATE,
            wide(),
            theta,
            new int[n],
            new int[n],
            ones(n),
            0,
            0));
  }

  /** What is left of the proof: the sums of positive and negative inputs of each channel. */
  private static final class Budget {
    final boolean wide;
    final int[] bias;
    final long[] low;
    final long[] high;

    /** Of the projection being filled: what it adds, a negative spike subtracts. */
    boolean signedSource;

    Budget(int channels, boolean wide) {
      this.wide = wide;
      bias = new int[channels];
      low = new long[channels];
      high = new long[channels];
    }

    /** The part of {@code v} that still fits. */
    int take(int channel, long v) {
      long most = wide ? 1L << 30 : Short.MAX_VALUE;
      long least = wide ? -(1L << 30) : Short.MIN_VALUE;
      if (signedSource) {
        long room = Math.min(most - high[channel], low[channel] - least);
        long part = Math.min(Math.abs(v), room);
        high[channel] += part;
        low[channel] -= part;
        return (int) (v < 0 ? -part : part);
      }
      if (v > 0) {
        long part = Math.min(v, most - high[channel]);
        high[channel] += part;
        return (int) part;
      }
      long part = Math.max(v, least - low[channel]);
      low[channel] += part;
      return (int) part;
    }

    void takeRange(int least, int most) {
      for (int c = 0; c < low.length; c++) {
        if (take(c, least) != least || take(c, most) != most) {
          throw new IllegalStateException("analog input does not fit the proof");
        }
      }
    }
  }

  // Random

  private String name() {
    return "j" + projections.size();
  }

  private boolean chance(double p) {
    return random.nextDouble() < p;
  }

  private int pick(int[] from) {
    return from[random.nextInt(from.length)];
  }

  private <T> T pick(T[] from) {
    return from[random.nextInt(from.length)];
  }

  private static int[] divisors(int n) {
    return java.util.stream.IntStream.rangeClosed(1, n).filter(d -> n % d == 0).toArray();
  }

  private static int gcd(int a, int b) {
    return b == 0 ? a : gcd(b, a % b);
  }

  private static float[] ones(int n) {
    float[] result = new float[n];
    Arrays.fill(result, 1);
    return result;
  }
}
