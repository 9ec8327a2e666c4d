package io.snnsim.tune;

import io.snnsim.ann.Images;
import io.snnsim.convert.Calibration;
import io.snnsim.convert.ConvertOptions;
import io.snnsim.convert.Converter;
import io.snnsim.engine.BatchObserver;
import io.snnsim.engine.BatchOptions;
import io.snnsim.engine.BatchRunner;
import io.snnsim.engine.ImageSource;
import io.snnsim.engine.KernelChoice;
import io.snnsim.engine.Model;
import io.snnsim.engine.Session;
import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import io.snnsim.network.Precision;
import io.snnsim.readout.Readout;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.IntUnaryOperator;

/**
 * Choices that only a running spiking network can make, on calibration images that lambda was not
 * measured on. Immutable; its calls use the threads they are given and wait for them.
 *
 * @param calibration lambdas, of the other calibration images
 * @param heldBack images to judge by
 * @param label right class of each held-back image
 * @param base what is the same for every candidate
 * @param steps time steps at which accuracy counts
 * @param cancelled true ends the search with what is known
 */
public record Search(
    Calibration.Result calibration,
    Images heldBack,
    IntUnaryOperator label,
    ConvertOptions base,
    int steps,
    int threads,
    BooleanSupplier cancelled) {
  /** Points of accuracy that a narrower grid may cost. */
  public static final double TOLERANCE = 0.2;

  /** One candidate with its right answers. */
  public record Candidate(Precision precision, double compensation, int right, int images) {
    /** Accuracy in percent. */
    public double percent() {
      return 100.0 * right / images;
    }
  }

  /** What was tried, in order, and what was chosen. */
  public record Outcome(Candidate chosen, List<Candidate> tried) {}

  /** The narrowest precision within {@link #TOLERANCE} points of i32. */
  public Outcome precision() {
    List<Candidate> tried = new ArrayList<>();
    Candidate reference = judge(Precision.I32, base.compensation());
    tried.add(reference);
    for (Precision p : new Precision[] {Precision.I8, Precision.I16}) {
      Candidate c = judge(p, base.compensation());
      tried.add(c);
      // In whole answers, so that 0.2 points of 500 images is exactly one.
      if (reference.right() - c.right() <= TOLERANCE / 100 * c.images() + 1e-9) {
        return new Outcome(c, List.copyOf(tried));
      }
    }
    return new Outcome(reference, List.copyOf(tried));
  }

  /** The best kappa of 1.0, 1.05 .. 1.3; among equals the smallest. */
  public Outcome compensation(Precision precision) {
    List<Candidate> tried = new ArrayList<>();
    Candidate best = null;
    for (int k = 100; k <= 130; k += 5) {
      Candidate c = judge(precision, k / 100.0);
      tried.add(c);
      if (best == null || c.right() > best.right()) {
        best = c;
      }
    }
    return new Outcome(best, List.copyOf(tried));
  }

  private Candidate judge(Precision precision, double compensation) {
    ConvertOptions options =
        new ConvertOptions(base.v0(), compensation, precision, base.mean(), base.std());
    AtomicInteger right = new AtomicInteger();
    ImageSource source =
        new ImageSource() {
          @Override
          public int count() {
            return heldBack.count();
          }

          @Override
          public void read(int index, float[] into) {
            heldBack.read(index, into);
          }
        };
    BatchObserver observer =
        new BatchObserver() {
          @Override
          public void afterImage(int image, Session s, long nanos) {
            if (Readout.SPIKES_SOFTMAX.decide(s) == label.applyAsInt(image)) {
              right.incrementAndGet();
            }
          }
        };
    try (Model model =
        Model.of(Converter.convert(calibration, options, List.of()).network(), KernelChoice.AUTO)) {
      BatchOptions batch =
          new BatchOptions(steps, threads, 0, heldBack.count(), null, false, cancelled);
      BatchRunner.run(model, source, batch, observer);
    }
    if (cancelled.getAsBoolean()) {
      throw new SnnsimException(
          Category.INTERRUPTED, "interrupted while choosing on held-back images");
    }
    return new Candidate(precision, compensation, right.get(), heldBack.count());
  }
}
