// SPDX-License-Identifier: Apache-2.0
package io.snnsim.convert.scheme;

import io.snnsim.ann.AnnGraph;
import io.snnsim.convert.Conversion;
import io.snnsim.convert.ConversionReport;
import io.snnsim.convert.ConvertOptions;
import io.snnsim.convert.SchemeOptions;
import io.snnsim.error.SnnsimException;
import io.snnsim.geometry.ConvGeometry;
import io.snnsim.geometry.MapShape;
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
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Puts a spiking network together, population after population in topological order: from real
 * weights and lambdas to integers on the grid. Confined to one thread.
 */
public final class NetworkBuilder {
  /** Thresholds looked at below the finest until a shortcut is exact and all weights still fit. */
  private static final int TRIES = 64;

  /**
   * A population as it stands in the network, with its inputs as integers in units of its grid.
   *
   * @param level with the lambda that it has in the end
   * @param terms what flows in, in units of the threshold
   * @param weights of each term; null for those of the image
   * @param analog of each term that the image drives; null for the others
   */
  public record Built(
      Population population,
      Calibration.Level level,
      List<RealTerm> terms,
      List<int[]> weights,
      List<InputStage.AnalogProjection> analog) {}

  private final AnnGraph graph;
  private final ConvertOptions options;
  private final SchemeOptions scheme;
  private final List<String> notes;
  private final List<Lowering.Plan> plans = new ArrayList<>();
  private final List<Calibration.Level> levels = new ArrayList<>();
  private final List<Population> populations = new ArrayList<>();
  private final List<Projection> projections = new ArrayList<>();
  private final List<InputStage.AnalogProjection> analog = new ArrayList<>();
  private final List<ConversionReport.PopulationReport> reports = new ArrayList<>();
  private final Set<String> names = new HashSet<>();
  private Double ridge;
  private double[] furthest;
  private double[] largest;

  /**
   * Begins a network.
   *
   * @param notes lines of the report, to which the builder adds
   * @throws SnnsimException (usage) if mean and std are not those of the network's image
   */
  public NetworkBuilder(AnnGraph graph, ConvertOptions options, List<String> notes) {
    this.graph = graph;
    this.options = options;
    this.scheme = options.scheme();
    this.notes = notes;
    MapShape in = graph.inputShape();
    if (options.normalisation().channels() != in.channels()) {
      throw SnnsimException.usage(
          "found "
              + options.normalisation().channels()
              + " means and stds, expected one a channel: "
              + in.channels());
    }
  }

  /**
   * Adds a population.
   *
   * @param level its lambda and what was measured of it
   * @param output true if it is the last one
   */
  public Built add(Lowering.Plan plan, Calibration.Level level, boolean output) {
    return add(plan, level, output, null, null);
  }

  /**
   * The same for a population whose input is known.
   *
   * @param furthestV how far V goes from 0 by channel, in units of theta; null if nobody knows
   * @param fitRidge for the report: ridge that the weights were fitted with, or null
   */
  public Built add(
      Lowering.Plan plan,
      Calibration.Level level,
      boolean output,
      double[] furthestV,
      Double fitRidge) {
    ridge = fitRidge;
    largest = level.max();
    furthest = furthestV == null ? new double[plan.shape().channels()] : furthestV;
    return plan.kind() == Lowering.Kind.GATE
        ? gate(plan, level, output)
        : integrate(plan, level, output);
  }

  public Conversion finish(double percentile, int images) {
    MapShape in = graph.inputShape();
    Network network =
        new Network(
            graph.name(),
            options.precision(),
            new InputStage(
                in,
                options.normalisation().mean(),
                options.normalisation().std(),
                List.copyOf(analog)),
            populations,
            projections,
            populations.size() - 1);
    ConversionReport report =
        new ConversionReport(
            graph.name(),
            options.precision().name().toLowerCase(Locale.ROOT),
            percentile,
            options.v0(),
            options.compensation(),
            images,
            scheme,
            List.copyOf(reports),
            List.copyOf(notes));
    return new Conversion(network, report, graph);
  }

  /** lambda by channel of population {@code p}, as it stands in the network. */
  public double[] lambda(int p) {
    return levels.get(p).lambda();
  }

  private Built gate(Lowering.Plan plan, Calibration.Level level, boolean output) {
    if (output && scheme.signed()) {
      throw SnnsimException.badData(
          "node "
              + plan.name()
              + ": the network ends in max pooling, which has no membrane potential to read; end it"
              + " in a Linear layer or an average, or convert with --preset s-resnet");
    }
    int channels = plan.shape().channels();
    int source = plan.terms().getFirst().source();
    int[] ones = new int[channels];
    Arrays.fill(ones, 1);
    Population population =
        new Population(
            plan.name(),
            plan.shape(),
            NeuronModel.MAX_GATE,
            false,
            new Population.Channels(
                ones, new int[channels], new int[channels], floats(level.lambda())),
            new NeuronModel.InputRange(0, 0));
    projections.add(
        new GateProjection(
            unused(plan.name() + ".gate"),
            source,
            populations.size(),
            new ConvGeometry(plans.get(source).shape(), plan.shape(), plan.window(), 1)));
    add(
        plan,
        population,
        level,
        new RoundingError(),
        List.of("gate from " + plans.get(source).name()));
    return new Built(population, level, List.of(), List.of(), List.of());
  }

  private Built integrate(Lowering.Plan plan, Calibration.Level level, boolean output) {
    List<String> termNames = plan.terms().stream().map(t -> unused(name(plan, t))).toList();
    // The membrane readout needs the whole integrated input, which 16 bits need not hold.
    boolean whole = output && scheme.signed();
    double[] lambda = level.lambda();
    int[] theta = whole ? null : narrowThetas(plan, channels(terms(plan, termNames, lambda)));
    boolean wide = theta == null;
    if (!wide && scheme.gridCorrection() && !output) {
      lambda = exactShortcuts(plan, termNames, lambda, theta);
    }
    List<RealTerm> terms = terms(plan, termNames, lambda);
    Grid.Channel[] exact = channels(terms);
    if (wide) {
      theta = wideThetas(plan, exact);
    }
    Calibration.Level kept =
        lambda == level.lambda()
            ? level
            : new Calibration.Level(lambda, level.max(), level.clippedShare());
    return emit(plan, kept, terms, exact, theta, wide);
  }

  private List<RealTerm> terms(Lowering.Plan plan, List<String> termNames, double[] lambda) {
    List<RealTerm> result = new ArrayList<>();
    for (int i = 0; i < termNames.size(); i++) {
      result.add(term(plan, plan.terms().get(i), termNames.get(i), lambda));
    }
    return result;
  }

  private RealTerm term(Lowering.Plan plan, Lowering.Term t, String name, double[] lambda) {
    boolean image = t.source() == Lowering.IMAGE;
    MapShape from = image ? t.sourceShape() : plans.get(t.source()).shape();
    double kappa = image ? 1 : options.compensation();
    if (plan.kind() == Lowering.Kind.AVERAGE) {
      double[] pre = lambda(t.source());
      RealTerm.Scale scale = new RealTerm.Scale(pre, lambda, kappa);
      return RealTerm.average(name, t, from, plan.shape(), plan.window(), scale);
    }
    double[] pre = image ? ones(from.channels()) : lambda(t.source());
    return RealTerm.of(name, t, from, plan.shape(), new RealTerm.Scale(pre, lambda, kappa));
  }

  private String name(Lowering.Plan plan, Lowering.Term t) {
    if (plan.kind() == Lowering.Kind.AVERAGE) {
      return plan.name() + ".average";
    }
    String source = t.source() == Lowering.IMAGE ? "image" : plans.get(t.source()).name();
    return t.name() == null ? plan.name() + ".from." + source : t.name();
  }

  // One operator may feed several populations, or one population twice.
  private String unused(String name) {
    String result = name;
    for (int k = 2; !names.add(result); k++) {
      result = name + "#" + k;
    }
    return result;
  }

  private Grid.Channel[] channels(List<RealTerm> terms) {
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
    return new Grid.Channel(dense, channelwise, bias, fromImage, scheme.signed());
  }

  /** Theta by channel, or null if the population must be wide. */
  private int[] narrowThetas(Lowering.Plan plan, Grid.Channel[] exact) {
    if (options.precision() == Precision.I32) {
      return null;
    }
    int[] theta = new int[exact.length];
    for (int c = 0; c < theta.length; c++) {
      theta[c] = Grid.narrowTheta(exact[c], options.precision(), furthest[c], largest[c] > 0);
      if (theta[c] == 0) {
        notes.add(
            "population "
                + plan.name()
                + " is wide (32 bits): channel "
                + c
                + " would need too coarse a threshold for its input to fit 16 bits");
        return null;
      }
    }
    return theta;
  }

  private int[] wideThetas(Lowering.Plan plan, Grid.Channel[] exact) {
    int[] theta = new int[exact.length];
    for (int c = 0; c < theta.length; c++) {
      theta[c] = Grid.wideTheta(exact[c]);
      if (theta[c] == 0) {
        throw SnnsimException.badData(
            "population "
                + plan.name()
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
   * @param theta changed where the moved weights need a coarser one
   * @return the moved lambdas
   */
  private double[] exactShortcuts(
      Lowering.Plan plan, List<String> termNames, double[] lambda, int[] theta) {
    List<RealTerm> terms = terms(plan, termNames, lambda);
    int shortcut = 0;
    while (shortcut < terms.size() && !plan.terms().get(shortcut).isShortcut()) {
      shortcut++;
    }
    if (shortcut == terms.size() || plan.kind() != Lowering.Kind.SUM) {
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
        if (units > 0 && Grid.narrowHolds(channel.over(factor), t, options.precision())) {
          moved[c] = lambda[c] * factor;
          theta[c] = t;
          break;
        }
      }
    }
    return moved;
  }

  /** Rounds everything that reaches a population and adds it to the network. */
  private Built emit(
      Lowering.Plan plan,
      Calibration.Level level,
      List<RealTerm> terms,
      Grid.Channel[] exact,
      int[] theta,
      boolean wide) {
    int p = populations.size();
    InputBound[] bounds = new InputBound[theta.length];
    int[] bias = new int[theta.length];
    int[] v0 = new int[theta.length];
    for (int c = 0; c < theta.length; c++) {
      bias[c] = Grid.round(exact[c].bias(), theta[c]);
      v0[c] = Grid.round(options.v0(), theta[c]) + lostBias(exact[c].bias(), bias[c], theta[c]);
      bounds[c] = new InputBound();
      bounds[c].current(bias[c]);
    }
    RoundingError error = new RoundingError();
    int images = (int) terms.stream().filter(RealTerm::fromImage).count();
    List<int[]> weights = new ArrayList<>();
    List<InputStage.AnalogProjection> currents = new ArrayList<>();
    for (RealTerm t : terms) {
      if (t.fromImage()) {
        int range = (wide ? Grid.WIDE_CURRENT : Grid.NARROW_CURRENT) / images;
        weights.add(null);
        currents.add(analogProjection(plan, p, t, theta, range));
        Arrays.stream(bounds).forEach(b -> b.currentWithin(range));
      } else {
        weights.add(round(t, theta, bounds, error));
        currents.add(null);
        projections.add(projection(p, t, weights.getLast(), wide));
      }
    }
    currents.stream().filter(a -> a != null).forEach(analog::add);
    Population population =
        new Population(
            plan.name(),
            plan.shape(),
            scheme.signed() ? NeuronModel.SIGNED_IF : NeuronModel.IF,
            wide,
            new Population.Channels(theta, v0, bias, floats(level.lambda())),
            new NeuronModel.InputRange(
                Arrays.stream(bounds).mapToLong(InputBound::low).min().orElse(0),
                Arrays.stream(bounds).mapToLong(InputBound::high).max().orElse(0)));
    add(plan, population, level, error, terms.stream().map(RealTerm::name).toList());
    return new Built(population, level, terms, weights, currents);
  }

  /** What rounding takes from a bias over the target steps, in grid units. */
  private int lostBias(double bias, int rounded, int theta) {
    if (!scheme.gridCorrection() || scheme.targetSteps() == 0) {
      return 0;
    }
    return (int) Math.rint(scheme.targetSteps() * (bias * theta - rounded));
  }

  private int[] round(RealTerm t, int[] theta, InputBound[] bounds, RoundingError error) {
    int[] rounded = new int[t.weights().length];
    for (int i = 0; i < rounded.length; i++) {
      int c = t.target(i);
      rounded[i] = Grid.round(t.weights()[i], theta[c]);
      bounds[c].synapse(rounded[i], scheme.signed());
      error.add(t.weights()[i], rounded[i], theta[c]);
    }
    return rounded;
  }

  private Projection projection(int p, RealTerm t, int[] weights, boolean wide) {
    if (t.channelwise()) {
      return new ChannelwiseProjection(t.name(), t.source(), p, t.geometry(), t.offset(), weights);
    }
    WeightType type = WeightType.of(options.precision(), wide);
    return ConvProjection.pack(t.name(), t.source(), p, t.geometry(), type, weights);
  }

  private static InputStage.AnalogProjection analogProjection(
      Lowering.Plan plan, int p, RealTerm t, int[] theta, int range) {
    ConvGeometry g = t.geometry();
    // Channel by channel becomes a grouped convolution: the input stage knows only that.
    if (t.channelwise() && (t.offset() != 0 || g.inChannels() != theta.length)) {
      throw SnnsimException.badData(
          "node "
              + plan.name()
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

  private void add(
      Lowering.Plan plan,
      Population p,
      Calibration.Level level,
      RoundingError error,
      List<String> inputs) {
    plans.add(plan);
    levels.add(level);
    populations.add(p);
    reports.add(
        new ConversionReport.PopulationReport(
            p.name(),
            p.shape().toString(),
            p.model().label(),
            Arrays.stream(level.lambda()).max().orElse(0),
            Arrays.stream(level.max()).max().orElse(0),
            level.clippedShare(),
            Arrays.stream(p.theta()).min().orElse(0),
            Arrays.stream(p.theta()).max().orElse(0),
            p.wide() ? 32 : 16,
            error.max(),
            error.rms(),
            ridge,
            p.boundLow(),
            p.boundHigh(),
            List.copyOf(inputs)));
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
}
