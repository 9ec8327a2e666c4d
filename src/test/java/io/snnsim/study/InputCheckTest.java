// SPDX-License-Identifier: Apache-2.0
package io.snnsim.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.snnsim.ann.AnnGraph;
import io.snnsim.ann.AnnNode;
import io.snnsim.ann.Images;
import io.snnsim.ann.Normalisation;
import io.snnsim.ann.op.GlobalAvgPool;
import io.snnsim.ann.op.Input;
import io.snnsim.fixture.ArrayImages;
import io.snnsim.fixture.Bundled;
import io.snnsim.fixture.BundledAnn;
import io.snnsim.geometry.MapShape;
import io.snnsim.work.Execution;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntUnaryOperator;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is said of images of a wrong scale, and that nothing is said of right ones. */
@Tag("slow")
class InputCheckTest {
  private static final Normalisation MNIST =
      new Normalisation(new float[] {0.1307f}, new float[] {0.3081f});
  private static final int COUNT = 30;

  private static AnnGraph ann;
  private static float[][] pixels;
  private static int[] labels;

  @BeforeAll
  static void load() {
    BundledAnn bundled = BundledAnn.load(COUNT);
    ann = bundled.lowering().graph();
    pixels = new float[COUNT][784];
    labels = new int[COUNT];
    for (int i = 0; i < COUNT; i++) {
      bundled.images().read(i, pixels[i]);
      labels[i] = bundled.images().label(i);
    }
  }

  private interface Change {
    float of(float pixel);
  }

  private static Images images(Change change) {
    float[][] changed = new float[COUNT][784];
    for (int i = 0; i < COUNT; i++) {
      for (int j = 0; j < 784; j++) {
        changed[i][j] = change.of(pixels[i][j]);
      }
    }
    return new ArrayImages(changed);
  }

  /** The lines said and the warnings, which begin with a star. */
  private static List<String> heard(Images images, IntUnaryOperator label, Normalisation n) {
    List<String> lines = new ArrayList<>();
    InputCheck.calibration(
        new CalibrationImages(images, label, classes -> {}, null), ann, n, true, context(lines));
    return lines;
  }

  private static Context context(List<String> lines) {
    Listener listener =
        new Listener() {
          @Override
          public void say(String line) {
            lines.add(line);
          }

          @Override
          public void warn(String what) {
            lines.add("* " + what);
          }

          @Override
          public Progress progress(String task, String unit, long total) {
            return Progress.NONE;
          }
        };
    return new Context(Execution.on(1), listener);
  }

  private static String warning(List<String> lines) {
    List<String> warnings = lines.stream().filter(l -> l.startsWith("* ")).toList();
    assertEquals(1, warnings.size(), lines.toString());
    return warnings.getFirst();
  }

  private static void assertWarns(Change change, Normalisation n, String cause) {
    String bad = warning(heard(images(change), i -> labels[i], n));
    assertTrue(bad.startsWith("* the ANN is right on ") && bad.contains(cause), bad);
    assertTrue(bad.contains(" of 30 calibration images, expected 55 % or more"), bad);
    String unlabelled = warning(heard(images(change), null, n));
    assertTrue(unlabelled.startsWith("* ") && unlabelled.contains(cause), unlabelled);
    assertFalse(unlabelled.contains("the ANN is right"), unlabelled);
  }

  @Test
  void rightImagesGetTheirAccuracyAndNoWarning() {
    assertEquals(
        List.of("ANN: 100.0 % of 30 calibration images right"),
        heard(images(p -> p), i -> labels[i], MNIST));
    assertEquals(List.of(), heard(images(p -> p), null, MNIST));
  }

  @Test
  void theLikelyCauseIsNamed() {
    assertWarns(p -> p * 255, MNIST, "divide floats of 0..255 by 255");
    assertWarns(p -> (p > 0.4f ? 1 : 0) / 255f, MNIST, "0 and 1 as uint8");
    assertWarns(
        p -> p,
        new Normalisation(new float[] {33.3f}, new float[] {78.6f}),
        "the mean is [33.3] where pixels are 0..1");
    assertWarns(p -> p, new Normalisation(new float[] {0.5f}, new float[] {0.001f}), "check --std");
    String generic = warning(heard(images(p -> 1 - p), i -> labels[i], MNIST));
    assertTrue(generic.contains("check --mean and --std, scale, channel order"), generic);
    String twice = warning(heard(images(p -> (p - 0.1307f) / 0.3081f), null, MNIST));
    assertTrue(twice.contains("normalised already"), twice);
  }

  @Test
  void labelsThatProveTheInputRightSilenceDoubts() {
    Normalisation large = new Normalisation(new float[] {33.3285f}, new float[] {78.5655f});
    assertEquals(1, heard(images(p -> p * 255), i -> labels[i], large).size());
    assertEquals(List.of(), heard(images(p -> p * 255), null, large));
    Normalisation none = new Normalisation(new float[] {0}, new float[] {1});
    Images done = images(p -> (p - 0.1307f) / 0.3081f);
    assertEquals(1, heard(done, i -> labels[i], none).size());
  }

  @Test
  void labelsThatAreNoClassAreLeftToWhoNeedsThem() {
    assertEquals(List.of(), heard(images(p -> p), i -> i == 7 ? 10 : labels[i], MNIST));
  }

  @Test
  void coloursWithoutMeanAndStdAreDoubted() {
    MapShape shape = new MapShape(3, 1, 1);
    AnnGraph colour =
        new AnnGraph(
            "colour",
            List.of(
                new AnnNode("in", new Input(shape), List.of()),
                new AnnNode("out", new GlobalAvgPool(), List.of("in"))));
    float[][] values = new float[40][];
    for (int i = 0; i < values.length; i++) {
      values[i] = new float[] {i % 3 == 0 ? 1 : 0, i % 3 == 1 ? 1 : 0, i % 3 == 2 ? 1 : 0};
    }
    Normalisation none = new Normalisation(new float[3], new float[] {1, 1, 1});
    CalibrationImages plain =
        new CalibrationImages(new ArrayImages(values), null, classes -> {}, null);
    List<String> lines = new ArrayList<>();
    InputCheck.calibration(plain, colour, none, false, context(lines));
    assertTrue(warning(lines).contains("--mean and --std were not given"), lines.toString());
    lines.clear();
    InputCheck.calibration(plain, colour, none, true, context(lines));
    assertEquals(List.of(), lines);
    CalibrationImages labelled =
        new CalibrationImages(new ArrayImages(values), i -> i % 3, classes -> {}, null);
    InputCheck.calibration(labelled, colour, none, false, context(lines));
    assertEquals(List.of("ANN: 100.0 % of 40 calibration images right"), lines);
  }

  @Test
  void badIsWhatChanceDoesNotExplain() {
    assertEquals(0.55, InputCheck.Share.usual(10), 1e-9);
    assertEquals(0.75, InputCheck.Share.usual(2), 1e-9);
    assertEquals(0.25075, InputCheck.Share.usual(1000), 1e-9);
    assertTrue(new InputCheck.Share(0.40, 100).bad(10));
    assertFalse(new InputCheck.Share(0.51, 100).bad(10));
    assertTrue(new InputCheck.Share(0.51, 10_000).bad(10));
    assertFalse(new InputCheck.Share(0, InputCheck.FEWEST - 1).bad(10));
    assertTrue(new InputCheck.Share(0.70, 100).poor(10));
    assertFalse(new InputCheck.Share(0.80, 100).poor(10));
  }

  @Test
  void commandsSayIt(@TempDir Path dir) {
    Path model = dir.resolve("w.snn");
    String[] wrong =
        Bundled.convert(model, "--precision", "i8", "--limit-calibration", "40", "--mean", "33.3");
    List<String> args = new ArrayList<>(List.of(wrong));
    args.subList(args.indexOf("--mean"), args.indexOf("--mean") + 2).clear();
    String converted = Bundled.execute(args.toArray(String[]::new)).ok().err();
    assertTrue(converted.contains("ANN: "), converted);
    assertTrue(converted.contains("warning: the ANN is right on "), converted);
    assertTrue(converted.contains("divide --mean and --std by 255"), converted);
    String[] run = {"run", model.toString(), Bundled.IMAGES, "--steps", "4", "--limit", "40"};
    String ran = Bundled.execute(run).ok().err();
    assertTrue(ran.contains("of 40 images, expected 55 % or more"), ran);
    assertTrue(ran.contains("by 255 and convert again"), ran);
    run[1] = Bundled.model(dir).toString();
    assertFalse(Bundled.execute(run).ok().err().contains("the ANN is right on"));
  }
}
