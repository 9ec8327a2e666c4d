package io.snnsim.convert;

import io.snnsim.ann.AnnGraph;
import io.snnsim.ann.MapShape;
import io.snnsim.error.SnnsimException;
import io.snnsim.network.ChannelwiseProjection;
import io.snnsim.network.ConvGeometry;
import io.snnsim.network.ConvProjection;
import io.snnsim.network.GateProjection;
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
import java.util.Locale;
import java.util.Set;

/**
 * Turns a calibrated network into a spiking one. Stateless and thread-safe.
 *
 * <p>Source: Hu, Tang, Pan, "Spiking Deep Residual Network". With lambda of the source channel
 * (pre) and the target channel (post; of the ReLU after the sum where there is one):
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

  /**
   * Converts with the given options; one calibration serves any number of conversions.
   *
   * @param notes lines for the report that come before this conversion's own
   * @throws SnnsimException (bad data) naming the population whose input no grid can hold; (usage)
   *     if mean and std are not those of the network's image
   */
  public static Conversion convert(
      Calibration.Result calibration, ConvertOptions options, List<String> notes) {
    return new Run(calibration, options, notes).convert();
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
      AnnGraph graph = calibration.lowering().graph();
      MapShape in = graph.inputShape();
      if (options.mean().length != in.channels()) {
        throw SnnsimException.usage(
            "found "
                + options.mean().length
                + " means and stds, expected one a channel: "
                + in.channels());
      }
      for (int p = 0; p < plans.size(); p++) {
        if (plans.get(p).kind() == Lowering.Kind.GATE) {
          gate(p);
        } else {
          integrate(p);
        }
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
              options.precision().name().toLowerCase(Locale.ROOT),
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
      Population population =
          new Population(
              plan.name(),
              shape(plan.shape()),
              NeuronModel.MAX_GATE,
              false,
              ones,
              new int[channels],
              new int[channels],
              floats(lambda(p)),
              0,
              0);
      projections.add(
          new GateProjection(
              unused(plan.name() + ".gate"),
              source,
              p,
              RealTerm.geometry(plans.get(source).shape(), plan.shape(), plan.window(), 1)));
      add(population, new RoundingError(), List.of("gate from " + plans.get(source).name()));
    }

    private void integrate(int p) {
      List<RealTerm> terms = plans.get(p).terms().stream().map(t -> term(p, t)).toList();
      Grid.Channel[] exact = new Grid.Channel[plans.get(p).shape().channels()];
      for (int c = 0; c < exact.length; c++) {
        exact[c] = channel(terms, c);
      }
      int[] theta = narrowThetas(p, exact);
      boolean wide = theta == null;
      emit(p, terms, exact, wide ? wideThetas(p, exact) : theta, wide);
    }

    private RealTerm term(int p, Lowering.Term t) {
      Lowering.Plan plan = plans.get(p);
      boolean image = t.source() == Lowering.IMAGE;
      MapShape from = image ? t.sourceShape() : plans.get(t.source()).shape();
      double kappa = image ? 1 : options.compensation();
      if (plan.kind() == Lowering.Kind.AVERAGE) {
        String name = unused(plan.name() + ".average");
        return RealTerm.average(name, t, from, plan.shape(), plan.window(), kappa);
      }
      String source = image ? "image" : plans.get(t.source()).name();
      String name = t.node() == null ? plan.name() + ".from." + source : t.node().name();
      double[] pre = image ? ones(from.channels()) : lambda(t.source());
      return RealTerm.of(
          unused(name), t, from, plan.shape(), new RealTerm.Scale(pre, lambda(p), kappa));
    }

    // One operator may feed several populations, or one population twice.
    private String unused(String name) {
      String result = name;
      for (int k = 2; !names.add(result); k++) {
        result = name + "#" + k;
      }
      return result;
    }

    /** All real-valued inputs of channel {@code c}; the image's own come in the input stage. */
    private static Grid.Channel channel(List<RealTerm> terms, int c) {
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
      return new Grid.Channel(dense, channelwise, bias, fromImage);
    }

    /** Theta by channel, or null if the population must be wide. */
    private int[] narrowThetas(int p, Grid.Channel[] exact) {
      if (options.precision() == Precision.I32) {
        return null;
      }
      int[] theta = new int[exact.length];
      for (int c = 0; c < theta.length; c++) {
        theta[c] = Grid.narrowTheta(exact[c], options.precision());
        if (theta[c] == 0) {
          notes.add(
              "population "
                  + plans.get(p).name()
                  + " is wide (32 bits): channel "
                  + c
                  + " would need too coarse a threshold for its input to fit 16 bits");
          return null;
        }
      }
      return theta;
    }

    private int[] wideThetas(int p, Grid.Channel[] exact) {
      int[] theta = new int[exact.length];
      for (int c = 0; c < theta.length; c++) {
        theta[c] = Grid.wideTheta(exact[c]);
        if (theta[c] == 0) {
          throw SnnsimException.badData(
              "population "
                  + plans.get(p).name()
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

    /** Rounds everything that reaches population {@code p} and adds it to the network. */
    private void emit(
        int p, List<RealTerm> terms, Grid.Channel[] exact, int[] theta, boolean wide) {
      Lowering.Plan plan = plans.get(p);
      InputBound[] bounds = new InputBound[theta.length];
      int[] bias = new int[theta.length];
      int[] v0 = new int[theta.length];
      for (int c = 0; c < theta.length; c++) {
        bias[c] = Grid.round(exact[c].bias(), theta[c]);
        v0[c] = Grid.round(options.v0(), theta[c]);
        bounds[c] = new InputBound();
        bounds[c].current(bias[c]);
      }
      RoundingError error = new RoundingError();
      int images = (int) terms.stream().filter(RealTerm::fromImage).count();
      for (RealTerm t : terms) {
        if (t.fromImage()) {
          int range = (wide ? Grid.WIDE_CURRENT : Grid.NARROW_CURRENT) / images;
          analog.add(analogProjection(p, t, theta, range));
          Arrays.stream(bounds).forEach(b -> b.currentWithin(range));
        } else {
          projections.add(projection(p, t, round(t, theta, bounds, error), wide));
        }
      }
      Population population =
          new Population(
              plan.name(),
              shape(plan.shape()),
              NeuronModel.IF,
              wide,
              theta,
              v0,
              bias,
              floats(lambda(p)),
              Arrays.stream(bounds).mapToLong(InputBound::low).min().orElse(0),
              Arrays.stream(bounds).mapToLong(InputBound::high).max().orElse(0));
      add(population, error, terms.stream().map(RealTerm::name).toList());
    }

    private static int[] round(RealTerm t, int[] theta, InputBound[] bounds, RoundingError error) {
      int[] rounded = new int[t.weights().length];
      for (int i = 0; i < rounded.length; i++) {
        int c = t.target(i);
        rounded[i] = Grid.round(t.weights()[i], theta[c]);
        bounds[c].synapse(rounded[i]);
        error.add(t.weights()[i], rounded[i], theta[c]);
      }
      return rounded;
    }

    private Projection projection(int p, RealTerm t, int[] weights, boolean wide) {
      if (t.channelwise()) {
        return new ChannelwiseProjection(
            t.name(), t.source(), p, t.geometry(), t.offset(), weights);
      }
      WeightType type = WeightType.of(options.precision(), wide);
      return ConvProjection.pack(t.name(), t.source(), p, t.geometry(), type, weights);
    }

    private InputStage.AnalogProjection analogProjection(
        int p, RealTerm t, int[] theta, int range) {
      ConvGeometry g = t.geometry();
      // Channel by channel becomes a grouped convolution: the input stage knows only that.
      if (t.channelwise() && (t.offset() != 0 || g.inChannels() != theta.length)) {
        throw SnnsimException.badData(
            "node "
                + plans.get(p).name()
                + ": a zero-padded shortcut from the image itself, expected a convolution with ReLU"
                + " before it");
      }
      float[] weights = new float[t.weights().length];
      for (int i = 0; i < weights.length; i++) {
        weights[i] = (float) (t.weights()[i] * theta[t.target(i)]);
      }
      float[] bias = new float[theta.length];
      for (int c = 0; c < bias.length; c++) {
        bias[c] = (float) (t.biasOf(c) * theta[c]);
      }
      return new InputStage.AnalogProjection(t.name(), p, g, weights, bias, -range, range);
    }

    private void add(Population p, RoundingError error, List<String> inputs) {
      Calibration.Level level = calibration.levels().get(populations.size());
      populations.add(p);
      reports.add(
          new ConversionReport.PopulationReport(
              p.name(),
              p.shape().toString(),
              p.model() == NeuronModel.MAX_GATE ? "max gate" : "IF",
              Arrays.stream(level.lambda()).max().orElse(0),
              Arrays.stream(level.max()).max().orElse(0),
              level.clippedShare(),
              Arrays.stream(p.theta()).min().orElse(0),
              Arrays.stream(p.theta()).max().orElse(0),
              p.wide() ? 32 : 16,
              error.max(),
              error.rms(),
              p.boundLow(),
              p.boundHigh(),
              List.copyOf(inputs)));
    }

    private double[] lambda(int p) {
      return calibration.levels().get(p).lambda();
    }

    private static double[] ones(int n) {
      double[] result = new double[n];
      Arrays.fill(result, 1);
      return result;
    }

    private static float[] floats(double[] values) {
      float[] result = new float[values.length];
      for (int i = 0; i < result.length; i++) {
        result[i] = (float) values[i];
      }
      return result;
    }

    private static double[] concat(double[] a, double[] b) {
      double[] out = Arrays.copyOf(a, a.length + b.length);
      System.arraycopy(b, 0, out, a.length, b.length);
      return out;
    }

    private static Shape shape(MapShape s) {
      return new Shape(s.channels(), s.height(), s.width());
    }
  }
}
