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
import io.snnsim.network.GateProjection;
import io.snnsim.network.InputStage;
import io.snnsim.network.Network;
import io.snnsim.network.NeuronModel;
import io.snnsim.network.Population;
import io.snnsim.network.Projection;
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
      List<InputStage.AnalogProjection> analog) {
    /** Weights of each term as they stand in the network, in the type that products have. */
    public TermSum.Weights[] rounded() {
      TermSum.Weights[] result = new TermSum.Weights[terms.size()];
      for (int i = 0; i < result.length; i++) {
        InputStage.AnalogProjection a = analog.get(i);
        result[i] =
            a == null
                ? new TermSum.Weights(terms.get(i), floats(weights.get(i)), null)
                : new TermSum.Weights(terms.get(i), a.weights(), a.bias());
      }
      return result;
    }

    private static float[] floats(int[] values) {
      float[] result = new float[values.length];
      for (int i = 0; i < result.length; i++) {
        result[i] = values[i];
      }
      return result;
    }
  }

  private final AnnGraph graph;
  private final ConvertOptions options;
  private final SchemeOptions scheme;
  private final List<String> notes;
  private final List<Lowering.Draft> drafts = new ArrayList<>();
  private final List<Calibration.Level> levels = new ArrayList<>();
  private final List<Population> populations = new ArrayList<>();
  private final List<Projection> projections = new ArrayList<>();
  private final List<InputStage.AnalogProjection> analog = new ArrayList<>();
  private final List<ConversionReport.PopulationReport> reports = new ArrayList<>();
  private final Set<String> names = new HashSet<>();

  /**
   * A population to add.
   *
   * @param level its lambda and what was measured of it
   * @param output true if it is the last one
   * @param known of its input
   */
  private record Task(Lowering.Draft draft, Calibration.Level level, boolean output, Known known) {}

  /**
   * What a fit knows of a population's input.
   *
   * @param furthest how far V goes from 0 by channel, in units of theta
   * @param v0 V(0) by channel, in units of theta; null for that of the options
   * @param ridge that the weights were fitted with, or null
   */
  public record Known(double[] furthest, double[] v0, Double ridge) {
    /** Furthest that a V(0) is from 0, in units of theta. */
    double mostV0(double ofOptions) {
      double most = v0 == null ? Math.abs(ofOptions) : 0;
      for (int c = 0; v0 != null && c < v0.length; c++) {
        most = Math.max(most, Math.abs(v0[c]));
      }
      return most;
    }
  }

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
  public Built add(Lowering.Draft draft, Calibration.Level level, boolean output) {
    return add(draft, level, output, new Known(new double[draft.shape().channels()], null, null));
  }

  /**
   * The same for a population whose input is known.
   *
   * @param known what a fit knows of it
   */
  public Built add(Lowering.Draft draft, Calibration.Level level, boolean output, Known known) {
    Task task = new Task(draft, level, output, known);
    return draft.kind() == Lowering.Kind.GATE ? gate(task) : integrate(task);
  }

  /** The network and its report. */
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

  private Built gate(Task task) {
    Lowering.Draft draft = task.draft();
    Calibration.Level level = task.level();
    if (task.output() && scheme.wholeOutput()) {
      throw SnnsimException.badData(
          "node "
              + draft.name()
              + ": the network ends in max pooling, which has no membrane potential to read; end it"
              + " in a Linear layer or an average, or convert with --preset s-resnet");
    }
    int channels = draft.shape().channels();
    int source = draft.terms().getFirst().source();
    int[] ones = new int[channels];
    Arrays.fill(ones, 1);
    Population population =
        new Population(
            draft.name(),
            draft.shape(),
            scheme.fewSpike()
                ? new NeuronModel.MaxRace(scheme.targetSteps())
                : NeuronModel.MAX_GATE,
            false,
            new Population.Channels(
                ones, new int[channels], new int[channels], floats(level.lambda())),
            new NeuronModel.InputRange(0, 0));
    projections.add(
        new GateProjection(
            unused(draft.name() + ".gate"),
            source,
            populations.size(),
            new ConvGeometry(drafts.get(source).shape(), draft.shape(), draft.window(), 1)));
    add(
        task,
        level,
        population,
        new RoundingError(),
        List.of("gate from " + drafts.get(source).name()));
    return new Built(population, level, List.of(), List.of(), List.of());
  }

  private Built integrate(Task task) {
    Lowering.Draft draft = task.draft();
    Calibration.Level level = task.level();
    List<String> termNames = draft.terms().stream().map(t -> unused(name(draft, t))).toList();
    // The membrane readout needs the whole integrated input, which 16 bits need not hold.
    boolean whole = task.output() && scheme.wholeOutput();
    Thresholds thresholds = new Thresholds(draft, options, task.known(), level.max());
    double[] lambda = level.lambda();
    List<RealTerm> terms = terms(draft, termNames, lambda);
    int[] theta = whole ? null : thresholds.narrow(thresholds.channels(terms), notes);
    boolean wide = theta == null;
    if (!wide && scheme.gridCorrection() && !task.output()) {
      lambda = thresholds.exactShortcuts(terms, lambda, theta);
      terms = terms(draft, termNames, lambda);
    }
    Grid.Channel[] exact = thresholds.channels(terms);
    if (wide) {
      theta = thresholds.wide(exact);
    }
    Calibration.Level kept =
        lambda == level.lambda()
            ? level
            : new Calibration.Level(lambda, level.max(), level.clippedShare());
    PopulationRounding rounding =
        new PopulationRounding(options, populations.size(), exact, theta, wide, task.known().v0());
    int images = (int) terms.stream().filter(RealTerm::fromImage).count();
    for (RealTerm t : terms) {
      if (t.fromImage()) {
        rounding.current(draft.name(), t, images);
      } else {
        projections.add(rounding.synapses(t));
      }
    }
    rounding.currents().stream().filter(a -> a != null).forEach(analog::add);
    Population population =
        new Population(
            draft.name(),
            draft.shape(),
            neurons(),
            wide,
            new Population.Channels(theta, rounding.v0(), rounding.bias(), floats(kept.lambda())),
            new NeuronModel.InputRange(rounding.low(), rounding.high()));
    add(task, kept, population, rounding.error(), terms.stream().map(RealTerm::name).toList());
    return new Built(population, kept, terms, rounding.weights(), rounding.currents());
  }

  private NeuronModel neurons() {
    return scheme.fewSpike()
        ? new NeuronModel.FewSpike(scheme.targetSteps())
        : scheme.signed() ? NeuronModel.SIGNED_IF : NeuronModel.IF;
  }

  private List<RealTerm> terms(Lowering.Draft draft, List<String> termNames, double[] lambda) {
    List<RealTerm> result = new ArrayList<>();
    for (int i = 0; i < termNames.size(); i++) {
      result.add(term(draft, draft.terms().get(i), termNames.get(i), lambda));
    }
    return result;
  }

  private RealTerm term(Lowering.Draft draft, Lowering.Term t, String name, double[] lambda) {
    boolean image = t.source() == Lowering.IMAGE;
    MapShape from = image ? t.sourceShape() : drafts.get(t.source()).shape();
    double kappa = image ? 1 : options.compensation();
    if (draft.kind() == Lowering.Kind.AVERAGE) {
      double[] pre = lambda(t.source());
      RealTerm.Scale scale = new RealTerm.Scale(pre, lambda, kappa);
      return RealTerm.average(name, t, from, draft.shape(), draft.window(), scale);
    }
    double[] pre = image ? ones(from.channels()) : lambda(t.source());
    return RealTerm.of(name, t, from, draft.shape(), new RealTerm.Scale(pre, lambda, kappa));
  }

  private String name(Lowering.Draft draft, Lowering.Term t) {
    if (draft.kind() == Lowering.Kind.AVERAGE) {
      return draft.name() + ".average";
    }
    String source = t.source() == Lowering.IMAGE ? "image" : drafts.get(t.source()).name();
    return t.name() == null ? draft.name() + ".from." + source : t.name();
  }

  // One operator may feed several populations, or one population twice.
  private String unused(String name) {
    String result = name;
    for (int k = 2; !names.add(result); k++) {
      result = name + "#" + k;
    }
    return result;
  }

  private void add(
      Task task, Calibration.Level level, Population p, RoundingError error, List<String> inputs) {
    drafts.add(task.draft());
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
            task.known().ridge(),
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
}
