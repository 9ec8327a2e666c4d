// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump;

import static io.snnsim.fixture.DumpFiles.allocated;
import static io.snnsim.fixture.DumpFiles.fixture;
import static io.snnsim.fixture.DumpFiles.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jhdf.object.datatype.FloatingPoint;
import io.snnsim.ann.op.Tensor;
import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** HDF5 dumps that h5py wrote (tools/make_fixtures.py). */
class Hdf5TensorsTest {
  @TempDir Path dir;

  private static final Map<String, Tensor> EXPECTED =
      WeightDump.read(fixture("tensors.npz")).tensors();

  private static void assertSame(Map<String, Tensor> expected, Map<String, Tensor> found) {
    assertEquals(expected.keySet(), found.keySet());
    expected.forEach(
        (name, t) -> {
          assertArrayEquals(t.shape(), found.get(name).shape(), name);
          assertArrayEquals(t.data(), found.get(name).data(), name);
        });
  }

  @Test
  void theExpectedTensorsAreNotTrivial() {
    assertEquals(Set.of("a.weight", "a.bias", "deep.er.conv.weight"), EXPECTED.keySet());
    assertArrayEquals(new int[] {4, 3, 3, 2}, EXPECTED.get("deep.er.conv.weight").shape());
    assertEquals(72, Arrays.stream(bits(EXPECTED.get("deep.er.conv.weight"))).distinct().count());
  }

  private static int[] bits(Tensor t) {
    int[] out = new int[t.size()];
    for (int i = 0; i < out.length; i++) {
      out[i] = Float.floatToRawIntBits(t.data()[i]);
    }
    return out;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "contiguous",
        "compact",
        "chunked",
        "gzip",
        "filters",
        "lzf",
        "latest",
        "big_endian",
        "double"
      })
  void everyLayoutFilterAndFileVersionGivesTheTensorsOfTheNpz(String name) {
    WeightDump dump = WeightDump.read(fixture(name + ".h5"));
    assertSame(EXPECTED, dump.tensors());
    assertEquals(List.of(), dump.notes());
  }

  @Test
  void halfPrecisionIsRead() {
    Map<String, Tensor> found = WeightDump.read(fixture("half.h5")).tensors();
    EXPECTED.forEach(
        (name, t) -> {
          for (int i = 0; i < t.size(); i++) {
            float rounded = Float.float16ToFloat(Float.floatToFloat16(t.data()[i]));
            assertEquals(rounded, found.get(name).data()[i], name);
          }
        });
  }

  @Test
  void bfloat16IsRead() {
    WeightDump dump = WeightDump.read(fixture("bfloat16.h5"));
    assertEquals(List.of("a.bias"), List.copyOf(dump.tensors().keySet()));
    float[] expected = EXPECTED.get("a.bias").data();
    float[] found = dump.tensors().get("a.bias").data();
    assertEquals(expected.length, found.length);
    for (int i = 0; i < expected.length; i++) {
      assertEquals(0, Float.floatToRawIntBits(found[i]) & 0xffff);
      assertEquals(expected[i], found[i], Math.abs(expected[i]) / 128);
    }
    assertEquals(List.of(), dump.notes());
  }

  /** jHDF has its own conversion, which these tests would otherwise meet at a few values only. */
  @Test
  void everyHalfIsConvertedAsTheJdkDoes() {
    for (int bits = 0; bits < 1 << 16; bits++) {
      float expected = Float.float16ToFloat((short) bits);
      float found = FloatingPoint.toFloat((short) bits);
      assertTrue(
          Float.isFinite(expected)
              ? Float.floatToRawIntBits(expected) == Float.floatToRawIntBits(found)
              : !Float.isFinite(found),
          Integer.toHexString(bits));
    }
  }

  @Test
  void groupsArePrefixesAndCountersAreLeftOut() {
    WeightDump dump = WeightDump.read(fixture("module.h5"));
    WeightDump net = TensorTrees.choose(dump, names -> names.contains("a.weight") ? 1 : 0);
    assertSame(EXPECTED, net.tensors());
    assertEquals(
        List.of(
            "2 num_batches_tracked counters ignored",
            "prefix 'module.' removed from every tensor name"),
        net.notes());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      textBlock =
          """
          nan           ~ [a/bias]: found NaN at element 3
          integer       ~ [a/bias]: found int64
          text          ~ [a/bias]: found text
          bool          ~ [a/bias]: found an enumeration
          compound      ~ [a/bias]: found compound values
          minifloat     ~ [a/bias]: found 16-bit floats with 6 exponent bits
          raw_bfloat16  ~ bfloat16 is perhaps stored as bytes without a type: export .float() before
          huge          ~ [a/bias]: found shape [1048576, 4096] and 0 bytes stored
          unwritten     ~ [a/bias]: found a dataset that was never written, expected 5 values
          null          ~ [a/bias]: found shape [] and 0 bytes
          filter        ~ [a/bias]: found HDF5 that cannot be read (A required filter is not available: name='scaleoffset'
          soft_link     ~ [a/bias]: found a link
          external_link ~ [a/bias]: found a link
          circle        ~ in a circle
          same_name     ~ found a second tensor named a.weight
          nir           ~ found a NIR graph
          empty         ~ HDF5 without a dataset
          """)
  void whatNoWeightsAreIsRefused(String name, String part) {
    Path file = fixture("refused_" + name + ".h5");
    refused(() -> WeightDump.read(file), file.toString(), part, "expected");
  }

  @Test
  void lyingDimensionsAllocateNothing() {
    Path file = fixture("refused_huge.h5");
    refused(() -> WeightDump.read(file));
    long bytes = allocated(() -> refused(() -> WeightDump.read(file)));
    assertTrue(bytes < 2_000_000, bytes + " bytes");
  }

  @Test
  void aFileThatIsMadeShorterMeanwhileIsATypedFailure() throws IOException {
    Path file = Files.copy(fixture("contiguous.h5"), dir.resolve("shorter.h5"));
    SnnsimException e =
        assertThrows(
            SnnsimException.class,
            () ->
                Hdf5File.with(
                    file,
                    new TensorCollector(file),
                    hdf -> {
                      empty(file);
                      return hdf.unchecked(hdf.paths().first());
                    }));
    assertEquals(Category.IO, e.category(), e.getMessage());
    assertTrue(e.getMessage().startsWith(file + ": cannot be read any more"), e.getMessage());
  }

  private static void empty(Path file) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.truncate(0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Tag("slow")
  @ParameterizedTest
  @ValueSource(strings = {"contiguous", "latest", "filters"})
  void truncatedFilesAreRefused(String name) throws IOException {
    byte[] sound = Files.readAllBytes(fixture(name + ".h5"));
    int step = Math.max(1, sound.length / 150);
    for (int n = 0; n < sound.length - 1; n += step) {
      outcome(Arrays.copyOf(sound, n), name + " cut at " + n);
    }
    // Only the tensors' bytes at the very end may be missing unnoticed, and h5py says no word then.
    Path half = Files.write(dir.resolve("half.h5"), Arrays.copyOf(sound, sound.length / 2));
    refused(() -> WeightDump.read(half), half.toString());
  }

  /** Flipped bits: refused in one line, or read with sound shapes; never another exception. */
  @Tag("slow")
  @ParameterizedTest
  @ValueSource(strings = {"contiguous", "latest", "filters", "module", "compact"})
  void flippedBitsAreRefusedOrHarmless(String name) throws IOException {
    byte[] sound = Files.readAllBytes(fixture(name + ".h5"));
    SplittableRandom random = new SplittableRandom(name.hashCode());
    int refused = 0;
    int rounds = Boolean.getBoolean("snnsim.long") ? 4_000 : 200;
    for (int k = 0; k < rounds; k++) {
      byte[] bytes = sound.clone();
      int at;
      do {
        at = random.nextInt(bytes.length);
      } while (bytes[at] == 0 && random.nextInt(20) > 0); // Most of such a file is unused zeros.
      int bit = random.nextInt(8);
      bytes[at] ^= (byte) (1 << bit);
      refused += outcome(bytes, name + " byte " + at + " bit " + bit) ? 0 : 1;
    }
    assertTrue(refused > rounds / 30, refused + " of " + rounds + " refused");
  }

  /** True if the bytes were read, false if refused as they should; anything else fails. */
  private boolean outcome(byte[] bytes, String what) throws IOException {
    Path file = Files.write(dir.resolve("x.h5"), bytes);
    return assertTimeoutPreemptively(
        Duration.ofMinutes(2), // Guards against endless loops alone.
        () -> {
          try {
            for (Tensor t : WeightDump.read(file).tensors().values()) {
              assertTrue(t.size() < 1 << 20, what);
            }
            return true;
          } catch (SnnsimException e) {
            assertEquals(Category.BAD_DATA, e.category(), what + ": " + e.getMessage());
            assertTrue(e.getMessage().startsWith(file.toString()), what + ": " + e.getMessage());
            assertEquals(1, e.getMessage().lines().count(), what + ": " + e.getMessage());
            return false;
          } catch (Throwable t) {
            throw new AssertionError(what, t);
          }
        });
  }
}
