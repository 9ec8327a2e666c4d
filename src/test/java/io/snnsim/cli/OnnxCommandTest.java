// SPDX-License-Identifier: Apache-2.0
package io.snnsim.cli;

import static io.snnsim.fixture.DumpFiles.fixture;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.snnsim.ann.AnnGraph;
import io.snnsim.dump.NetworkFile;
import io.snnsim.error.Category;
import io.snnsim.fixture.Bundled;
import io.snnsim.fixture.OnnxBytes;
import io.snnsim.fixture.OnnxOfGraph;
import io.snnsim.fixture.Proto;
import io.snnsim.format.ModelContents;
import io.snnsim.format.SnnReader.SectionInfo;
import io.snnsim.store.ModelStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** ONNX files on the command line. */
class OnnxCommandTest {
  @TempDir Path dir;

  private Path convert(Path network, Path model) {
    String[] line = Bundled.convert(model, "--limit-calibration", "40", "--precision", "i8");
    line[1] = network.toString();
    Bundled.execute(line).ok();
    return model;
  }

  private static byte[] bytes(byte[] file, SectionInfo s) {
    return Arrays.copyOfRange(file, (int) s.offset(), (int) (s.offset() + s.length()));
  }

  @Tag("slow")
  @Test
  void theBundledNetworkAsOnnxBecomesTheSameModel() throws IOException {
    Path weights = Path.of(Bundled.NET);
    AnnGraph graph = NetworkFile.read(weights, null).graph();
    Path onnx = OnnxOfGraph.of(graph).write(dir.resolve(graph.name() + ".onnx"));
    Path first = convert(weights, dir.resolve("weights.snn"));
    Path second = convert(onnx, dir.resolve("onnx.snn"));
    byte[] a = Files.readAllBytes(first);
    byte[] b = Files.readAllBytes(second);
    int compared = 0;
    for (SectionInfo s : ModelStore.sections(first)) {
      if (!s.name().contains(ModelContents.PROVENANCE)) {
        // Sections begin at the same bytes, since provenance is the last of them.
        assertArrayEquals(bytes(a, s), bytes(b, s), s.name());
        compared++;
      }
    }
    assertTrue(compared >= 5, compared + " sections");
    Bundled.execute("run", second.toString(), Bundled.IMAGES, "--limit", "5", "--steps", "8").ok();
  }

  /** A change of weights beside the file shows in the provenance, where the file's hash is. */
  @Test
  void weightsBesideTheFileAreInTheProvenance() throws Exception {
    Path weights = dir.resolve("w.bin");
    byte[] bytes = new byte[2 * 784 * 4];
    for (int i = 0; i < bytes.length; i += 4) {
      bytes[i + 2] = (byte) 0x80;
      bytes[i + 3] = 0x3f; // 1, as little-endian bytes.
    }
    Files.write(weights, bytes);
    Proto tensor = OnnxBytes.values("w", 1, 10, 784).number(14, 1);
    Files.write(weights, Arrays.copyOf(bytes, 10 * 784 * 4));
    tensor.message(13, new Proto().text(1, "location").text(2, "w.bin"));
    Path file =
        OnnxBytes.of(13, 1, 28, 28)
            .tensor(tensor)
            .node("Flatten", "image", "f")
            .node("Gemm", "f w", "g", OnnxBytes.number("transB", 1))
            .output("g")
            .write(dir.resolve("net.onnx"));
    Path report = dir.resolve("report.json");
    String[] line =
        Bundled.convert(dir.resolve("m.snn"), "--limit-calibration", "20", "--report", report + "");
    line[1] = file.toString();
    Bundled.execute(line).ok();
    JsonNode provenance = new ObjectMapper().readTree(Files.readString(report));
    assertEquals(sha256(file), provenance.path("sourceSha256").asText());
    assertEquals(1, provenance.path("sourceData").size());
    JsonNode data = provenance.path("sourceData").path(0);
    assertEquals("w.bin", data.path("name").asText());
    assertEquals(sha256(weights), data.path("sha256").asText());
  }

  private static String sha256(Path file) throws Exception {
    byte[] digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
    return HexFormat.of().formatHex(digest);
  }

  @Test
  void whatCannotBeConvertedIsSaidInALineAndDescribedInFull() throws IOException {
    Path file =
        OnnxBytes.of(13, 2)
            .node("Elu", "image", "first")
            .node("Gelu", "first", "second")
            .output("second")
            .write(dir.resolve("net.onnx"));
    Path model = dir.resolve("net.snn");
    String[] line = Bundled.convert(model);
    line[1] = file.toString();
    Bundled.Done done = Bundled.execute(line);
    assertEquals(Category.BAD_DATA.exitCode(), done.code(), done.err());
    assertTrue(
        done.error().contains("layer first (Elu): ")
            && done.error().endsWith("; 1 more cannot be imported: second (Gelu)"),
        done.error());
    assertFalse(Files.exists(model));
    Bundled.Done described = Bundled.execute("describe", file.toString());
    assertEquals(Category.BAD_DATA.exitCode(), described.code(), described.err());
    String all = described.out() + described.err();
    assertTrue(all.contains("layer first (Elu)") && all.contains("layer second (Gelu)"), all);
  }

  @Test
  void anArchitectureIsAnErrorOfUse() {
    String[] line = Bundled.convert(dir.resolve("net.snn"), "--arch", "resnet-cifar");
    line[1] = fixture("onnx/lenet.onnx").toString();
    Bundled.Done done = Bundled.execute(line);
    assertEquals(Category.USAGE.exitCode(), done.code(), done.err());
    assertTrue(done.error().contains("which holds its graph"), done.error());
  }
}
