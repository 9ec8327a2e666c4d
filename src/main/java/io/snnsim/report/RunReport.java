// SPDX-License-Identifier: Apache-2.0
package io.snnsim.report;

import io.snnsim.error.Shown;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What a run gave, as docs/schema/run.md describes it. Immutable.
 *
 * @param schemaVersion 1
 * @param samples images that ran to their end
 * @param samplesPlanned images asked for; more than {@code samples} after an interruption
 * @param steps time steps an image, at most if images may end early
 * @param accuracyAtStep share of right answers after each step, or null without labels, null too
 *     where there is no answer yet; an image that ended early keeps its answer
 * @param annAccuracy share of right answers of the ANN on the same images, or null if not known
 * @param predictions class of each image after the last step, -1 where it did not finish
 * @param layers by population, in update order
 * @param silentLayers populations that never fired over all samples; empty without samples
 * @param saturatedPotentials sum over {@code layers}
 * @param kernel kernels in use
 * @param kernelReason why those
 * @param earlyExit what ending images early gave, or null if all ran all steps
 * @param program name, version and build of the program
 */
public record RunReport(
    int schemaVersion,
    int samples,
    int samplesPlanned,
    int steps,
    Double[] accuracyAtStep,
    Double annAccuracy,
    int[] predictions,
    List<Layer> layers,
    List<String> silentLayers,
    double spikesPerImageStep,
    double negativeSpikesPerImageStep,
    double synapticOpsPerImageStep,
    long saturatedPotentials,
    Timing timing,
    String kernel,
    String kernelReason,
    int threads,
    String input,
    long seed,
    String readout,
    int readoutAfter,
    EarlyExit earlyExit,
    Map<String, Object> model,
    Map<String, Object> host,
    String program) {
  /**
   * One population. Spikes are positive and negative ones together, and synaptic operations those
   * that both cause.
   *
   * @param saturatedPotentials neurons, added up over the images, that spiked with their membrane
   *     potential at an end of its type's range in an image's last step
   */
  public record Layer(
      String name,
      int neurons,
      double spikesPerImageStep,
      double negativeSpikesPerImageStep,
      double firingRate,
      double synapticOpsPerImageStep,
      long saturatedPotentials) {}

  /**
   * What it gave that images end when their decision is safe.
   *
   * @param factor how many errors of the margin are safe
   * @param meanSteps steps an image ran, mean
   * @param steps steps that each image ran; -1 where it did not finish
   * @param synapticOpsPerImage up to its last step, mean
   * @param synapticOpsPerImageOfAllSteps the same without early exit, of the calibration images
   * @param synapticOpsSaved share of them
   * @param calibrationImages that errors of margins were measured on
   * @param heldBack nothing was fitted to these
   */
  public record EarlyExit(
      double factor,
      double meanSteps,
      int[] steps,
      double synapticOpsPerImage,
      double synapticOpsPerImageOfAllSteps,
      double synapticOpsSaved,
      int calibrationImages,
      boolean heldBack) {}

  /**
   * Times in milliseconds, of all images, the first ones included, which wait for the JVM's
   * compilers; the percentiles are of one image with all its steps.
   *
   * @param start what came before the steady state
   * @param steady what images take once their code is compiled, or null if there were too few
   */
  public record Timing(
      double msPerImageStep,
      double totalSeconds,
      double imageMsP50,
      double imageMsP90,
      double imageMsP99,
      double imageMsP99_9,
      double imageMsMax,
      Start start,
      Steady steady) {}

  /**
   * The start of a run.
   *
   * @param firstAnswerSeconds from the start of the command to the first image's answer, or null
   *     without an answer
   * @param excessSeconds what the images before the steady ones took more than as many steps of the
   *     steady state, all threads together; null without a steady state
   */
  public record Start(Double firstAnswerSeconds, Double excessSeconds) {}

  /**
   * The steady state: medians over the later half of the images.
   *
   * @param images that the medians are of
   * @param imageMs of one image with all its steps, on one thread
   * @param settled if not, the last of these images were still faster than those before them
   */
  public record Steady(int images, double imageMs, double msPerImageStep, boolean settled) {}

  private static final int BAR = 50;

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
            "%s, %s, %s, kernel %s (%s), %s%n",
            Shown.text(model.get("name").toString()),
            count(samples, "image"),
            count(steps, "step"),
            kernel,
            kernelReason,
            count(threads, "thread")));
    if (accuracyAtStep == null) {
      s.append("accuracy: not known, the images have no labels\n");
    } else if (samples > 0) {
      plot(s);
    }
    if (earlyExit != null && samples > 0) {
      s.append(
          String.format(
              Locale.ROOT,
              "early exit: %.2f of %d steps an image (margin %s errors), %.1f %% of synaptic"
                  + " operations saved%n",
              earlyExit.meanSteps(),
              steps,
              earlyExit.factor(),
              100 * earlyExit.synapticOpsSaved()));
    }
    s.append(
        String.format(
            Locale.ROOT,
            "%-18s %9s %14s %8s %16s%n",
            "population",
            "neurons",
            "spikes/step",
            "rate",
            "ops/step"));
    for (Layer l : layers) {
      s.append(
          String.format(
              Locale.ROOT,
              "%-18s %9d %14.1f %8.4f %16.0f%s%n",
              Shown.text(l.name()),
              l.neurons(),
              l.spikesPerImageStep(),
              l.firingRate(),
              l.synapticOpsPerImageStep(),
              silentLayers.contains(l.name()) ? "  never fired" : ""));
    }
    s.append(
        String.format(
            Locale.ROOT,
            "%-18s %9s %14.1f %8s %16.0f%n",
            "all",
            "",
            spikesPerImageStep,
            "",
            synapticOpsPerImageStep));
    if (negativeSpikesPerImageStep > 0) {
      s.append(
          String.format(
              Locale.ROOT,
              "negative spikes: %.1f of the %.1f a step%n",
              negativeSpikesPerImageStep,
              spikesPerImageStep));
    }
    if (saturatedPotentials > 0) {
      Layer most = layers.stream().max(Comparator.comparingLong(Layer::saturatedPotentials)).get();
      s.append(
          String.format(
              Locale.ROOT,
              "saturated: %d membrane potentials in the last step of %s, %d of them in %s\n",
              saturatedPotentials,
              count(samples, "image"),
              most.saturatedPotentials(),
              Shown.text(most.name())));
    }
    if (samples == 0) {
      return s.toString();
    }
    times(s);
    return s.toString();
  }

  private void times(StringBuilder s) {
    Steady steady = timing.steady();
    String first =
        String.format(
            Locale.ROOT, "first answer after %.2f s", timing.start().firstAnswerSeconds());
    if (steady == null) {
      s.append(
          String.format(
              Locale.ROOT,
              "steady state: none, %s %s too few to tell it from the start%nstart: %s%n",
              count(samples, "image"),
              samples == 1 ? "is" : "are",
              first));
    } else {
      s.append(
          String.format(
              Locale.ROOT,
              "steady state: %.2f ms an image, %.3f ms a step (one thread; median of the last"
                  + " %s%s)%nstart: %s; the first %s took %.2f s longer than at that pace%n",
              steady.imageMs(),
              steady.msPerImageStep(),
              count(steady.images(), "image"),
              steady.settled() ? "" : ", which still became faster: run more",
              first,
              count(samples - steady.images(), "image"),
              timing.start().excessSeconds()));
    }
    s.append(
        String.format(
            Locale.ROOT,
            "all images: %.3f ms per image and step (one thread); an image: p50 %.2f, p90"
                + " %.2f, p99 %.2f, p99.9 %.2f, max %.2f ms; %.2f s in all%n",
            timing.msPerImageStep(),
            timing.imageMsP50(),
            timing.imageMsP90(),
            timing.imageMsP99(),
            timing.imageMsP99_9(),
            timing.imageMsMax(),
            timing.totalSeconds()));
  }

  private static String count(int n, String what) {
    return n + " " + what + (n == 1 ? "" : "s");
  }

  private void plot(StringBuilder s) {
    s.append("accuracy after step\n");
    for (int t = 1; t <= steps; ) {
      if (accuracyAtStep[t - 1] != null) {
        bar(s, String.valueOf(t), accuracyAtStep[t - 1]);
      }
      if (t == steps) {
        break;
      }
      t = Math.min(steps, t * 2);
    }
    if (annAccuracy != null) {
      bar(s, "ANN", annAccuracy);
    }
  }

  private static void bar(StringBuilder s, String name, double share) {
    s.append(
        String.format(
            Locale.ROOT,
            "%6s %6.2f %% %s%n",
            name,
            100 * share,
            "#".repeat((int) Math.round(share * BAR))));
  }
}
