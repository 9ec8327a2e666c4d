// SPDX-License-Identifier: Apache-2.0
package io.snnsim.conversion;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.snnsim.api.ImageFormat;
import io.snnsim.api.Model;
import io.snnsim.api.ModelOptions;
import io.snnsim.api.Precision;
import io.snnsim.api.RunOptions;
import io.snnsim.api.Session;
import io.snnsim.dump.Architectures;
import io.snnsim.dump.GraphJson;
import io.snnsim.dump.ImageSet;
import io.snnsim.dump.Imported;
import io.snnsim.dump.WeightDump;
import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import io.snnsim.fixture.Bundled;
import io.snnsim.format.ModelContents;
import io.snnsim.format.SnnReader.SectionInfo;
import io.snnsim.geometry.MapShape;
import io.snnsim.store.ModelStore;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A conversion in Java gives the model that {@code snnsim convert} gives, but for provenance. */
class SameModelTest {
  private static final int IMAGES = 80;

  /** Enough to fit to, and too few to search on, which takes four conversions more. */
  private static final int FITTED = 40;

  private static final float[] MEAN = {0.1307f};
  private static final float[] STD = {0.3081f};
  private static final MapShape SHAPE = new MapShape(1, 28, 28);

  @TempDir Path dir;

  private static ConversionOptions options(Preset preset) {
    return ConversionOptions.of(preset).normalisedBy(MEAN, STD);
  }

  private static AnnSource dump() {
    return AnnSource.dump(Path.of(Bundled.NET));
  }

  private static CalibrationData images() {
    return images(IMAGES);
  }

  private static CalibrationData images(int count) {
    return CalibrationData.file(Path.of(Bundled.IMAGES), count);
  }

  private Path command(String name, String... more) {
    return command(name, IMAGES, more);
  }

  private Path command(String name, int images, String... more) {
    Path model = dir.resolve(name);
    List<String> args = new ArrayList<>(List.of(more));
    args.addAll(List.of("--limit-calibration", String.valueOf(images)));
    Bundled.execute(Bundled.convert(model, args.toArray(String[]::new))).ok();
    return model;
  }

  /** Every section but provenance has the same bytes. */
  private void assertSame(Path command, ConvertedModel converted) throws IOException {
    Path java = dir.resolve("java-" + command.getFileName());
    converted.write(java, true);
    byte[] a = Files.readAllBytes(command);
    byte[] b = Files.readAllBytes(java);
    Map<String, SectionInfo> others = new HashMap<>();
    ModelStore.sections(java).forEach(s -> others.put(s.name(), s));
    List<SectionInfo> sections = ModelStore.sections(command);
    assertEquals(sections.size(), others.size());
    int compared = 0;
    for (SectionInfo s : sections) {
      if (!s.name().contains(ModelContents.PROVENANCE)) {
        assertArrayEquals(bytes(a, s), bytes(b, others.get(s.name())), s.name());
        compared++;
      }
    }
    assertTrue(compared >= 5, sections.toString());
    try (Arena arena = Arena.ofConfined()) {
      assertArrayEquals(b, converted.bytes(arena).toArray(ValueLayout.JAVA_BYTE));
      assertEquals(b.length, converted.byteSize());
    }
  }

  private static byte[] bytes(byte[] file, SectionInfo s) {
    return Arrays.copyOfRange(file, (int) s.offset(), (int) (s.offset() + s.length()));
  }

  @Tag("slow")
  @Test
  void presetsGiveTheCommandsModel() throws IOException {
    ConvertedModel plain = Converter.convert(dump(), images(), options(Preset.S_RESNET));
    assertSame(command("plain.snn"), plain);
    ConvertedModel exact =
        Converter.convert(dump(), images(), options(Preset.EXACT).with(Precision.I16));
    assertSame(command("exact.snn", "--preset", "exact", "--precision", "i16"), exact);
    ConversionOptions eight = options(Preset.S_RESNET).with(Precision.I8);
    assertSame(
        command("half.snn", "--precision", "i8", "--largest-weight", "63"),
        Converter.convert(dump(), images(), eight.within(63)));
    ConvertedModel chosen = Converter.convert(dump(), images(), eight.within(null));
    assertSame(command("chosen.snn", "--precision", "i8", "--largest-weight", "auto"), chosen);
    assertTrue(chosen.report().notes().toString().contains("largest weight "), "says so");
    assertEquals(Precision.I16, exact.report().precision());
  }

  @Tag("slow")
  @Test
  void fitsGiveTheCommandsModel() throws IOException {
    ConvertedModel fitted =
        Converter.convert(
            dump(),
            images(FITTED),
            options(Preset.LOW_LATENCY).fittedTo(4).with(Precision.I8).on(2));
    String[] asked = {
      "--preset", "low-latency", "--target-steps", "4", "--precision", "i8", "--threads", "1"
    };
    assertSame(command("fitted.snn", FITTED, asked), fitted);
  }

  @Tag("slow")
  @Test
  void fewSpikesGiveTheCommandsModel() throws IOException {
    ConversionOptions usual = options(Preset.FEW_SPIKE).with(Precision.I8);
    assertEquals(5, usual.targetSteps());
    SnnsimException e = assertThrows(SnnsimException.class, () -> usual.fittedTo(11));
    assertTrue(e.getMessage().contains("targetSteps=11, expected 1 to 10"), e.getMessage());
    ConvertedModel few = Converter.convert(dump(), images(FITTED), usual.fittedTo(4));
    String[] asked = {"--preset", "few-spike", "--steps-per-layer", "4", "--precision", "i8"};
    assertSame(command("few.snn", FITTED, asked), few);
  }

  @Tag("slow")
  @Test
  void networksAndImagesInMemoryGiveTheSameAndRun() throws IOException {
    Imported imported = Architectures.build(WeightDump.read(Path.of(Bundled.NET)), null);
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    imported
        .graph()
        .parameters()
        .forEach((name, t) -> tensors.put(name, new Tensor(t.shape(), t.data())));
    ImageSet set = ImageSet.read(Path.of(Bundled.IMAGES), SHAPE, IMAGES);
    float[][] images = new float[IMAGES][SHAPE.size()];
    int[] labels = new int[IMAGES];
    for (int i = 0; i < IMAGES; i++) {
      set.read(i, images[i]);
      labels[i] = set.label(i);
    }
    ConvertedModel converted =
        Converter.convert(
            AnnSource.graph(GraphJson.write(imported.graph()), tensors),
            CalibrationData.of(images, labels),
            options(Preset.S_RESNET));
    assertSame(command("memory.snn"), converted);
    try (Model model = converted.open(ModelOptions.DEFAULT);
        Session session = model.newSession()) {
      int right = 0;
      for (int i = 0; i < 10; i++) {
        ByteBuffer image = ByteBuffer.allocate(SHAPE.size() * 4).order(ByteOrder.nativeOrder());
        image.asFloatBuffer().put(images[i]);
        int answer = session.classify(image, ImageFormat.F32_CHW, RunOptions.steps(64)).answer();
        right += answer == labels[i] ? 1 : 0;
      }
      assertTrue(right >= 9, "right " + right);
    }
  }

  @Tag("slow")
  @Test
  void theReportIsReadableAndItsJsonIsTheFiles() throws IOException {
    Map<String, Long> seen = new ConcurrentHashMap<>();
    List<String> notes = new ArrayList<>();
    ConversionListener listener =
        new ConversionListener() {
          @Override
          public void note(String line) {
            notes.add(line);
          }

          @Override
          public void progress(String task, long done, long total) {
            seen.merge(task, done, Math::max);
          }
        };
    ConversionOptions asked = options(Preset.S_RESNET).with(Precision.I8);
    ConversionReport report = Converter.convert(dump(), images(), asked, listener).report();
    assertEquals(Map.of("calibrate", (long) IMAGES), seen);
    assertTrue(notes.contains("recognised as resnet-mnist"), notes.toString());
    assertEquals(IMAGES, report.calibrationImages());
    assertEquals(Precision.I8, report.precision());
    assertEquals(9, report.populations().size());
    assertTrue(report.text().contains(report.populations().getFirst().name()), report.text());
    assertTrue(report.notes().toString().contains("batch norm bn1 folded"), report.toString());
    JsonNode json = new ObjectMapper().readTree(report.json());
    assertEquals("mnist_resnet8.npz", json.path("source").asText());
    assertEquals(64, json.path("sourceSha256").asText().length());
  }

  @Test
  void aConversionCanBeCancelled() {
    ConversionListener impatient =
        new ConversionListener() {
          @Override
          public boolean cancelled() {
            return true;
          }
        };
    refused(
        Category.INTERRUPTED,
        "interrupted",
        () -> Converter.convert(dump(), images(), options(Preset.EXACT), impatient));
  }

  private static void refused(Category category, String part, Runnable call) {
    SnnsimException e = assertThrows(SnnsimException.class, call::run);
    assertEquals(category, e.category(), e.getMessage());
    assertTrue(e.getMessage().contains(part), e.getMessage());
    assertEquals(1, e.getMessage().lines().count(), e.getMessage());
  }

  private static void convert(AnnSource source, CalibrationData images) {
    Converter.convert(source, images, options(Preset.S_RESNET).with(Precision.I8));
  }

  @Test
  void whatDoesNotFitIsRefusedInOneLine() {
    refused(
        Category.INPUT_MISSING,
        "none.npz: no such file",
        () -> convert(AnnSource.dump(Path.of("none.npz")), images()));
    refused(
        Category.BAD_DATA,
        "graph: not JSON",
        () -> convert(AnnSource.graph("{", Map.of()), images()));
    refused(
        Category.BAD_DATA,
        "image 1: found 3 values, expected 784",
        () -> convert(dump(), CalibrationData.of(new float[][] {new float[784], new float[3]})));
    refused(
        Category.BAD_DATA,
        "labels: found 1, expected 2",
        () -> convert(dump(), CalibrationData.of(new float[2][784], new int[1])));
    float[] bad = new float[784];
    bad[3] = Float.NaN;
    refused(
        Category.BAD_DATA,
        "image 0: found NaN",
        () -> convert(dump(), CalibrationData.of(new float[][] {bad})));
    refused(
        Category.BAD_DATA, "found none", () -> convert(dump(), CalibrationData.of(new float[0][])));
    refused(
        Category.BAD_DATA,
        "found 2 values, expected 4",
        () -> new Tensor(new int[] {2, 2}, new float[2]));
    refused(Category.USAGE, "targetSteps=0", () -> options(Preset.LOW_LATENCY).fittedTo(0));
    refused(
        Category.USAGE,
        "largestWeight=64, expected 127, 63 or null to choose",
        () -> options(Preset.EXACT).within(64));
    refused(
        Category.USAGE,
        "largestWeight=63 with precision=I16, expected 127",
        () -> options(Preset.EXACT).with(Precision.I16).within(63));
    refused(Category.USAGE, "threads=0", () -> options(Preset.EXACT).on(0));
    refused(Category.USAGE, "most=0", () -> CalibrationData.file(Path.of("x.npz"), 0));
    refused(
        Category.USAGE,
        "std: found 0.0, expected numbers > 0",
        () ->
            Converter.convert(
                dump(),
                images(),
                ConversionOptions.of(Preset.EXACT).normalisedBy(MEAN, new float[1])));
    assertEquals(
        "source",
        assertThrows(NullPointerException.class, () -> convert(null, images())).getMessage());
    assertEquals(
        "preset",
        assertThrows(NullPointerException.class, () -> ConversionOptions.of(null)).getMessage());
  }
}
