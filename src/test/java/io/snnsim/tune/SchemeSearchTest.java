// SPDX-License-Identifier: Apache-2.0
package io.snnsim.tune;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.snnsim.ann.Images;
import io.snnsim.ann.Normalisation;
import io.snnsim.convert.ConvertOptions;
import io.snnsim.convert.scheme.Calibration;
import io.snnsim.convert.scheme.Converter;
import io.snnsim.convert.scheme.Lowering;
import io.snnsim.dump.ImageSet;
import io.snnsim.error.SnnsimException;
import io.snnsim.fixture.BundledAnn;
import io.snnsim.network.Precision;
import io.snnsim.readout.DelayedReadout;
import io.snnsim.readout.Readout;
import io.snnsim.tune.SchemeSearch.Candidate;
import io.snnsim.tune.SchemeSearch.Setting;
import io.snnsim.tune.SchemeSearch.Value;
import io.snnsim.work.Execution;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntUnaryOperator;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** {@code --search} on the bundled network, after so few steps that every value matters. */
class SchemeSearchTest {
  private static final Normalisation NORMALISATION =
      new Normalisation(new float[] {0.1307f}, new float[] {0.3081f});
  private static final ConvertOptions BASE =
      new ConvertOptions(0.5, 1, Precision.I8, NORMALISATION);
  private static final Setting START = new Setting(99.9, 0.5, 1, Readout.SPIKES_SOFTMAX, 0);
  private static final int STEPS = 12;

  private static Lowering lowering;
  private static ImageSet images;
  private static HoldOut split;

  @BeforeAll
  static void load() {
    BundledAnn ann = BundledAnn.load(200);
    lowering = ann.lowering();
    images = ann.images();
    split = HoldOut.of(images).orElseThrow();
  }

  private static int label(int judge) {
    return images.label(split.firstJudge() + judge);
  }

  private static SchemeSearch search(IntUnaryOperator label, int threads) {
    LabelledImages judges = new LabelledImages(split.judges(), label);
    return new SchemeSearch(
        lowering, split.calibration(), judges, BASE, STEPS, Execution.on(threads));
  }

  @Tag("slow")
  @Test
  void takesTheBestOfTheChoosingHalfAndLeavesWhatIsNotFree() {
    SchemeSearch.Outcome o =
        search(SchemeSearchTest::label, 2).choose(START, EnumSet.of(Value.V0, Value.COMPENSATION));
    assertEquals(START, o.tried().getFirst().scheme());
    assertTrue(o.tried().size() >= 8, "all V(0), all kappa at the best V(0): " + o.tried());
    assertEquals(o.tried().size(), new HashSet<>(o.tried()).size());
    int most = 0;
    for (Candidate c : o.tried()) {
      assertEquals(99.9, c.scheme().percentile());
      assertEquals(Readout.SPIKES_SOFTMAX, c.scheme().readout());
      assertEquals(25, c.images());
      assertEquals(25, c.others());
      most = Math.max(most, c.right());
    }
    assertTrue(o.confirmed());
    assertEquals(most, o.chosen().right());
    assertTrue(most > o.tried().getFirst().right(), "something helps after " + STEPS + " steps");
  }

  /** Right answers as converted and run by hand, on both halves. */
  @Tag("slow")
  @Test
  void countsAreThoseOfTheConvertedNetwork() {
    Setting delayed = new Setting(99.9, 0.5, 1, Readout.SPIKES_SOFTMAX, 6);
    for (Setting scheme : List.of(START, delayed)) {
      Candidate c = search(SchemeSearchTest::label, 2).choose(scheme, Set.of()).chosen();
      int[] answers = answers(scheme);
      int[] right = new int[2];
      for (int i = 0; i < answers.length; i++) {
        right[i % 2] += answers[i] == label(i) ? 1 : 0;
      }
      assertEquals(new Candidate(scheme, right[0], 25, right[1], 25), c);
    }
    assertFalse(Arrays.equals(answers(START), answers(delayed)), "the delay shows");
  }

  @Tag("slow")
  @Test
  void aQuarterAndHalfOfTheStepsAreTriedAsDelays() {
    SchemeSearch.Outcome o =
        search(SchemeSearchTest::label, 2).choose(START, EnumSet.of(Value.READOUT_AFTER));
    assertEquals(
        List.of(0, STEPS / 4, STEPS / 2),
        o.tried().stream().map(c -> c.scheme().readoutAfter()).toList());
    assertEquals(
        o.tried().stream().mapToInt(Candidate::right).max().orElseThrow(), o.chosen().right());
    assertTrue(o.tried().getLast().text().contains("after step  6"), o.tried().toString());
  }

  private static int[] answers(Setting s) {
    Images on = split.calibration();
    Calibration.Result lambda =
        Calibration.run(lowering, on, NORMALISATION, s.percentile(), Execution.on(2));
    int[] answers = new int[split.judges().count()];
    for (int k = 0; k < 10; k++) {
      int digit = k;
      boolean[] is =
          HeldBackRun.right(
              Converter.convert(lambda, BASE, List.of()).network(),
              new LabelledImages(split.judges(), i -> digit),
              List.of(new DelayedReadout(s.readout(), s.readoutAfter(), split.judges().count())),
              STEPS,
              Execution.on(2))[0];
      for (int i = 0; i < is.length; i++) {
        answers[i] = is[i] ? k : answers[i];
      }
    }
    return answers;
  }

  /** On the confirming half the start is always right here, and anything else sometimes wrong. */
  @Tag("slow")
  @Test
  void whatTheOtherHalfDoesNotConfirmIsNotTaken() {
    int[] start = answers(START);
    SchemeSearch.Outcome o =
        search(i -> i % 2 == 0 ? label(i) : start[i], 2)
            .choose(START, EnumSet.of(Value.COMPENSATION));
    assertFalse(o.confirmed());
    assertEquals(START, o.chosen().scheme());
    assertEquals(25, o.chosen().confirmed());
    assertTrue(o.tried().stream().anyMatch(c -> c.right() > o.chosen().right()));
  }

  @Tag("slow")
  @Test
  void threadsChangeNothing() {
    Set<Value> free = EnumSet.of(Value.V0, Value.READOUT);
    SchemeSearch.Outcome one = search(SchemeSearchTest::label, 1).choose(START, free);
    assertEquals(one, search(SchemeSearchTest::label, 3).choose(START, free));
  }

  @Tag("slow")
  @Test
  void aStartOfWhichNoNetworkCanBeMadeIsRefusedForItsReason() {
    Setting half = new Setting(50, 0.5, 1, Readout.MEMBRANE, 0);
    SchemeSearch search = search(SchemeSearchTest::label, 2);
    SnnsimException e = assertThrows(SnnsimException.class, () -> search.choose(half, Set.of()));
    assertTrue(e.getMessage().contains("raise --percentile"), e.getMessage());
  }
}
