// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump;

import static io.snnsim.fixture.DumpFiles.fixture;
import static io.snnsim.fixture.DumpFiles.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The readers on files that NumPy itself wrote (tools/make_fixtures.py). */
class NumPyFilesTest {
  @ParameterizedTest
  @CsvSource({
    "f2, 0, 0",
    "f4, 0, 0",
    "f8, 0, 0",
    "i1, -128, 127",
    "i2, -32768, 32767",
    "i4, -2147483648, 2147483647",
    "i8, -9223372036854775808, 9223372036854775807",
    "u1, 0, 255",
    "u2, 0, 65535",
    "u4, 0, 4294967295",
    "u8, 0, -1",
    "b1, 0, 0"
  })
  void everyTypeInBothOrdersAndLayouts(String code, long min, long max) {
    try (NpzFile npz = NpzFile.open(fixture("types.npz"))) {
      assertEquals(48, npz.names().size());
      for (String order : new String[] {"_le_c", "_be_c", "_le_f", "_be_f"}) {
        NpyArray a = npz.get(code + order);
        assertArrayEquals(new int[] {2, 3, 4}, a.shape());
        float[] floats = a.toFloats();
        boolean integers = code.charAt(0) == 'i' || code.charAt(0) == 'u';
        for (int i = 0; i < 24; i++) {
          String what = code + order + " element " + i;
          if (integers && i >= 22) {
            assertEquals(i == 22 ? min : max, a.toLongs()[i], what);
            continue;
          }
          float expected =
              switch (code.charAt(0)) {
                case 'f' -> (i * 5 - 37) / 8f;
                case 'i' -> i * 5 - 37;
                case 'u' -> i * 5;
                default -> i % 2;
              };
          assertEquals(expected, floats[i], what);
        }
      }
    }
  }

  @Test
  void storedScalarsEmptyArraysAndSlices() {
    try (NpzFile npz = NpzFile.open(fixture("stored.npz"))) {
      assertEquals(0, npz.get("single").shape().length);
      assertEquals(2.5f, npz.get("single").toFloats()[0]);
      assertArrayEquals(new int[] {0, 3}, npz.get("empty").shape());
      assertArrayEquals(new int[] {4, 0}, npz.get("empty_late").shape());
      assertEquals(0, npz.get("empty_late").toLongs().length);
      assertArrayEquals(new long[] {0, 1, 2, 3, 4}, npz.get("row").toLongs());
      assertArrayEquals(new int[] {2, 3}, npz.get("sliced").shape());
      assertArrayEquals(new float[] {4, 2, 0, 14, 12, 10}, npz.get("sliced").toFloats());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void everyFormatVersion(int version) throws IOException {
    byte[] bytes = Files.readAllBytes(fixture("version" + version + ".npy"));
    assertEquals(version, bytes[6]);
    NpyArray a = NpyReader.read(bytes, "f");
    assertArrayEquals(new int[] {2, 3}, a.shape());
    assertArrayEquals(new float[] {0, 1, 2, 3, 4, 5}, a.toFloats());
  }

  @ParameterizedTest
  @CsvSource({
    "object, object array",
    "structured, structured array",
    "text, dtype '<U2'",
    "bytes, dtype '|S1'",
    "complex, dtype '<c8'",
    "date, dtype '<M8[D]'",
    "long, dtype '<f16'"
  })
  void arraysThatAreNoNumbersAreRefused(String name, String part) {
    try (NpzFile npz = NpzFile.open(fixture("refused.npz"))) {
      refused(() -> npz.get(name), "refused.npz[" + name + "]: ", part);
    }
  }
}
