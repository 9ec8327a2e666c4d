// SPDX-License-Identifier: Apache-2.0
package io.snnsim.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.snnsim.fixture.TestData;
import io.snnsim.format.ModelContents;
import io.snnsim.format.SnnReader.SectionInfo;
import io.snnsim.store.Mode;
import io.snnsim.store.ModelFile;
import io.snnsim.store.ModelStore;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What {@code snnsim convert} records of where a model came from, and that nothing else differs.
 */
class ConversionProvenanceTest {
  private static final String MNIST = "weights/mnist_resnet8.npz";
  private static final String MNIST_IMAGES = "weights/mnist_test_300.npz";

  @TempDir Path dir;

  private static String execute(int code, String... args) {
    StringWriter err = new StringWriter();
    int found = Main.execute(new PrintWriter(new StringWriter()), new PrintWriter(err), args);
    assertEquals(code, found, err.toString());
    return err.toString();
  }

  private Path convertResNet20(String dump) {
    Path out = dir.resolve(dump + ".snn");
    execute(
        0,
        "convert",
        TestData.dir().resolve(dump).toString(),
        "-o",
        out.toString(),
        "--calibration",
        TestData.dir().resolve("cifar10_calibration.npz").toString(),
        "--limit-calibration",
        "30",
        "--mean",
        "0.485,0.456,0.406",
        "--std",
        "0.229,0.224,0.225",
        "--precision",
        "i16");
    return out;
  }

  @Tag("slow")
  @Test
  void npzAndHdf5GiveTheSameFileButForProvenance() throws IOException {
    Path npz = convertResNet20("resnet20_cifar10.npz");
    Path h5 = convertResNet20("resnet20_cifar10.h5");
    byte[] a = Files.readAllBytes(npz);
    byte[] b = Files.readAllBytes(h5);
    Map<String, SectionInfo> others = new HashMap<>();
    ModelStore.sections(h5).forEach(s -> others.put(s.name(), s));
    List<SectionInfo> sections = ModelStore.sections(npz);
    assertEquals(sections.size(), others.size());
    boolean provenance = false;
    for (SectionInfo s : sections) {
      SectionInfo other = others.get(s.name());
      assertEquals(s.offset(), other.offset(), s.name());
      if (s.name().contains(ModelContents.PROVENANCE)) {
        provenance = true;
        continue;
      }
      assertArrayEquals(bytes(a, s), bytes(b, other), s.name());
    }
    assertTrue(provenance, sections.toString());
    // From the first section to provenance there is not even padding that differs.
    SectionInfo last = sections.getLast();
    assertTrue(last.name().contains(ModelContents.PROVENANCE), last.name());
    int first = (int) sections.getFirst().offset();
    assertEquals(-1, Arrays.mismatch(a, first, (int) last.offset(), b, first, (int) last.offset()));
    assertNotEquals(provenance(npz), provenance(h5));
    assertEquals(provenance(npz).path("report"), provenance(h5).path("report"));
  }

  private static byte[] bytes(byte[] file, SectionInfo s) {
    return Arrays.copyOfRange(file, (int) s.offset(), (int) (s.offset() + s.length()));
  }

  private static JsonNode provenance(Path model) throws IOException {
    try (ModelFile file = ModelStore.open(model, Mode.RESIDENT)) {
      return new ObjectMapper().readTree(file.extra(ModelContents.PROVENANCE));
    }
  }

  @Tag("slow")
  @Test
  void theReportSaysWhatWasGuessedFoldedAndChosen() throws IOException {
    Path model = dir.resolve("m.snn");
    Path report = dir.resolve("report.json");
    execute(
        0,
        "convert",
        MNIST,
        "-o",
        model.toString(),
        "--calibration",
        MNIST_IMAGES,
        "--limit-calibration",
        "80",
        "--mean",
        "0.1307",
        "--std",
        "0.3081",
        "--tune-steps",
        "8",
        "--report",
        report.toString());
    JsonNode j = new ObjectMapper().readTree(report.toFile());
    assertEquals(provenance(model), j);
    assertEquals("mnist_resnet8.npz", j.path("source").asText());
    assertEquals(64, j.path("sourceSha256").asText().length());
    assertEquals("mnist_test_300.npz", j.path("calibration").asText());
    assertEquals("resnet-mnist", j.path("arch").asText());
    assertTrue(j.path("archGuessed").asBoolean());
    assertTrue(j.path("precisionSearch").size() >= 2, j.toString());
    assertEquals("I32", j.path("precisionSearch").get(0).path("precision").asText());
    assertEquals(20, j.path("precisionSearch").get(0).path("images").asInt());
    assertEquals(0, j.path("compensationSearch").size());
    JsonNode r = j.path("report");
    assertEquals(80, r.path("calibrationImages").asInt());
    assertEquals(9, r.path("populations").size());
    String notes = r.path("notes").toString();
    for (String expected :
        List.of(
            "architecture resnet-mnist guessed",
            "batch norm bn1 folded into conv1",
            "chosen on 20 held-back calibration images at T = 8")) {
      assertTrue(notes.contains(expected), notes);
    }

    execute(
        0,
        "convert",
        MNIST,
        "-o",
        model.toString(),
        "--force",
        "--calibration",
        MNIST_IMAGES,
        "--limit-calibration",
        "30",
        "--arch",
        "resnet-mnist");
    j = provenance(model);
    assertFalse(j.path("archGuessed").asBoolean());
    assertFalse(j.path("report").path("notes").toString().contains("guessed"));
    assertTrue(j.path("report").path("notes").toString().contains("too few calibration images"));
  }
}
