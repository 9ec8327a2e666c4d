// SPDX-License-Identifier: Apache-2.0
package io.snnsim.tune;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.snnsim.ann.Images;
import io.snnsim.ann.Normalisation;
import io.snnsim.convert.ConvertOptions;
import io.snnsim.convert.scheme.Lowering;
import io.snnsim.dump.ImageSet;
import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import io.snnsim.fixture.BundledAnn;
import io.snnsim.network.Precision;
import io.snnsim.work.Execution;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.IntUnaryOperator;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** {@code --precision auto} and {@code --compensation auto} on the bundled network. */
class TunerTest {
  private static final Normalisation NORMALISATION =
      new Normalisation(new float[] {0.1307f}, new float[] {0.3081f});
  private static final ConvertOptions BASE =
      new ConvertOptions(0.5, 1, Precision.I32, NORMALISATION);
  private static final int STEPS = 24;

  private static Lowering lowering;
  private static ImageSet images;

  @BeforeAll
  static void load() {
    BundledAnn ann = BundledAnn.load(96);
    lowering = ann.lowering();
    images = ann.images();
  }

  private static Tuner tuner(Images on, IntUnaryOperator label, int threads) {
    return new Tuner(
        lowering, new LabelledImages(on, label), BASE, 99.9, STEPS, Execution.on(threads));
  }

  /** Counts how often each image is read. */
  private static final class Watched implements Images {
    private final int[] reads;

    Watched(int count) {
      reads = new int[count];
    }

    @Override
    public int count() {
      return reads.length;
    }

    @Override
    public synchronized void read(int index, float[] into) {
      reads[index]++;
      images.read(index, into);
    }
  }

  @Test
  void theTwoPartsShareNoImageAndLoseNone() {
    Watched watched = new Watched(96);
    HoldOut split = HoldOut.of(watched).orElseThrow();
    assertEquals(24, split.judges().count());
    assertEquals(72, split.firstJudge());
    float[] into = new float[28 * 28];
    float[] expected = new float[28 * 28];
    for (Images part : List.of(split.calibration(), split.judges())) {
      for (int i = 0; i < part.count(); i++) {
        part.read(i, into);
      }
      assertThrows(IndexOutOfBoundsException.class, () -> part.read(part.count(), into));
      assertThrows(IndexOutOfBoundsException.class, () -> part.read(-1, into));
    }
    assertTrue(Arrays.stream(watched.reads).allMatch(n -> n == 1));
    split.judges().read(3, into);
    images.read(75, expected);
    assertEquals(Arrays.toString(expected), Arrays.toString(into));
    assertEquals(500, HoldOut.of(new Watched(5000)).orElseThrow().judges().count());
  }

  /**
   * Every held-back image is read once a candidate and no time more, so lambda never saw it; the
   * others are read once, for lambda, and never judge.
   */
  @Tag("slow")
  @Test
  void heldBackImagesNeverEnterTheCalibrationOfTheSearch() {
    Watched watched = new Watched(96);
    Tuner.Choice c = tuner(watched, images::label, 2).choose(null, null);
    int candidates = c.tried().precisions().size() + c.tried().compensations().size();
    assertTrue(candidates >= 2 + 3 + 4, c.toString());
    for (int i = 0; i < 96; i++) {
      // The first two are looked at once more, to see whether all images are equal.
      int expected = i >= 72 ? candidates : i < 2 ? 2 : 1;
      assertEquals(expected, watched.reads[i], "image " + i);
    }
  }

  /** Other held-back images change what candidates score, but not what lambda they have. */
  @Tag("slow")
  @Test
  void labelsAndJudgesAreThoseOfTheHeldBackImages() {
    Tuner.Choice right = tuner(images, images::label, 2).choose(Precision.I16, null);
    // Labels of the calibrating part are never asked for.
    IntUnaryOperator only =
        i -> {
          if (i < 72) {
            throw new AssertionError("label of image " + i + ", which judges nothing");
          }
          return images.label(i);
        };
    assertEquals(right, tuner(images, only, 2).choose(Precision.I16, null));
    Tuner.Choice shifted =
        tuner(images, i -> (images.label(i) + 1) % 10, 2).choose(Precision.I16, null);
    assertNotEquals(right.tried().compensations(), shifted.tried().compensations());
    assertTrue(right.tried().compensations().getFirst().percent() > 30, right.toString());
    assertTrue(shifted.tried().compensations().getFirst().percent() < 30, shifted.toString());
    assertEquals(
        List.of("chosen on 24 held-back calibration images at T = " + STEPS), right.notes());
  }

  @Tag("slow")
  @Test
  void theChoiceDoesNotDependOnThreadsOrRuns() {
    Tuner.Choice first = tuner(images, images::label, 1).choose(null, null);
    assertEquals(first, tuner(images, images::label, 2).choose(null, null));
    assertEquals(first, tuner(images, images::label, 3).choose(null, null));
  }

  /** The narrowest within 0.2 points of i32, and the smallest of the best kappas. */
  @Tag("slow")
  @Test
  void theRulesAreKeptForAnyLabels() {
    for (int shifted : new int[] {0, 3}) {
      IntUnaryOperator label = i -> (images.label(i) + (i % 7 < shifted ? 1 : 0)) % 10;
      Tuner.Choice c = tuner(images, label, 2).choose(null, null);
      Search.Candidate reference = c.tried().precisions().getFirst();
      assertEquals(Precision.I32, reference.precision());
      Precision expected = Precision.I32;
      List<Search.Candidate> narrow =
          c.tried().precisions().subList(1, c.tried().precisions().size());
      for (Search.Candidate n : narrow) {
        if (reference.percent() - n.percent() <= 0.2 + 1e-9) {
          expected = n.precision();
          break;
        }
      }
      assertEquals(expected, c.precision(), c.toString());
      assertEquals(Precision.I8, narrow.getFirst().precision());

      double best = -1;
      double kappa = 0;
      Set<Double> kappas = new TreeSet<>();
      for (Search.Candidate n : c.tried().compensations()) {
        assertTrue(kappas.add(n.compensation()), "tried twice: " + c.tried().compensations());
        assertEquals(c.precision(), n.precision());
        assertEquals(24, n.images());
      }
      for (double k : kappas) {
        for (Search.Candidate n : c.tried().compensations()) {
          if (n.compensation() == k && n.percent() > best) {
            best = n.percent();
            kappa = k;
          }
        }
      }
      assertTrue(kappas.containsAll(List.of(1.0, 1.05, 1.1)), kappas.toString());
      assertTrue(kappas.stream().allMatch(k -> k >= 1 && k <= 1.3), kappas.toString());
      assertTrue(kappas.contains(1.01) || kappa > 1.05, kappas.toString());
      assertEquals(kappa, c.compensation(), c.toString());
    }
  }

  @Tag("slow")
  @Test
  void withoutLabelsTheAnnJudges() {
    Tuner.Choice c = tuner(images, null, 2).choose(Precision.I32, null);
    assertEquals(
        "chosen on 24 held-back calibration images at T = "
            + STEPS
            + ", judged by the ANN's answers for lack of labels",
        c.notes().getFirst());
    // The ANN is right on nearly every digit, so that its answers judge nearly as labels do.
    Tuner.Choice labelled = tuner(images, images::label, 2).choose(Precision.I32, null);
    for (int i = 0; i < 3; i++) {
      assertEquals(
          labelled.tried().compensations().get(i).right(),
          c.tried().compensations().get(i).right(),
          2,
          "" + i);
    }
  }

  @Tag("slow")
  @Test
  void fewImagesFallBackWithANote() {
    Watched few = new Watched(79);
    Tuner.Choice c = tuner(few, images::label, 2).choose(null, null);
    assertEquals(Precision.I16, c.precision());
    assertEquals(1, c.compensation());
    assertEquals(
        List.of(
            "too few calibration images to choose on: found 79, expected 80 or more; taking"
                + " precision i16 and kappa 1"),
        c.notes());
    assertEquals(0, Arrays.stream(few.reads).sum(), "nothing must be run");

    c = tuner(few, images::label, 2).choose(Precision.I8, null);
    assertEquals(Precision.I8, c.precision());
    assertTrue(c.notes().getFirst().endsWith("taking kappa 1"), c.notes().toString());
    c = tuner(few, images::label, 2).choose(null, 1.2);
    assertEquals(1.2, c.compensation());
    assertTrue(c.notes().getFirst().endsWith("taking precision i16"), c.notes().toString());

    assertEquals(
        20,
        tuner(new Watched(80), images::label, 2)
            .choose(null, 1.0)
            .tried()
            .precisions()
            .get(0)
            .images());
  }

  @Test
  void nothingToChooseRunsNothing() {
    Watched watched = new Watched(96);
    assertEquals(
        Tuner.Choice.of(Precision.I8, 1.1),
        tuner(watched, images::label, 2).choose(Precision.I8, 1.1));
    assertEquals(0, Arrays.stream(watched.reads).sum());
  }

  @Test
  void cancellingIsNoChoice() {
    LabelledImages labelled = new LabelledImages(images, images::label);
    Tuner t = new Tuner(lowering, labelled, BASE, 99.9, STEPS, Execution.on(2, () -> true));
    SnnsimException e = assertThrows(SnnsimException.class, () -> t.choose(null, null));
    assertEquals(Category.INTERRUPTED, e.category());
  }
}
