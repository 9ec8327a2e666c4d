// SPDX-License-Identifier: Apache-2.0
package io.snnsim.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The report for eyes: the plot, what is missing, and figures that no locale changes. */
class RunReportTest {
  private static RunReport.Timing timing(RunReport.Start start, RunReport.Steady steady) {
    return new RunReport.Timing(0.25, 1.5, 1, 2, 3, 4, 5, start, steady);
  }

  private static RunReport report(int samples, Double[] accuracy, Double ann) {
    return report(samples, accuracy, ann, 0);
  }

  private static RunReport report(int samples, Double[] accuracy, Double ann, int saturated) {
    Double first = samples == 0 ? null : 0.75;
    return report(
        samples, accuracy, ann, saturated, timing(new RunReport.Start(first, null), null));
  }

  private static RunReport report(
      int samples, Double[] accuracy, Double ann, int saturated, RunReport.Timing timing) {
    return new RunReport(
        1,
        samples,
        4,
        accuracy == null ? 6 : accuracy.length,
        accuracy,
        ann,
        new int[4],
        List.of(
            new RunReport.Layer("relu1", 10, 1.5, 0, 0.15, 30, saturated),
            new RunReport.Layer("linear", 2, 0, 0, 0, 0, 0)),
        samples == 0 ? List.of() : List.of("linear"),
        1.5,
        0,
        30,
        saturated,
        timing,
        "scalar",
        "asked for",
        1,
        "constant",
        1,
        "spikes",
        0,
        null,
        Map.of("name", "net"),
        Map.of(),
        "snnsim");
  }

  private static List<String> lines(RunReport r) {
    return r.toText().lines().toList();
  }

  @Test
  void thePlotHasPowersOfTwoTheLastStepAndTheAnn() {
    List<String> lines = lines(report(4, new Double[] {0.0, 0.25, 0.5, 0.5, 0.75, 1.0}, 0.9));
    assertEquals("net, 4 images, 6 steps, kernel scalar (asked for), 1 thread", lines.getFirst());
    int plot = lines.indexOf("accuracy after step");
    assertEquals(
        List.of(
            "     1   0.00 % ",
            "     2  25.00 % #############",
            "     4  50.00 % #########################",
            "     6 100.00 % " + "#".repeat(50),
            "   ANN  90.00 % " + "#".repeat(45)),
        lines.subList(plot + 1, plot + 6));
  }

  @Test
  void silentPopulationsAreMarked() {
    List<String> marked =
        lines(report(4, new Double[] {1.0}, null)).stream()
            .filter(l -> l.endsWith("  never fired"))
            .toList();
    assertEquals(1, marked.size());
    assertTrue(marked.getFirst().startsWith("linear "));
  }

  @Test
  void saturatedPotentialsAreNamedIfThereAreAny() {
    Double[] accuracy = {1.0};
    assertFalse(report(4, accuracy, null, 0).toText().contains("saturated"));
    assertTrue(
        lines(report(4, accuracy, null, 3))
            .contains(
                "saturated: 3 membrane potentials in the last step of 4 images, 3 of them in"
                    + " relu1"));
  }

  @Test
  void theSteadyStateStandsApartFromTheStart() {
    RunReport.Start start = new RunReport.Start(0.75, 1.25);
    Double[] accuracy = {1.0};
    List<String> lines =
        lines(report(4, accuracy, null, 0, timing(start, new RunReport.Steady(2, 3, 0.5, true))));
    int at = lines.size() - 3;
    assertEquals(
        List.of(
            "steady state: 3.00 ms an image, 0.500 ms a step (one thread; median of the last 2"
                + " images)",
            "start: first answer after 0.75 s; the first 2 images took 1.25 s longer than at that"
                + " pace"),
        lines.subList(at, at + 2));
    assertTrue(lines.getLast().startsWith("all images: 0.250 ms per image and step"));
    List<String> faster =
        lines(report(4, accuracy, null, 0, timing(start, new RunReport.Steady(2, 3, 0.5, false))));
    assertTrue(faster.get(at).endsWith("last 2 images, which still became faster: run more)"));
    List<String> few = lines(report(1, accuracy, null));
    assertEquals(
        List.of(
            "steady state: none, 1 image is too few to tell it from the start",
            "start: first answer after 0.75 s"),
        few.subList(few.size() - 3, few.size() - 1));
  }

  @Test
  void whatIsNotKnownIsSaidOrLeftOut() {
    assertTrue(report(4, null, null).toText().contains("the images have no labels"));
    String none = report(0, new Double[] {0.0, 0.0}, null).toText();
    assertTrue(none.startsWith("interrupted: 0 of 4 images"), none);
    assertFalse(none.contains("accuracy after step"), none);
    assertFalse(none.contains("p50"), none);
  }

  @Test
  void figuresDoNotDependOnTheLocale() {
    String here = report(4, new Double[] {0.125}, 0.5).toText();
    Locale before = Locale.getDefault();
    try {
      for (String tag : List.of("de-DE", "ar-EG-u-nu-arab", "hi-IN-u-nu-deva")) {
        Locale.setDefault(Locale.forLanguageTag(tag));
        assertEquals(here, report(4, new Double[] {0.125}, 0.5).toText(), tag);
      }
    } finally {
      Locale.setDefault(before);
    }
  }
}
