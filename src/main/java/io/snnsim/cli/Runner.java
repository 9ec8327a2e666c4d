package io.snnsim.cli;

import io.snnsim.dump.ImageSet;
import io.snnsim.engine.BatchObserver;
import io.snnsim.engine.BatchOptions;
import io.snnsim.engine.BatchResult;
import io.snnsim.engine.BatchRunner;
import io.snnsim.engine.ImageSource;
import io.snnsim.engine.Model;
import io.snnsim.engine.Session;
import io.snnsim.network.Population;
import io.snnsim.readout.Readout;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicIntegerArray;
import picocli.CommandLine;

/** Runs images and prints what came out. Stateless. */
final class Runner {
  private static final int BAR = 50;

  private Runner() {}

  static void run(
      Model model, ImageSet images, int steps, int threads, Readout readout, CommandLine line) {
    int classes = model.network().populations().get(model.network().output()).shape().neurons();
    images.checkLabels(classes);
    PrintWriter out = line.getOut();
    AtomicIntegerArray right = new AtomicIntegerArray(steps);
    ImageSource source =
        new ImageSource() {
          @Override
          public int count() {
            return images.count();
          }

          @Override
          public void read(int index, float[] into) {
            images.read(index, into);
          }
        };
    BatchObserver observer =
        new BatchObserver() {
          @Override
          public void afterStep(int image, int step, Session s) {
            if (images.labelled() && readout.decide(s) == images.label(image)) {
              right.incrementAndGet(step);
            }
          }
        };
    BatchResult r =
        BatchRunner.run(model, source, BatchOptions.of(source, steps, threads), observer);
    out.printf(
        "%s, %d images, %d steps, kernel %s (%s), %d threads%n",
        model.network().name(),
        r.imagesDone(),
        steps,
        model.kernelName(),
        model.kernelReason(),
        threads);
    if (images.labelled()) {
      accuracy(out, right, images.count(), steps);
    }
    layers(out, model, r, steps);
    long nanos = 0;
    for (long n : r.imageNanos()) {
      nanos += n;
    }
    out.printf(
        Locale.ROOT,
        "%.3f ms per image and step (one thread), %.2f s in all%n",
        nanos / 1e6 / Math.max(1, r.imagesDone()) / steps,
        r.wallNanos() / 1e9);
    for (int p = 0; p < r.spikes().length; p++) {
      if (r.spikes()[p] == 0) {
        line.getErr()
            .println(
                "warning: population "
                    + model.network().populations().get(p).name()
                    + " never fired; check the images and --mean/--std of the conversion");
      }
    }
  }

  private static void accuracy(PrintWriter out, AtomicIntegerArray right, int n, int steps) {
    out.println("accuracy after step");
    for (int t = 1; t <= steps; t = t < steps && t * 2 > steps ? steps : t * 2) {
      double share = (double) right.get(t - 1) / n;
      out.printf(Locale.ROOT, "%6d %6.2f %% %s%n", t, 100 * share, "#".repeat((int) (share * BAR)));
    }
  }

  private static void layers(PrintWriter out, Model model, BatchResult r, int steps) {
    out.printf(
        "%-18s %9s %14s %8s %16s%n", "population", "neurons", "spikes/step", "rate", "ops/step");
    double runs = (double) Math.max(1, r.imagesDone()) * steps;
    for (int p = 0; p < r.spikes().length; p++) {
      Population population = model.network().populations().get(p);
      out.printf(
          Locale.ROOT,
          "%-18s %9d %14.1f %8.4f %16.0f%n",
          population.name(),
          population.shape().neurons(),
          r.spikes()[p] / runs,
          r.spikes()[p] / runs / population.shape().neurons(),
          r.synapticOps()[p] / runs);
    }
  }
}
