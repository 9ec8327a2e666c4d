// SPDX-License-Identifier: Apache-2.0
package io.snnsim.report;

import io.snnsim.error.Shown;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Layer by layer, the ANN's activations against spike rates, as docs/schema/compare.md describes
 * it. Immutable. Activations are in units of lambda, so that both run from 0 to 1.
 *
 * @param schemaVersion 1
 * @param agreement share of images in which SNN and ANN answer the same
 * @param snnAccuracy share of right answers, or null without labels
 * @param annAccuracy of the ANN, or null without labels
 * @param tolerance relative error from which a layer counts as wrong
 * @param firstWrong the first layer whose relative error exceeds the tolerance, or null
 * @param verdict which layer goes wrong and why, in a sentence
 */
public record CompareReport(
    int schemaVersion,
    int samples,
    int samplesPlanned,
    int steps,
    double agreement,
    Double snnAccuracy,
    Double annAccuracy,
    double tolerance,
    String firstWrong,
    String verdict,
    List<Layer> layers,
    List<String> notCompared,
    Energy energy,
    String kernel,
    Map<String, Object> model,
    Map<String, Object> host,
    String program) {
  /**
   * One population; means are over its neurons and all images.
   *
   * @param readout what stands for the rate: {@code rate}, or {@code input} for an output that no
   *     ReLU follows, whose activations may be negative
   * @param correlation Pearson's, or null where one side does not vary
   * @param meanError mean of |rate - activation|
   * @param bias mean of rate - activation
   * @param relativeError root mean square of the error / that of the activations
   * @param clippedShare share of activations above lambda
   * @param saturatedShare share of neurons that fire in every step
   * @param saturatedPotentials neurons, added up over the images, whose membrane potential stood at
   *     an end of its type's range in an image's last step
   * @param deadNeurons neurons that never fire, although in some image the ANN's activation is
   *     worth a spike
   * @param firstSpikeStep mean step of the first spike (from 1) of neurons that fire, or null
   * @param negativeSpikeShare share of spikes that take an earlier one back
   * @param inheritedError mean of |input - activation|: what came in with the spikes of others
   * @param cutError mean error made here where the input exceeds one spike a step
   * @param earlyError mean error made here by spikes that later input would have prevented
   * @param unevenError mean error made here by what is left on the membrane
   */
  public record Layer(
      String name,
      int neurons,
      String readout,
      Double correlation,
      double meanAnn,
      double meanRate,
      double meanError,
      double bias,
      double relativeError,
      Worst worst,
      double clippedShare,
      double saturatedShare,
      long saturatedPotentials,
      int deadNeurons,
      Double firstSpikeStep,
      double negativeSpikeShare,
      double inheritedError,
      double cutError,
      double earlyError,
      double unevenError,
      List<float[]> sample) {
    /** Errors made in this layer itself. */
    public double ownError() {
      return cutError + earlyError + unevenError;
    }
  }

  /** The neuron whose rate is farthest from the ANN's activation. */
  public record Worst(
      double error, int image, int channel, int y, int x, double ann, double rate) {}

  private static final double HALF = 0.5;

  /** The first layer whose relative error exceeds the tolerance, or null. */
  public static Layer firstWrong(List<Layer> layers, double tolerance) {
    return layers.stream().filter(l -> l.relativeError() > tolerance).findFirst().orElse(null);
  }

  /** Which layer goes wrong and why. */
  public static String verdict(List<Layer> layers, double tolerance, int steps) {
    if (layers.isEmpty()) {
      return "no layer could be compared";
    }
    Layer wrong = firstWrong(layers, tolerance);
    if (wrong == null) {
      Layer most =
          layers.stream()
              .max(java.util.Comparator.comparingDouble(Layer::relativeError))
              .orElseThrow();
      return String.format(
          Locale.ROOT,
          "no layer goes wrong: the largest relative error is %.2f, in %s (tolerance %.2f)",
          most.relativeError(),
          Shown.text(most.name()),
          tolerance);
    }
    String where =
        String.format(
            Locale.ROOT,
            "%s goes wrong first: relative error %.2f (tolerance %.2f). ",
            Shown.text(wrong.name()),
            wrong.relativeError(),
            tolerance);
    return where + why(layers, wrong, steps);
  }

  private static String why(List<Layer> layers, Layer wrong, int steps) {
    double all = wrong.ownError() + wrong.inheritedError();
    if (wrong.meanRate() == 0 && wrong.meanAnn() != 0) {
      return "None of its neurons fires in "
          + steps
          + " steps; run more steps, or check mean, std and calibration images";
    }
    if (wrong.inheritedError() > HALF * all) {
      Layer source =
          layers.subList(0, layers.indexOf(wrong) + 1).stream()
              .max(java.util.Comparator.comparingDouble(Layer::ownError))
              .orElseThrow();
      return share(wrong.inheritedError(), all)
          + " of it came in with the spikes it receives. Of the layers up to there "
          + Shown.text(source.name())
          + " adds most itself, "
          + reason(source, steps);
    }
    return share(wrong.ownError(), all) + " of it is made there, " + reason(wrong, steps);
  }

  private static String reason(Layer l, int steps) {
    double own = l.ownError();
    if (l.cutError() >= Math.max(l.earlyError(), l.unevenError())) {
      return share(l.cutError(), own)
          + " of that because its input exceeds one spike a step; convert with a larger lambda"
          + " (--percentile nearer to 100)";
    }
    if (l.earlyError() >= l.unevenError()) {
      return share(l.earlyError(), own)
          + " of that because neurons fire before the input that would have prevented it; "
          + fit(steps)
          + ", whose neurons take such spikes back";
    }
    return String.format(
        Locale.ROOT,
        "%s of that because %d steps resolve rates to 1/%d and its mean rate is %.3f; %s",
        share(l.unevenError(), own),
        steps,
        steps,
        l.meanRate(),
        fit(steps));
  }

  private static String fit(int steps) {
    return "run more steps, or convert with --preset low-latency --target-steps " + steps;
  }

  private static String share(double part, double all) {
    return String.format(Locale.ROOT, "%.0f %%", all == 0 ? 0 : 100 * part / all);
  }

  /** The report for eyes. */
  public String toText() {
    StringBuilder s = new StringBuilder();
    if (samples < samplesPlanned) {
      s.append(
          String.format(Locale.ROOT, "interrupted: %d of %d images%n", samples, samplesPlanned));
    }
    s.append(
        String.format(
            Locale.ROOT,
            "%s, %d images, %d steps; SNN and ANN agree in %.2f %%",
            Shown.text(model.get("name").toString()),
            samples,
            steps,
            100 * agreement));
    if (snnAccuracy != null) {
      s.append(
          String.format(
              Locale.ROOT, " (accuracy %.2f and %.2f %%)", 100 * snnAccuracy, 100 * annAccuracy));
    }
    s.append(
        String.format(
            Locale.ROOT,
            "%n%-18s %7s %7s %7s %7s %7s %7s %7s %7s %6s %6s | %6s %6s %6s %6s%n",
            "layer",
            "corr",
            "ANN",
            "rate",
            "error",
            "rel.",
            "worst",
            "clip %",
            "full %",
            "dead",
            "first",
            "input",
            "cut",
            "early",
            "uneven"));
    for (Layer l : layers) {
      s.append(
          String.format(
              Locale.ROOT,
              "%-18s %7s %7.4f %7.4f %7.4f %7.3f %7.3f %7.2f %7.2f %6d %6s | %6.4f %6.4f %6.4f"
                  + " %6.4f%s%n",
              Shown.text(l.name()),
              l.correlation() == null ? "-" : String.format(Locale.ROOT, "%.4f", l.correlation()),
              l.meanAnn(),
              l.meanRate(),
              l.meanError(),
              l.relativeError(),
              l.worst().error(),
              100 * l.clippedShare(),
              100 * l.saturatedShare(),
              l.deadNeurons(),
              l.firstSpikeStep() == null
                  ? "-"
                  : String.format(Locale.ROOT, "%.1f", l.firstSpikeStep()),
              l.inheritedError(),
              l.cutError(),
              l.earlyError(),
              l.unevenError(),
              l.name().equals(firstWrong) ? "  <-- first wrong" : ""));
    }
    for (String name : notCompared) {
      s.append(name).append(": not compared, the ANN has no such layer\n");
    }
    for (Layer l : layers) {
      if (l.saturatedPotentials() > 0) {
        s.append(Shown.text(l.name())).append(": ").append(l.saturatedPotentials());
        s.append(" membrane potentials saturated in the last step of an image\n");
      }
    }
    s.append(verdict).append('\n');
    return s.append(energy.toText()).toString();
  }
}
