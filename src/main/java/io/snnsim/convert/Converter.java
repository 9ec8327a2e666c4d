package io.snnsim.convert;

import io.snnsim.ann.AnnGraph;
import io.snnsim.ann.AnnOp;
import io.snnsim.ann.MapShape;
import io.snnsim.ann.Window;
import io.snnsim.error.SnnsimException;
import io.snnsim.network.ChannelwiseProjection;
import io.snnsim.network.ConvGeometry;
import io.snnsim.network.ConvProjection;
import io.snnsim.network.InputStage;
import io.snnsim.network.Network;
import io.snnsim.network.NeuronModel;
import io.snnsim.network.Population;
import io.snnsim.network.Precision;
import io.snnsim.network.Projection;
import io.snnsim.network.Shape;
import io.snnsim.network.WeightType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Turns a calibrated network into a spiking one. Stateless and thread-safe.
 *
 * <p>Source: Hu, Tang, Pan, "Spiking Deep Residual Network". With lambda of the source (pre) and
 * the target (post; of the ReLU after the sum where there is one):
 *
 * <pre>
 * weights          W' = kappa * W * lambda_pre / lambda_post
 * biases           b' = b / lambda_post
 * identity         s' = kappa * lambda_pre / lambda_post
 * average pooling  1 / k^2, times kappa
 * V(0)             v0 * theta
 * </pre>
 *
 * all times theta, rounded half to even. lambda of the image is 1, and kappa does not apply to what
 * the image drives directly: it makes up for spikes that a source lost, and a constant current
 * loses none.
 */
public final class Converter {
  private Converter() {}

  /** Converts with the given options; one calibration serves any number of conversions. */
  public static Conversion convert(
      Calibration.Result calibration, ConvertOptions options, List<String> notes) {
    return new Run(calibration, options, notes).convert();
  }

  /** One addend with its exact weights, [oc][ic of group * taps] or [channel * taps]. */
  private record ExactTerm(
      String name,
      Lowering.Term term,
      ConvGeometry geometry,
      boolean channelwise,
      int offset,
      double[] weights) {
    ExactTerm named(String other) {
      return new ExactTerm(other, term, geometry, channelwise, offset, weights);
    }

    /** Weights into output channel {@code oc}. */
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
  }

  private static final class Run {
    private final Calibration.Result calibration;
    private final ConvertOptions options;
    private final List<String> notes;
    private final List<Lowering.Plan> plans;
    private final List<Population> populations = new ArrayList<>();
    private final List<Projection> projections = new ArrayList<>();
    private final List<InputStage.AnalogProjection> analog = new ArrayList<>();
    private final List<ConversionReport.PopulationReport> reports = new ArrayList<>();
    private final Set<String> names = new HashSet<>();

    Run(Calibration.Result calibration, ConvertOptions options, List<String> notes) {
      this.calibration = calibration;
      this.options = options;
      this.notes = new ArrayList<>(notes);
      this.notes.addAll(calibration.notes());
      this.plans = calibration.lowering().plans();
    }

    Conversion convert() {
      for (int p = 0; p < plans.size(); p++) {
        if (plans.get(p).kind() == Lowering.Kind.GATE) {
          gate(p);
        } else {
          integrate(p);
        }
      }
      AnnGraph graph = calibration.lowering().graph();
      MapShape in = graph.inputShape();
      if (options.mean().length != in.channels()) {
        throw SnnsimException.usage(
            "found "
                + options.mean().length
                + " means and stds, expected one a channel: "
                + in.channels());
      }
      Network network =
          new Network(
              graph.name(),
              options.precision(),
              new InputStage(shape(in), options.mean(), options.std(), List.copyOf(analog)),
              populations,
              projections,
              populations.size() - 1);
      ConversionReport report =
          new ConversionReport(
              graph.name(),
              options.precision().name().toLowerCase(java.util.Locale.ROOT),
              calibration.percentile(),
              options.v0(),
              options.compensation(),
              calibration.images(),
              List.copyOf(reports),
              List.copyOf(notes));
      return new Conversion(network, report, graph);
    }

    private void gate(int p) {
      Lowering.Plan plan = plans.get(p);
      int channels = plan.shape().channels();
      int source = plan.terms().getFirst().source();
      int[] ones = new int[channels];
      Arrays.fill(ones, 1);
      float[] lambda = lambdas(p);
      populations.add(
          new Population(
              plan.name(),
              shape(plan.shape()),
              NeuronModel.MAX_GATE,
              false,
              ones,
              new int[channels],
              new int[channels],
              lambda,
              0,
              0));
      projections.add(
          new io.snnsim.network.GateProjection(
              plan.name() + ".gate",
              source,
              p,
              geometry(plans.get(source).shape(), plan.shape(), plan.window(), 1)));
      report(p, ones, false, new double[2], 0, 0, List.of("gate from " + plans.get(source).name()));
    }

    private void integrate(int p) {
      Lowering.Plan plan = plans.get(p);
      int channels = plan.shape().channels();
      List<ExactTerm> terms = new ArrayList<>();
      for (Lowering.Term t : plan.terms()) {
        ExactTerm term = exact(p, t);
        terms.add(term.named(unused(term.name())));
      }
      boolean fromImage = terms.stream().anyMatch(t -> t.term().source() == Lowering.IMAGE);
      Grid.Channel[] exactChannels = new Grid.Channel[channels];
      for (int c = 0; c < channels; c++) {
        exactChannels[c] = channel(p, terms, c, fromImage);
      }
      int[] theta = new int[channels];
      boolean wide = options.precision() == Precision.I32;
      for (int c = 0; c < channels && !wide; c++) {
        theta[c] = Grid.narrowTheta(exactChannels[c], options.precision());
        if (theta[c] == 0) {
          wide = true;
          notes.add(
              "population "
                  + plan.name()
                  + " is wide (32 bits): channel "
                  + c
                  + " would need too coarse a threshold for its input to fit 16 bits");
        }
      }
      for (int c = 0; c < channels && wide; c++) {
        theta[c] = Grid.wideTheta(exactChannels[c]);
        if (theta[c] == 0) {
          throw SnnsimException.badData(
              "population "
                  + plan.name()
                  + " channel "
                  + c
                  + ": one step's input could reach "
                  + exactChannels[c].reach()
                  + " times the threshold, expected at most "
                  + Grid.WIDE_BOUND
                  + "; its weights, or the activations before and after it, are too far apart:"
                  + " check the dump and the calibration images");
        }
      }
      emit(p, terms, exactChannels, theta, wide);
    }

    // One operator may feed several populations, or one population twice.
    private String unused(String name) {
      String result = name;
      for (int k = 2; !names.add(result); k++) {
        result = name + "#" + k;
      }
      return result;
    }

    private Grid.Channel channel(int p, List<ExactTerm> terms, int c, boolean fromImage) {
      double[] dense = new double[0];
      double[] channelwise = new double[0];
      double bias = 0;
      for (ExactTerm t : terms) {
        if (t.term().source() == Lowering.IMAGE) {
          continue;
        }
        if (t.channelwise()) {
          channelwise = concat(channelwise, t.into(c));
        } else {
          dense = concat(dense, t.into(c));
        }
        bias += bias(p, t.term(), c);
      }
      return new Grid.Channel(dense, channelwise, bias, fromImage);
    }

    private void emit(
        int p, List<ExactTerm> terms, Grid.Channel[] exact, int[] theta, boolean wide) {
      Lowering.Plan plan = plans.get(p);
      int channels = plan.shape().channels();
      long[] high = new long[channels];
      long[] low = new long[channels];
      int[] bias = new int[channels];
      int[] v0 = new int[channels];
      for (int c = 0; c < channels; c++) {
        bias[c] = Grid.round(exact[c].bias(), theta[c]);
        v0[c] = Grid.round(options.v0(), theta[c]);
        high[c] = bias[c];
        low[c] = bias[c];
      }
      double[] error = new double[3];
      List<String> names = new ArrayList<>();
      int images = (int) terms.stream().filter(t -> t.term().source() == Lowering.IMAGE).count();
      for (ExactTerm t : terms) {
        names.add(t.name());
        if (t.term().source() == Lowering.IMAGE) {
          int range = (wide ? Grid.WIDE_CURRENT : Grid.NARROW_CURRENT) / images;
          analogProjection(p, t, theta, range);
          for (int c = 0; c < channels; c++) {
            high[c] += range;
            low[c] -= range;
          }
          continue;
        }
        int[] rounded = round(t, theta, low, high, error);
        projections.add(
            t.channelwise()
                ? new ChannelwiseProjection(
                    t.name(), t.term().source(), p, t.geometry(), t.offset(), rounded)
                : ConvProjection.pack(
                    t.name(),
                    t.term().source(),
                    p,
                    t.geometry(),
                    WeightType.of(options.precision(), wide),
                    rounded));
      }
      long lowest = Arrays.stream(low).min().orElse(0);
      long highest = Arrays.stream(high).max().orElse(0);
      populations.add(
          new Population(
              plan.name(),
              shape(plan.shape()),
              NeuronModel.IF,
              wide,
              theta,
              v0,
              bias,
              lambdas(p),
              lowest,
              highest));
      double rms = error[2] == 0 ? 0 : Math.sqrt(error[1] / error[2]);
      double largest = 0;
      for (Grid.Channel c : exact) {
        for (double w : c.dense()) {
          largest = Math.max(largest, Math.abs(w));
        }
        for (double w : c.channelwise()) {
          largest = Math.max(largest, Math.abs(w));
        }
      }
      double scale = largest == 0 ? 1 : largest;
      report(p, theta, wide, new double[] {error[0] / scale, rms / scale}, lowest, highest, names);
    }

    /**
     * Rounds a term's weights, adds them to each channel's bounds and gathers the rounding error.
     */
    private static int[] round(ExactTerm t, int[] theta, long[] low, long[] high, double[] error) {
      int[] rounded = new int[t.weights().length];
      int per =
          t.channelwise() ? t.geometry().taps() : t.geometry().inPerGroup() * t.geometry().taps();
      for (int i = 0; i < rounded.length; i++) {
        int c = i / per + (t.channelwise() ? t.offset() : 0);
        rounded[i] = Grid.round(t.weights()[i], theta[c]);
        high[c] += Math.max(0, rounded[i]);
        low[c] += Math.min(0, rounded[i]);
        double e = Math.abs((double) rounded[i] / theta[c] - t.weights()[i]);
        error[0] = Math.max(error[0], e);
        error[1] += e * e;
        error[2]++;
      }
      return rounded;
    }

    private void analogProjection(int p, ExactTerm t, int[] theta, int range) {
      ConvGeometry g = t.geometry();
      int channels = plans.get(p).shape().channels();
      // Channel by channel becomes a grouped convolution: the input stage knows only that.
      if (t.channelwise() && (t.offset() != 0 || g.inChannels() != channels)) {
        throw SnnsimException.badData(
            "node "
                + plans.get(p).name()
                + ": a zero-padded shortcut from the image itself, expected a convolution with ReLU"
                + " before it");
      }
      float[] weights = new float[t.weights().length];
      float[] bias = new float[channels];
      int per = g.inPerGroup() * g.taps();
      for (int i = 0; i < weights.length; i++) {
        weights[i] = (float) (t.weights()[i] * theta[i / per]);
      }
      for (int c = 0; c < channels; c++) {
        bias[c] = (float) (bias(p, t.term(), c) * theta[c]);
      }
      analog.add(new InputStage.AnalogProjection(t.name(), p, g, weights, bias, -range, range));
    }

    private ExactTerm exact(int p, Lowering.Term t) {
      Lowering.Plan plan = plans.get(p);
      boolean image = t.source() == Lowering.IMAGE;
      MapShape from = image ? t.sourceShape() : plans.get(t.source()).shape();
      double kappa = image ? 1 : options.compensation();
      double ratio = kappa * (image ? 1 : lambda(t.source())) / lambda(p);
      String source = image ? "image" : plans.get(t.source()).name();
      if (plan.kind() == Lowering.Kind.AVERAGE) {
        ConvGeometry g = geometry(from, plan.shape(), plan.window(), from.channels());
        double[] w = new double[from.channels() * g.taps()];
        Arrays.fill(w, kappa / g.taps());
        return new ExactTerm(plan.name() + ".average", t, g, true, 0, w);
      }
      return switch (t.node() == null ? null : t.node().op()) {
        case AnnOp.Conv2d c -> {
          ConvGeometry g = geometry(from, plan.shape(), c.window(), c.groups());
          boolean depthwise =
              c.groups() > 1
                  && c.groups() == from.channels()
                  && plan.shape().channels() == from.channels();
          yield new ExactTerm(
              t.node().name(), t, g, depthwise, 0, scaled(c.weight().data(), ratio));
        }
        case AnnOp.Linear l -> {
          Window whole = new Window(from.height(), from.width(), 1, 1, 0, 0, 1, 1);
          ConvGeometry g = geometry(from, plan.shape(), whole, 1);
          yield new ExactTerm(t.node().name(), t, g, false, 0, scaled(l.weight().data(), ratio));
        }
        case AnnOp.ZeroPadShortcut z ->
            identity(t.node().name(), t, from, plan.shape(), z.stride(), z.channelsBefore(), ratio);
        case null -> identity(plan.name() + ".from." + source, t, from, plan.shape(), 1, 0, ratio);
        default -> throw new IllegalStateException(t.node().name());
      };
    }

    private static ExactTerm identity(
        String name,
        Lowering.Term t,
        MapShape from,
        MapShape to,
        int stride,
        int offset,
        double scale) {
      double[] w = new double[from.channels()];
      Arrays.fill(w, scale);
      ConvGeometry g =
          geometry(from, to, new Window(1, 1, stride, stride, 0, 0, 1, 1), from.channels());
      return new ExactTerm(name, t, g, true, offset, w);
    }

    private double bias(int p, Lowering.Term t, int c) {
      io.snnsim.ann.Tensor b =
          switch (t.node() == null ? null : t.node().op()) {
            case AnnOp.Conv2d conv -> conv.bias();
            case AnnOp.Linear linear -> linear.bias();
            case null, default -> null;
          };
      return b == null ? 0 : b.data()[c] / lambda(p);
    }

    private double lambda(int p) {
      return calibration.levels().get(p).lambda();
    }

    private float[] lambdas(int p) {
      float[] result = new float[plans.get(p).shape().channels()];
      Arrays.fill(result, (float) lambda(p));
      return result;
    }

    private void report(
        int p, int[] theta, boolean wide, double[] error, long low, long high, List<String> names) {
      Lowering.Plan plan = plans.get(p);
      Calibration.Level level = calibration.levels().get(p);
      reports.add(
          new ConversionReport.PopulationReport(
              plan.name(),
              plan.shape().toString(),
              plan.kind() == Lowering.Kind.GATE ? "max gate" : "IF",
              level.lambda(),
              level.max(),
              level.clippedShare(),
              Arrays.stream(theta).min().orElse(0),
              Arrays.stream(theta).max().orElse(0),
              wide ? 32 : 16,
              error[0],
              error[1],
              low,
              high,
              List.copyOf(names)));
    }

    private static double[] scaled(float[] w, double ratio) {
      double[] out = new double[w.length];
      for (int i = 0; i < w.length; i++) {
        out[i] = w[i] * ratio;
      }
      return out;
    }

    private static double[] concat(double[] a, double[] b) {
      double[] out = Arrays.copyOf(a, a.length + b.length);
      System.arraycopy(b, 0, out, a.length, b.length);
      return out;
    }

    private static Shape shape(MapShape s) {
      return new Shape(s.channels(), s.height(), s.width());
    }

    private static ConvGeometry geometry(MapShape from, MapShape to, Window w, int groups) {
      return new ConvGeometry(
          from.channels(),
          from.height(),
          from.width(),
          to.channels(),
          to.height(),
          to.width(),
          w.kernelH(),
          w.kernelW(),
          w.strideH(),
          w.strideW(),
          w.padH(),
          w.padW(),
          w.dilationH(),
          w.dilationW(),
          groups);
    }
  }
}
