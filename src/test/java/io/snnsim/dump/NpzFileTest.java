// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump;

import static io.snnsim.fixture.DumpFiles.allocated;
import static io.snnsim.fixture.DumpFiles.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import io.snnsim.fixture.Npy;
import io.snnsim.fixture.Zip;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The .npz reader on zip files made by hand. */
class NpzFileTest {
  private static final byte[] ABC = Npy.of("|u1", new byte[] {1, 2, 3}, 3);

  @TempDir Path dir;

  private Path file(byte[] bytes) {
    try {
      return Files.write(dir.resolve("f.npz"), bytes);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private void refusedOnOpen(byte[] bytes, String... parts) {
    Path file = file(bytes);
    refused(() -> NpzFile.open(file).close(), parts);
  }

  private String refusedOnGet(byte[] bytes, String... parts) {
    try (NpzFile npz = NpzFile.open(file(bytes))) {
      return refused(() -> npz.get(npz.names().getFirst()), parts);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void storedAndDeflatedEntriesWithAndWithoutZip64(boolean zip64) {
    byte[] large = new byte[100_000];
    for (int i = 0; i < large.length; i++) {
      large[i] = (byte) (i / 7);
    }
    byte[] zip =
        new Zip(zip64)
            .stored("a.npy", ABC)
            .deflated("b.npy", Npy.of("|u1", large, large.length))
            .bytes();
    try (NpzFile npz = NpzFile.open(file(zip))) {
      assertEquals(List.of("a", "b"), npz.names());
      assertArrayEquals(new byte[] {1, 2, 3}, Npy.unsignedBytes(npz.get("a")));
      assertArrayEquals(large, Npy.unsignedBytes(npz.get("b")));
      assertArrayEquals(large, Npy.unsignedBytes(npz.get("b")), "a second time");
    }
  }

  @Test
  void otherEntriesAreIgnoredAndNestedOnesKeepTheirPath() {
    byte[] zip =
        Zip.plain()
            .stored("group/", new byte[0])
            .stored("group/w.npy", ABC)
            .stored("readme.txt", new byte[3])
            .deflated("../../b.npy", ABC)
            .bytes();
    try (NpzFile npz = NpzFile.open(file(zip))) {
      assertEquals(List.of("group/w", "../../b"), npz.names());
      assertEquals(3, npz.get("group/w").size());
      refused(() -> npz.get("w"), "f.npz", "'w'", "group/w");
      refused(() -> npz.get("readme.txt"), "'readme.txt'");
    }
  }

  @Test
  void twoArraysOfOneNameAreRefused() {
    refusedOnOpen(
        Zip.plain().stored("a.npy", ABC).stored("b.npy", ABC).stored("a.npy", ABC).bytes(),
        "f.npz: found the array a twice");
  }

  @Test
  void filesWithoutArraysAreNamed() {
    refusedOnOpen(Zip.plain().bytes(), "without NumPy arrays");
    refusedOnOpen(Zip.plain().stored("a.txt", ABC).bytes(), "without NumPy arrays");
    refusedOnOpen(
        Zip.plain().stored("net/data.pkl", ABC).stored("net/data/0", ABC).bytes(),
        "PyTorch checkpoint");
    refusedOnOpen(Zip.plain().stored("model.weights.h5", ABC).bytes(), "Keras model");
    refusedOnOpen(new byte[0], "an empty file");
    refusedOnOpen(ABC, "a single NumPy array");
    refusedOnOpen("hello, world, this is no zip file at all".getBytes(), "unknown kind");
  }

  @Test
  void missingFilesAndFoldersAreInputMissing() {
    Path none = dir.resolve("none.npz");
    refused(Category.INPUT_MISSING, () -> NpzFile.open(none).close(), none + ": no such file");
    refused(Category.INPUT_MISSING, () -> NpzFile.open(dir).close(), dir + ": found a folder");
  }

  @Test
  void contentsThatAreNoArrayAreNamed() {
    refusedOnGet(Zip.plain().stored("x.npy", new byte[40]).bytes(), "f.npz[x]: ", "no NumPy array");
    refusedOnGet(
        Zip.plain().stored("x.npy", Zip.plain().stored("y.npy", ABC).bytes()).bytes(),
        "f.npz[x]: ",
        "no NumPy array");
    refusedOnGet(Zip.plain().stored("x.npy", new byte[0]).bytes(), "f.npz[x]: ");
    refusedOnGet(
        Zip.plain().deflated("x.npy", Arrays.copyOf(ABC, ABC.length - 1)).bytes(),
        "f.npz[x]: found 2 bytes of data, expected 3");
  }

  @Test
  void sizesAndChecksumsMustBeTrue() {
    byte[] packed = Zip.deflate(ABC);
    long crc = Zip.crc(ABC);
    for (boolean zip64 : new boolean[] {false, true}) {
      refusedOnGet(
          new Zip(zip64).entry("x.npy", 8, 0, packed, ABC.length - 1, crc).bytes(),
          "f.npz[x]: found more bytes, expected the stated " + (ABC.length - 1));
      refusedOnGet(
          new Zip(zip64).entry("x.npy", 8, 0, packed, ABC.length + 1, crc).bytes(),
          "f.npz[x]: found " + ABC.length + " bytes, expected the stated " + (ABC.length + 1));
      refusedOnGet(
          new Zip(zip64).entry("x.npy", 8, 0, packed, ABC.length, crc ^ 1).bytes(),
          "f.npz[x]: found checksum",
          "damaged");
      refusedOnGet(
          new Zip(zip64).entry("x.npy", 0, 0, ABC, ABC.length, crc ^ 1).bytes(),
          "f.npz[x]: found checksum");
      refusedOnGet(
          new Zip(zip64).entry("x.npy", 8, 0, Arrays.copyOf(packed, 9), ABC.length, crc).bytes(),
          "f.npz[x]: ");
    }
  }

  @Test
  void statedSizesThatCannotBeAllocateNothing() {
    byte[] packed = Zip.deflate(ABC);
    long[] lies = {1 << 20, 1 << 30, Integer.MAX_VALUE - 64L, 0xfffffffeL};
    for (long lie : lies) {
      for (boolean zip64 : new boolean[] {false, true}) {
        byte[] zip = new Zip(zip64).entry("x.npy", 8, 0, packed, lie, Zip.crc(ABC)).bytes();
        refusedOnGet(zip, "f.npz[x]: found ", String.valueOf(lie));
        long bytes = allocated(() -> refusedOnGet(zip));
        assertTrue(bytes < 300_000, lie + ": " + bytes);
      }
    }
    for (long lie : new long[] {1L << 40, Long.MAX_VALUE, -1L, Long.MIN_VALUE}) {
      byte[] zip = new Zip(true).entry("x.npy", 8, 0, packed, lie, Zip.crc(ABC)).bytes();
      Path file = file(zip);
      refused(
          () -> {
            try (NpzFile npz = NpzFile.open(file)) {
              npz.get("x");
            }
          },
          "f.npz");
    }
  }

  @Test
  void methodsOtherThanStoredAndDeflatedAreRefused() {
    for (int method : new int[] {1, 9, 12, 14, 93, 99}) {
      refusedOnOpen(
          Zip.plain().entry("x.npy", method, 0, ABC, ABC.length, Zip.crc(ABC)).bytes(),
          "f.npz: ",
          "compression method: " + method);
    }
    refusedOnOpen(
        Zip.plain().entry("x.npy", 0, 1, ABC, ABC.length, Zip.crc(ABC)).bytes(),
        "f.npz: ",
        "encrypted");
  }

  @Tag("slow")
  @Test
  void everyTruncationIsRefused() {
    for (boolean zip64 : new boolean[] {false, true}) {
      byte[] zip = new Zip(zip64).stored("a.npy", ABC).deflated("b.npy", ABC).bytes();
      for (int n = 0; n < zip.length; n++) {
        refusedOnOpen(Arrays.copyOf(zip, n), "f.npz: ");
      }
    }
  }

  /** Whatever bit flips: refused in one line, or the same numbers, perhaps under another name. */
  @Tag("slow")
  @Test
  void bitsMayFlipInEveryByte() throws IOException {
    int read = 0;
    int refused = 0;
    for (boolean zip64 : new boolean[] {false, true}) {
      byte[] zip = new Zip(zip64).stored("a.npy", ABC).deflated("b.npy", ABC).bytes();
      for (int bit = 0; bit < zip.length * 8; bit += 7) {
        zip[bit / 8] ^= (byte) (1 << bit % 8);
        Path file = file(zip);
        try (NpzFile npz = NpzFile.open(file)) {
          for (String name : npz.names()) {
            assertArrayEquals(new byte[] {1, 2, 3}, Npy.unsignedBytes(npz.get(name)), "bit " + bit);
          }
          read++;
        } catch (SnnsimException e) {
          assertEquals(Category.BAD_DATA, e.category(), "bit " + bit + ": " + e.getMessage());
          assertTrue(e.getMessage().startsWith(file.toString()), e.getMessage());
          refused++;
        }
        zip[bit / 8] ^= (byte) (1 << bit % 8);
      }
    }
    assertTrue(read > 15 && refused > 300, read + " read, " + refused + " refused");
  }

  @Test
  void whatTheWriterWritesIsReadBack() throws IOException {
    Path path = dir.resolve("w.npz");
    try (NpzWriter w = new NpzWriter(Files.newOutputStream(path))) {
      w.put("counts", new int[] {1, -2, 3, 4, 5, 6}, 3, 2);
      w.begin("floats", "<f4", 2, 2);
      w.rows(new float[] {0.5f, -1});
      w.rows(new float[] {2, Float.MIN_VALUE});
      w.begin("bytes", "|u1", 2);
      w.rows(new byte[] {-1, 7});
      w.begin("one", "<i4");
      w.rows(new int[] {9});
    }
    try (NpzFile npz = NpzFile.open(path)) {
      assertEquals(List.of("counts", "floats", "bytes", "one"), npz.names());
      assertArrayEquals(new int[] {3, 2}, npz.get("counts").shape());
      assertArrayEquals(new long[] {1, -2, 3, 4, 5, 6}, npz.get("counts").toLongs());
      assertArrayEquals(new float[] {0.5f, -1, 2, Float.MIN_VALUE}, npz.get("floats").toFloats());
      assertArrayEquals(new byte[] {-1, 7}, Npy.unsignedBytes(npz.get("bytes")));
      assertArrayEquals(new int[0], npz.get("one").shape());
    }
  }
}
