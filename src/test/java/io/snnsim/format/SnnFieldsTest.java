// SPDX-License-Identifier: Apache-2.0
package io.snnsim.format;

import static io.snnsim.fixture.DumpFiles.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.snnsim.fixture.Models;
import io.snnsim.fixture.SnnBytes;
import io.snnsim.network.InputStage;
import io.snnsim.network.Network;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Single fields of a file changed under right checksums: each is read back, or refused by name. */
class SnnFieldsTest {
  private static final byte[] FILE = new NetworkParts().file();

  private static Network read(byte[] file) {
    return SnnReader.read(MemorySegment.ofArray(file), "f.snn").network();
  }

  private static void bad(byte[] file, String what) {
    refused(() -> read(file), "f.snn: " + what);
  }

  private static byte[] with(int type, int index, int at, int value) {
    return SnnBytes.with(FILE, SnnBytes.section(FILE, type, index), at, value);
  }

  private static byte[] population(int p, int at, int value) {
    return with(Layout.POPULATIONS, 0, p * Layout.POPULATION_BYTES + at, value);
  }

  private static byte[] projection(int p, int at, int value) {
    return with(Layout.PROJECTIONS, 0, p * Layout.PROJECTION_BYTES + at, value);
  }

  /** Fields of the one analog projection of an image of one channel. */
  private static byte[] analog(int at, int value) {
    return with(Layout.INPUT, 0, 64 + at, value);
  }

  @Test
  void whatWasWrittenIsReadBack() {
    Network before = new NetworkParts().network();
    Network after = read(FILE);
    assertEquals(before.name(), after.name());
    assertEquals(before.precision(), after.precision());
    assertEquals(before.output(), after.output());
    for (int p = 0; p < 4; p++) {
      var a = before.populations().get(p);
      var b = after.populations().get(p);
      assertEquals(a.name(), b.name());
      assertEquals(a.shape(), b.shape());
      assertEquals(a.model(), b.model());
      assertEquals(a.wide(), b.wide());
      assertEquals(a.inputRange(), b.inputRange());
      assertArrayEquals(a.theta(), b.theta());
      assertArrayEquals(a.v0(), b.v0());
      assertArrayEquals(a.bias(), b.bias());
      assertArrayEquals(a.lambda(), b.lambda());
    }
    for (int j = 0; j < 3; j++) {
      var a = before.projections().get(j);
      var b = after.projections().get(j);
      assertEquals(a.getClass(), b.getClass());
      assertEquals(a.name(), b.name());
      assertEquals(List.of(a.source(), a.target()), List.of(b.source(), b.target()));
      assertEquals(a.geometry(), b.geometry());
      for (int k = 0; k < 6; k++) {
        assertEquals(
            a.weight(k % 3 % a.geometry().outChannels(), k / 3, 0, 0),
            b.weight(k % 3 % b.geometry().outChannels(), k / 3, 0, 0));
      }
    }
    InputStage.AnalogProjection a = before.input().projections().getFirst();
    InputStage.AnalogProjection b = after.input().projections().getFirst();
    assertEquals(a.geometry(), b.geometry());
    assertArrayEquals(a.weights(), b.weights());
    assertArrayEquals(a.bias(), b.bias());
    assertEquals(List.of(a.low(), a.high()), List.of(b.low(), b.high()));
    assertArrayEquals(before.input().mean(), after.input().mean());
    assertArrayEquals(before.input().std(), after.input().std());
    SnnReader.Contents contents = SnnReader.read(MemorySegment.ofArray(FILE), "f.snn");
    assertEquals(List.of("provenance"), List.copyOf(contents.extras().keySet()));
    byte[] extra = contents.extras().get("provenance").toArray(ValueLayout.JAVA_BYTE);
    assertArrayEquals(new byte[3], extra);
    assertArrayEquals(FILE, Models.fileBytes(after, Map.of("provenance", extra)));
  }

  @Test
  void theHeaderIsChecked() {
    String table = "the header states an impossible section table (";
    int sections = ByteBuffer.wrap(FILE).get(Layout.H_SECTIONS);
    bad(SnnBytes.withHeader(FILE, Layout.H_VERSION, 0), "format version 0, expected 1..4; use");
    bad(SnnBytes.withHeader(FILE, Layout.H_VERSION, 5), "format version 5, expected 1..4; use");
    bad(SnnBytes.withHeader(FILE, Layout.H_HEADER_BYTES, 64), table + sections);
    bad(SnnBytes.withHeader(FILE, Layout.H_TABLE, 64), table + sections);
    bad(SnnBytes.withHeader(FILE, Layout.H_FLAGS, 1), table + sections);
    for (int count : new int[] {-1, 0, Layout.MAX_SECTIONS + 1, 1 << 16, FILE.length / 64 - 1}) {
      bad(SnnBytes.withHeader(FILE, Layout.H_SECTIONS, count), table + count);
    }
    bad(SnnBytes.withHeader(FILE, Layout.H_TABLE_CRC, 7), "the section table's checksum differs");
    bad(SnnBytes.withHeader(FILE, Layout.H_BODY_CRC, 7), "the file's checksum differs (padding");
    bad(
        SnnBytes.withHeader(FILE, Layout.H_FILE_BYTES, FILE.length + 64),
        "truncated: found " + FILE.length + " bytes, expected " + (FILE.length + 64));
    bad(
        SnnBytes.withHeader(FILE, Layout.H_FILE_BYTES, FILE.length - 64),
        "over-long: found " + FILE.length + " bytes, expected " + (FILE.length - 64));
    byte[] damaged = FILE.clone();
    damaged[Layout.H_FLAGS] = 1;
    bad(damaged, "the header's checksum differs");
  }

  @Test
  void whatIsNoModelIsNamed() {
    bad(new byte[0], "not a .snn model (the file is empty)");
    bad(new byte[] {'P', 'K'}, "not a .snn model (it looks like a zip or .npz file)");
    bad(new byte[] {'P', 'L', 3, 4}, "not a .snn model (its first bytes are unknown)");
    bad(new byte[] {'P'}, "not a .snn model (its first bytes are unknown)");
    bad(new byte[] {(byte) 0x89, 'H', 'D', 'F'}, "not a .snn model (it looks like HDF5)");
    bad(new byte[] {(byte) 0x89, 'H', 'D'}, "not a .snn model (its first bytes are unknown)");
    bad(new byte[] {(byte) 0x89, 'H', 'X', 'F'}, "not a .snn model (its first bytes are unknown)");
    bad(
        Arrays.copyOf(FILE, Layout.HEADER_BYTES - 1),
        "truncated: found 127 bytes, expected a header of 128");
    bad(Arrays.copyOf(FILE, Layout.HEADER_BYTES), "truncated: found 128 bytes, expected ");
  }

  @Test
  void sectionsFollowEachOther() {
    int entries = ByteBuffer.wrap(FILE).get(Layout.H_SECTIONS);
    for (int e = 0; e < entries; e++) {
      bad(
          SnnBytes.withEntry(FILE, e, Layout.E_OFFSET, 64),
          "section " + e + ": offset 64, length ");
      bad(SnnBytes.withEntry(FILE, e, Layout.E_LENGTH, FILE.length), "section " + e + ": offset ");
      bad(SnnBytes.withEntry(FILE, e, Layout.E_LENGTH + 4, -1), "section " + e + ": offset ");
      bad(SnnBytes.withEntry(FILE, e, Layout.E_CRC, 1), "section ");
    }
    bad(
        SnnBytes.withEntry(FILE, entries - 1, Layout.E_LENGTH, 0),
        "the sections end at " + (FILE.length - 64) + ", expected the file's end " + FILE.length);
    for (int type : new int[] {Layout.STRINGS, Layout.NETWORK, Layout.POPULATIONS}) {
      int e = SnnBytes.section(FILE, type, 0);
      bad(
          SnnBytes.withEntry(FILE, e, Layout.E_TYPE, 99),
          "section " + Layout.typeName(type) + " 0 is missing");
      bad(
          SnnBytes.withEntry(FILE, e, Layout.E_INDEX, 1),
          "section " + Layout.typeName(type) + " 0 is missing");
    }
    int weights = SnnBytes.section(FILE, Layout.WEIGHTS, 2);
    bad(SnnBytes.withEntry(FILE, weights, Layout.E_INDEX, 7), "section weights 2 is missing");
    int channels = SnnBytes.section(FILE, Layout.WEIGHTS, 0);
    byte[] longer = SnnBytes.withEntry(FILE, channels, Layout.E_LENGTH, 12);
    bad(SnnBytes.with(longer, channels, 0, 5), "section weights 0: found 12 bytes, expected 8");
  }

  @Test
  void sectionsAreListedWithTheirChecksums() {
    var all = SnnReader.sections(MemorySegment.ofArray(FILE), "f.snn");
    assertTrue(all.stream().allMatch(SnnReader.SectionInfo::checksumOk));
    assertTrue(
        all.stream()
            .map(SnnReader.SectionInfo::name)
            .toList()
            .containsAll(
                List.of(
                    "strings",
                    "network",
                    "populations",
                    "projections",
                    "channels",
                    "weights 0",
                    "weights 2",
                    "input",
                    "analog weights 0",
                    "provenance")));
    int network = SnnBytes.section(FILE, Layout.NETWORK, 0);
    byte[] damaged = SnnBytes.withEntry(FILE, network, Layout.E_CRC, 1);
    var some = SnnReader.sections(MemorySegment.ofArray(damaged), "f.snn");
    for (int i = 0; i < some.size(); i++) {
      assertEquals(i != network, some.get(i).checksumOk());
    }
    bad(damaged, "section network: the checksum differs, the file is damaged");
    byte[] unknown = SnnBytes.withEntry(FILE, network, Layout.E_TYPE, 99);
    assertEquals(
        "type 99", SnnReader.sections(MemorySegment.ofArray(unknown), "f").get(network).name());
    assertFalse(all.get(network).offset() < Layout.HEADER_BYTES);
    assertEquals(Layout.NETWORK_BYTES, all.get(network).length());
  }

  @Test
  void countsAndCodesAreBounded() {
    for (int precision : new int[] {-1, 3}) {
      bad(with(Layout.NETWORK, 0, 8, precision), "network: precision code " + precision);
    }
    assertEquals(2, read(with(Layout.NETWORK, 0, 8, 2)).precision().ordinal());
    for (int n : new int[] {-1, Layout.MAX_SECTIONS + 1}) {
      bad(with(Layout.NETWORK, 0, 16, n), "found " + n + " populations, expected 0..65536");
      bad(with(Layout.NETWORK, 0, 20, n), "found " + n + " projections, expected 0..65536");
      bad(with(Layout.INPUT, 0, 12, n), "found " + n + " analog projections, expected 0..65536");
    }
    bad(
        with(Layout.NETWORK, 0, 16, Layout.MAX_SECTIONS),
        "section populations: found 256 bytes, expected 4194304");
    bad(with(Layout.NETWORK, 0, 16, 5), "section populations: found 256 bytes, expected 320");
    bad(with(Layout.NETWORK, 0, 20, 2), "section projections: found 384 bytes, expected 256");
    bad(with(Layout.INPUT, 0, 12, 2), "section input: found 192 bytes for 2 projections");
    bad(with(Layout.NETWORK, 0, 12, 4), "network: no output population");
  }

  @Test
  void namesLieWithinTheirSection() {
    int strings = "n".length() + "a".length() + "b".length() + "pool".length() + "out".length();
    String outside = "a name lies outside of the section strings";
    for (int at = 0; at < 8; at += 4) {
      bad(with(Layout.NETWORK, 0, at, -1), outside);
      bad(population(1, at, 1000), outside);
      bad(projection(1, at, 1000), outside);
      bad(analog(at, 1000), outside);
    }
    bad(with(Layout.NETWORK, 0, 4, Layout.MOST_NAME + 1), outside);
    int all = strings + "abwatchlastin".length();
    Network whole = read(with(Layout.NETWORK, 0, 4, all));
    assertEquals(all, whole.name().length());
    bad(with(Layout.NETWORK, 0, 4, all + 1), outside);
  }

  @Test
  void populationsHaveShapesModelsAndWidths() {
    for (int at = 8; at <= 16; at += 4) {
      for (int size : new int[] {0, -1}) {
        bad(population(1, at, size), "population b: shape ");
      }
      bad(population(1, at, 1 << 30), "population b: shape ");
    }
    bad(population(1, 24, 17), "population b: 17 bits of V, expected 16 or 32");
    bad(population(1, 20, 9), "population b: neuron model 9, expected 0..4; use a matching");
    bad(population(1, 20, 2), "population b: signed neurons in a file of version 1, expected");
    bad(population(1, 20, 3), "population b: neuron model 3 of 0 steps, expected 1..10; use");
    bad(population(1, 32, 16), "population b: channel values at 16, expected 32");
    bad(population(1, 36, 1), "population b: channel values at 4294967328, expected 32");
    bad(population(3, 8, 4), "population out: channel values at 96, expected 96");
    bad(population(3, 8, 2), "section channels: found 144 bytes, expected 128");
  }

  @Test
  void projectionsHaveKindsWeightsAndGeometry() {
    bad(projection(0, 8, 3), "projection ab: unknown kind 3");
    bad(projection(2, 20, 3), "projection last: weights of 3 bytes");
    bad(projection(2, 20, 1), "section weights 2: found 128 bytes, expected 64");
    for (int v = 0; v < 15; v++) {
      int least = v == 10 || v == 11 ? 0 : 1;
      for (int size : new int[] {least - 1, (1 << 20) + 1}) {
        bad(projection(0, 32 + 4 * v, size), "projection ab: geometry value " + v + " is " + size);
        bad(analog(32 + 4 * v, size), "projection in: geometry value " + v + " is " + size);
      }
    }
    bad(projection(2, 32 + 4 * 14, 2), "projection last: impossible groups or weight count");
    bad(projection(0, 32 + 4 * 14, 4), "projection ab: impossible groups or weight count");
    bad(analog(32 + 4 * 6, 1 << 20), "section analog weights 0: found 16 bytes, expected ");
    bad(projection(0, 16, 0), "projection ab: from population 0 to 0, expected forward");
    bad(projection(0, 24, 1), "projection ab: channel offset 1 leaves the target");
  }

  @Test
  void theImageHasAShape() {
    for (int at = 0; at <= 8; at += 4) {
      bad(with(Layout.INPUT, 0, at, 0), "input: shape ");
      bad(with(Layout.INPUT, 0, at, (1 << 28) + 1), "input: shape ");
    }
    bad(with(Layout.INPUT, 0, 0, 7), "section input: found 192 bytes for 1 projections");
    bad(with(Layout.INPUT, 0, 4, 3), "input projection in: starts from a map of another shape");
    bad(analog(8, 4), "input projection in: target 4 does not exist");
    bad(analog(12, 1), "input projection in: clamp 1..1000");
    bad(analog(16, -1), "input projection in: clamp -1000..-1");
  }

  @Test
  void contentsKeepTheirOrder() {
    ModelContents contents =
        new ModelContents(new NetworkParts().network(), Map.of("x", new byte[2]));
    assertEquals(List.of("x"), List.copyOf(contents.extras().keySet()));
  }
}
