// SPDX-License-Identifier: Apache-2.0
package io.snnsim.convert;

import io.snnsim.ann.AnnGraph;
import io.snnsim.ann.AnnNode;
import io.snnsim.ann.AnnOp;
import io.snnsim.ann.Images;
import io.snnsim.ann.Normalisation;
import io.snnsim.ann.Tensor;
import io.snnsim.geometry.MapShape;
import io.snnsim.geometry.Window;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * Random small networks of every operator that conversion knows, with images on which every
 * population fires. The same seed gives the same network. For tests only; confined to one thread.
 */
final class RandomAnns {
  /** What occurs in a network; tests count how often each was seen. */
  enum Operator {
    CONV,
    STRIDE,
    PADDING,
    DILATION,
    GROUPS,
    DEPTHWISE,
    DEPTHWISE_MULTIPLIER,
    LINEAR,
    AVERAGE_POOL,
    GLOBAL_AVERAGE,
    MAX_POOL,
    MAX_POOL_BEFORE_RELU,
    IDENTITY_SHORTCUT,
    OPTION_A,
    OPTION_B,
    BRANCHES,
    SHARED_BRANCH,
    DOUBLED,
    BATCH_NORM,
    BATCH_NORM_AFTER_LINEAR,
    DROPOUT,
    IMAGE_TWICE,
    IMAGE_ITSELF,
    IMAGE_DEPTHWISE,
    LINEAR_ON_IMAGE,
    SPIKING_OUTPUT
  }

  /** A network, its images (before mean and std) and what is in it. */
  record Case(AnnGraph graph, List<float[]> pixels, float[] mean, float[] std, Set<Operator> has) {
    /** Of the images. */
    Normalisation normalisation() {
      return new Normalisation(mean, std);
    }

    /** The images as calibration reads them. */
    Images images() {
      return new ArrayImages(pixels);
    }

    /** Image {@code index} as the network's input node holds it. */
    double[] normalised(int index) {
      float[] x = pixels.get(index);
      double[] out = new double[x.length];
      int plane = graph.inputShape().height() * graph.inputShape().width();
      for (int i = 0; i < x.length; i++) {
        out[i] = (x[i] - mean[i / plane]) / std[i / plane];
      }
      return out;
    }
  }

  private static final int IMAGES = 5;
  private static final int[][] MAPS = {{4, 4}, {5, 3}, {6, 6}, {7, 5}, {3, 8}, {1, 1}};

  private final SplittableRandom random;
  private final List<AnnNode> nodes = new ArrayList<>();
  private final Map<String, MapShape> shapes = new HashMap<>();

  /** Nodes whose values are firing rates, the newest last. */
  private final List<String> rates = new ArrayList<>();

  private final Set<Operator> has = EnumSet.noneOf(Operator.class);

  private RandomAnns(long seed) {
    random = new SplittableRandom(seed);
  }

  /** The case of a seed. */
  static Case of(long seed) {
    for (int attempt = 0; ; attempt++) {
      Case made = new RandomAnns(seed * 1000 + attempt).build(seed);
      if (fires(made)) {
        return made;
      }
    }
  }

  /** True if every ReLU and the output exceed 0.05 somewhere, so that every lambda exists. */
  private static boolean fires(Case made) {
    double[] largest = new double[made.graph().nodes().size()];
    for (int i = 0; i < IMAGES; i++) {
      double[][] values = NaiveAnn.run(made.graph(), made.normalised(i));
      for (int n = 0; n < largest.length; n++) {
        for (double v : values[n]) {
          largest[n] = Math.max(largest[n], v);
        }
      }
    }
    for (int n = 0; n < largest.length; n++) {
      boolean counts =
          n == largest.length - 1 || made.graph().nodes().get(n).op() instanceof AnnOp.Relu;
      if (counts && largest[n] < 0.05) {
        return false;
      }
    }
    return true;
  }

  private Case build(long seed) {
    int[] map = MAPS[random.nextInt(MAPS.length)];
    MapShape image = new MapShape(1 + random.nextInt(3), map[0], map[1]);
    put("input", new AnnOp.Input(image), image);
    first(image);
    int populations = 2 + random.nextInt(3);
    for (int k = 1; k < populations; k++) {
      hidden();
    }
    head();
    float[] mean = new float[image.channels()];
    float[] std = new float[image.channels()];
    for (int c = 0; c < mean.length; c++) {
      mean[c] = random.nextFloat() * 0.5f;
      std[c] = 0.3f + random.nextFloat();
    }
    List<float[]> pixels = new ArrayList<>();
    for (int i = 0; i < IMAGES; i++) {
      float[] x = new float[image.size()];
      for (int k = 0; k < x.length; k++) {
        x[k] = chance(0.2) ? 0 : random.nextFloat();
      }
      pixels.add(x);
    }
    return new Case(new AnnGraph("random-" + seed, nodes), pixels, mean, std, Set.copyOf(has));
  }

  // What reads the image

  private void first(MapShape image) {
    switch (random.nextInt(10)) {
      case 0 -> {
        has(Operator.LINEAR_ON_IMAGE);
        rate(relu(linear("input", 3 + random.nextInt(6))));
      }
      case 1 -> {
        has(Operator.IMAGE_ITSELF);
        rate(relu("input"));
      }
      case 2 -> {
        has(Operator.IMAGE_DEPTHWISE);
        Window w = window(image, null);
        rate(relu(conv("input", w, image.channels(), image.channels())));
      }
      case 3, 4 -> {
        has(Operator.IMAGE_TWICE);
        int channels = 2 + random.nextInt(5);
        Window first = window(image, null);
        String a = conv("input", first, channels, 1);
        Window second = window(image, shapes.get(a));
        rate(relu(add(a, conv("input", second == null ? first : second, channels, 1))));
      }
      default -> rate(relu(conv("input", window(image, null), 2 + random.nextInt(6), 1)));
    }
  }

  // What reads firing rates

  private void hidden() {
    String x = rates.getLast();
    MapShape from = shapes.get(x);
    boolean pixel = from.height() == 1 && from.width() == 1;
    int channels = 2 + random.nextInt(6);
    switch (pixel ? random.nextInt(6) : random.nextInt(16)) {
      case 0 -> rate(relu(linear(x, channels)));
      case 1 -> {
        has(Operator.IDENTITY_SHORTCUT);
        rate(relu(add(conv(x, window(from, from), from.channels(), 1), x)));
      }
      case 2 -> {
        has(Operator.SHARED_BRANCH);
        String y = conv(x, window(from, null), channels, 1);
        String first = rate(relu(y));
        MapShape s = shapes.get(y);
        rate(relu(add(y, conv(first, window(s, s), channels, 1))));
      }
      case 3 -> {
        has(Operator.DOUBLED);
        rate(relu(add(conv(x, window(from, from), from.channels(), 1), x, x)));
      }
      case 4 -> branches(x, from, channels);
      case 5, 6 -> rate(relu(conv(x, window(from, null), channels, 1)));
      case 7 -> {
        has(Operator.DEPTHWISE);
        rate(relu(conv(x, window(from, null), from.channels(), from.channels())));
      }
      case 8 -> {
        has(Operator.DEPTHWISE_MULTIPLIER);
        rate(relu(conv(x, window(from, null), 2 * from.channels(), from.channels())));
      }
      case 9 -> {
        int groups = from.channels() % 2 == 0 ? 2 : from.channels();
        has(Operator.GROUPS);
        rate(relu(conv(x, window(from, null), groups * (1 + random.nextInt(3)), groups)));
      }
      case 10 -> {
        has(Operator.AVERAGE_POOL);
        rate(pool(x, true));
      }
      case 11 -> {
        has(Operator.MAX_POOL);
        rate(pool(x, false));
      }
      case 12 -> {
        has(Operator.MAX_POOL_BEFORE_RELU);
        rate(relu(pool(conv(x, Window.square(1, 1, 0), channels, 1), false)));
      }
      case 13 -> optionA(x, from);
      case 14 -> {
        has(Operator.OPTION_B);
        Window strided = new Window(3, 3, 2, 2, 1, 1, 1, 1);
        Window shortcut = new Window(1, 1, 2, 2, 0, 0, 1, 1);
        String y = relu(conv(x, strided, channels, 1));
        rate(y);
        MapShape s = shapes.get(y);
        rate(relu(add(conv(y, window(s, s), channels, 1), conv(x, shortcut, channels, 1))));
      }
      default -> branches(x, from, channels);
    }
  }

  private void branches(String x, MapShape from, int channels) {
    has(Operator.BRANCHES);
    Window first = window(from, null);
    String a = conv(x, first, channels, 1);
    MapShape to = shapes.get(a);
    List<String> addends = new ArrayList<>(List.of(a));
    String other = rates.get(random.nextInt(rates.size()));
    for (String source : List.of(x, other)) {
      Window w = window(shapes.get(source), to);
      if (w != null) {
        addends.add(conv(source, w, channels, 1));
      }
    }
    if (addends.size() == 1) {
      addends.add(conv(x, first, channels, 1));
    }
    rate(relu(add(addends.toArray(String[]::new))));
  }

  private void optionA(String x, MapShape from) {
    has(Operator.OPTION_A);
    int stride = 1 + random.nextInt(2);
    int before = random.nextInt(3);
    int after = 1 + random.nextInt(3);
    int channels = before + from.channels() + after;
    String y = conv(x, new Window(3, 3, stride, stride, 1, 1, 1, 1), channels, 1);
    String z =
        put(
            name("zeropad"),
            new AnnOp.ZeroPadShortcut(stride, before, after),
            new MapShape(
                channels,
                (from.height() + stride - 1) / stride,
                (from.width() + stride - 1) / stride),
            x);
    rate(relu(add(y, z)));
  }

  private void head() {
    String x = rates.getLast();
    if (chance(0.1)) {
      has(Operator.SPIKING_OUTPUT);
      return; // The last ReLU is the output.
    }
    if (chance(0.4)) {
      has(Operator.GLOBAL_AVERAGE);
      x =
          put(
              name("average"),
              new AnnOp.GlobalAvgPool(),
              new MapShape(shapes.get(x).channels(), 1, 1),
              x);
    }
    if (chance(0.5)) {
      x = put(name("flatten"), new AnnOp.Flatten(), new MapShape(shapes.get(x).size(), 1, 1), x);
    }
    linear(x, 2 + random.nextInt(4));
  }

  // Operators

  private String pool(String x, boolean average) {
    MapShape s = shapes.get(x);
    for (int attempt = 0; ; attempt++) {
      int kh = 1 + random.nextInt(3);
      int kw = 1 + random.nextInt(3);
      Window w =
          new Window(
              kh,
              kw,
              1 + random.nextInt(2),
              1 + random.nextInt(2),
              random.nextInt(kh / 2 + 1),
              random.nextInt(kw / 2 + 1),
              1,
              1);
      if (w.outHeight(s.height()) >= 1 && w.outWidth(s.width()) >= 1) {
        MapShape to = new MapShape(s.channels(), w.outHeight(s.height()), w.outWidth(s.width()));
        return put(
            name(average ? "avgpool" : "maxpool"),
            average ? new AnnOp.AvgPool(w) : new AnnOp.MaxPool(w),
            to,
            x);
      }
    }
  }

  private String conv(String x, Window w, int channels, int groups) {
    has(Operator.CONV);
    MapShape s = shapes.get(x);
    mark(Operator.STRIDE, w.strideH() > 1 || w.strideW() > 1);
    mark(Operator.PADDING, w.padH() > 0 || w.padW() > 0);
    mark(Operator.DILATION, w.dilationH() > 1 || w.dilationW() > 1);
    int icg = s.channels() / groups;
    Tensor weight =
        tensor(1.2 / Math.sqrt(icg * w.taps()), channels, icg, w.kernelH(), w.kernelW());
    MapShape to = new MapShape(channels, w.outHeight(s.height()), w.outWidth(s.width()));
    String y = put(name("conv"), new AnnOp.Conv2d(weight, bias(channels), w, groups), to, x);
    if (chance(0.5)) {
      y = batchNorm(dropout(y));
    }
    return y;
  }

  private String linear(String x, int out) {
    has(Operator.LINEAR);
    int in = shapes.get(x).size();
    MapShape to = new MapShape(out, 1, 1);
    String y =
        put(
            name("linear"),
            new AnnOp.Linear(tensor(1.2 / Math.sqrt(in), out, in), bias(out)),
            to,
            x);
    if (chance(0.3)) {
      has(Operator.BATCH_NORM_AFTER_LINEAR);
      y = batchNorm(y);
    }
    return y;
  }

  private String batchNorm(String x) {
    has(Operator.BATCH_NORM);
    int n = shapes.get(x).channels();
    float[] gamma = new float[n];
    float[] beta = new float[n];
    float[] mean = new float[n];
    float[] var = new float[n];
    for (int c = 0; c < n; c++) {
      gamma[c] = (0.5f + random.nextFloat()) * (chance(0.2) ? -1 : 1);
      beta[c] = random.nextFloat() - 0.4f;
      mean[c] = (random.nextFloat() - 0.5f) * 0.4f;
      var[c] = 0.3f + random.nextFloat();
    }
    return put(
        name("bn"),
        new AnnOp.BatchNorm(
            Tensor.of(gamma, n), Tensor.of(beta, n), Tensor.of(mean, n), Tensor.of(var, n), 1e-5f),
        shapes.get(x),
        x);
  }

  private String relu(String x) {
    return put(name("relu"), new AnnOp.Relu(), shapes.get(x), dropout(x));
  }

  private String add(String... inputs) {
    return put(name("add"), new AnnOp.Add(), shapes.get(inputs[0]), inputs);
  }

  private String dropout(String x) {
    if (!chance(0.1)) {
      return x;
    }
    has(Operator.DROPOUT);
    return put(name("dropout"), new AnnOp.Identity(), shapes.get(x), x);
  }

  private Tensor bias(int n) {
    return chance(0.3) ? null : tensor(0.2, n);
  }

  private Tensor tensor(double scale, int... shape) {
    int n = 1;
    for (int d : shape) {
      n *= d;
    }
    float[] data = new float[n];
    for (int i = 0; i < n; i++) {
      data[i] = (float) ((2 * random.nextDouble() - 1) * scale);
    }
    return new Tensor(shape, data);
  }

  /** A window into the given shape, null if none was found; with no shape given always one. */
  private Window window(MapShape from, MapShape to) {
    for (int attempt = 0; attempt < 200; attempt++) {
      int kh = 1 + random.nextInt(3);
      int kw = 1 + random.nextInt(3);
      Window w =
          new Window(
              kh,
              kw,
              chance(0.7) ? 1 : 2,
              chance(0.7) ? 1 : 2,
              random.nextInt(kh),
              random.nextInt(kw),
              chance(0.8) ? 1 : 2,
              chance(0.8) ? 1 : 2);
      int h = w.outHeight(from.height());
      int v = w.outWidth(from.width());
      if (to == null ? h >= 1 && v >= 1 : h == to.height() && v == to.width()) {
        return w;
      }
    }
    boolean same = to != null && from.height() == to.height() && from.width() == to.width();
    return to == null || same ? Window.square(1, 1, 0) : null;
  }

  private String rate(String node) {
    rates.add(node);
    return node;
  }

  private String put(String name, AnnOp op, MapShape shape, String... inputs) {
    nodes.add(AnnNode.of(name, op, inputs));
    shapes.put(name, shape);
    return name;
  }

  private String name(String kind) {
    return kind + nodes.size();
  }

  private void has(Operator o) {
    has.add(o);
  }

  private void mark(Operator o, boolean occurs) {
    if (occurs) {
      has.add(o);
    }
  }

  private boolean chance(double share) {
    return random.nextDouble() < share;
  }
}
