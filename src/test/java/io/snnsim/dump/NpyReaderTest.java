// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump;

import static io.snnsim.fixture.DumpFiles.allocated;
import static io.snnsim.fixture.DumpFiles.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.snnsim.error.SnnsimException;
import io.snnsim.fixture.Npy;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The .npy reader on bytes made by hand. */
class NpyReaderTest {
  private static final int[] SHAPE = {2, 3, 4};

  /** Bytes of values 0, 1, .. 23 (less 7 where signs are), written by plain buffer calls. */
  private static byte[] encode(String code, ByteOrder order, boolean fortran) {
    int item = code.equals("?") || code.equals("b1") ? 1 : code.charAt(1) - '0';
    ByteBuffer b = ByteBuffer.allocate(24 * item).order(order);
    for (int k = 0; k < 24; k++) {
      // Position k of the file holds element (x, y, z): the last index runs first in C order.
      int x = fortran ? k % 2 : k / 12;
      int y = fortran ? k / 2 % 3 : k / 4 % 3;
      int z = fortran ? k / 6 : k % 4;
      int v = value(code, (x * 3 + y) * 4 + z);
      switch (code) {
        case "f2" -> b.putShort(Float.floatToFloat16(v));
        case "f4" -> b.putFloat(v);
        case "f8" -> b.putDouble(v);
        case "i2", "u2" -> b.putShort((short) v);
        case "i4", "u4" -> b.putInt(v);
        case "i8", "u8" -> b.putLong(v);
        default -> b.put((byte) v);
      }
    }
    return b.array();
  }

  private static int value(String code, int element) {
    return switch (code.charAt(0)) {
      case 'i', 'f' -> element - 7;
      case 'b', '?' -> element % 3 == 0 ? 1 : 0;
      default -> element;
    };
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "b1", "?"})
  void everyTypeOrderLayoutAndVersion(String code) {
    for (String mark : new String[] {"<", ">", "|", "=", ""}) {
      ByteOrder order = mark.equals(">") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
      for (boolean fortran : new boolean[] {false, true}) {
        for (int version = 1; version <= 3; version++) {
          String what = mark + code + " fortran=" + fortran + " version=" + version;
          byte[] bytes =
              Npy.file(
                  version, Npy.header(mark + code, fortran, 2, 3, 4), encode(code, order, fortran));
          NpyArray a = NpyReader.read(bytes, "x");
          assertArrayEquals(SHAPE, a.shape(), what);
          assertEquals(24, a.size(), what);
          float[] floats = a.toFloats();
          for (int i = 0; i < 24; i++) {
            assertEquals(value(code, i), floats[i], what + " element " + i);
          }
          if (a.kind() != NpyArray.Kind.FLOAT) {
            long[] longs = a.toLongs();
            for (int i = 0; i < 24; i++) {
              assertEquals(value(code, i), longs[i], what + " element " + i);
            }
          }
          if (code.equals("u1")) {
            byte[] raw = Npy.unsignedBytes(a);
            assertEquals(23, raw[23], what);
            assertEquals(5, raw[5], what);
          }
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "f2, float16, FLOAT", "f4, float32, FLOAT", "f8, float64, FLOAT", "i1, int8, SIGNED",
    "i8, int64, SIGNED", "u2, uint16, UNSIGNED", "u4, uint32, UNSIGNED", "b1, bool, BOOL"
  })
  void typesAreNamedAsInNumPy(String code, String name, NpyArray.Kind kind) {
    NpyArray a = NpyReader.read(Npy.of("<" + code, new byte[0], 0), "x");
    assertEquals(name, a.typeName());
    assertEquals(kind, a.kind());
  }

  @Test
  void halfPrecisionBitsAreThoseOfTheStandard() {
    int[] bits = {0x0000, 0x3c00, 0xc000, 0x7bff, 0x0001, 0x03ff, 0x0400, 0x3555, 0x7c00, 0xfc00};
    float[] values = {
      0f,
      1f,
      -2f,
      65504f,
      0x1p-24f,
      1023 * 0x1p-24f,
      0x1p-14f,
      0.33325195f,
      Float.POSITIVE_INFINITY,
      Float.NEGATIVE_INFINITY
    };
    ByteBuffer b = ByteBuffer.allocate(bits.length * 2).order(ByteOrder.BIG_ENDIAN);
    Arrays.stream(bits).forEach(v -> b.putShort((short) v));
    assertArrayEquals(
        values, NpyReader.read(Npy.of(">f2", b.array(), bits.length), "x").toFloats());
  }

  @Test
  void extremesOfIntegers() {
    ByteBuffer b = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN);
    b.putLong(Long.MIN_VALUE).putLong(Long.MAX_VALUE).putLong(-1);
    NpyArray signed = NpyReader.read(Npy.of("<i8", b.array(), 3), "x");
    assertArrayEquals(new long[] {Long.MIN_VALUE, Long.MAX_VALUE, -1}, signed.toLongs());
    assertArrayEquals(new float[] {-0x1p63f, 0x1p63f, -1}, signed.toFloats());
    NpyArray unsigned = NpyReader.read(Npy.of("<u8", b.array(), 3), "x");
    assertArrayEquals(new float[] {0x1p63f, 0x1p63f, 0x1p64f}, unsigned.toFloats());
    byte[] ff = {-1, -1, -1, -1};
    assertArrayEquals(
        new long[] {0xffff, 0xffff}, NpyReader.read(Npy.of("<u2", ff, 2), "x").toLongs());
    assertArrayEquals(
        new long[] {0xffffffffL}, NpyReader.read(Npy.of("<u4", ff, 1), "x").toLongs());
    assertArrayEquals(
        new long[] {-1, -1, -1, -1}, NpyReader.read(Npy.of("<i1", ff, 4), "x").toLongs());
    assertArrayEquals(
        new long[] {255, 255, 255, 255}, NpyReader.read(Npy.of("<u1", ff, 4), "x").toLongs());
  }

  /** By way of double these would be rounded twice, to the even neighbour below. */
  @Test
  void largeIntegersAreRoundedOnce() {
    ByteBuffer b = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
    b.putLong((1L << 60) + (1L << 36) + 1).putLong((1L << 63) + (1L << 39) + 1);
    assertEquals(0x1p60f + 0x1p37f, NpyReader.read(Npy.of("<i8", b.array(), 2), "x").toFloats()[0]);
    assertEquals(0x1p63f + 0x1p40f, NpyReader.read(Npy.of("<u8", b.array(), 2), "x").toFloats()[1]);
  }

  @Test
  void doublesAreRoundedToNearest() {
    ByteBuffer b = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN);
    b.putDouble(0.1).putDouble(1e300).putDouble(-1e-60);
    assertArrayEquals(
        new float[] {0.1f, Float.POSITIVE_INFINITY, -0f},
        NpyReader.read(Npy.of("<f8", b.array(), 3), "x").toFloats());
  }

  @Test
  void anyNonZeroBooleanIsOne() {
    assertArrayEquals(
        new long[] {0, 1, 1},
        NpyReader.read(Npy.of("|b1", new byte[] {0, 2, -1}, 3), "x").toLongs());
  }

  @Test
  void singleValuesAndEmptyArrays() {
    NpyArray single = NpyReader.read(Npy.of("<i2", new byte[] {5, 1}), "x");
    assertArrayEquals(new int[0], single.shape());
    assertEquals(1, single.size());
    assertArrayEquals(new long[] {261}, single.toLongs());
    long[][] shapes = {{0}, {0, 3}, {3, 0}, {0, Integer.MAX_VALUE, Integer.MAX_VALUE, 3}};
    for (long[] shape : shapes) {
      for (boolean fortran : new boolean[] {false, true}) {
        NpyArray a =
            NpyReader.read(Npy.file(1, Npy.header("<f4", fortran, shape), new byte[0]), "x");
        assertArrayEquals(Arrays.stream(shape).mapToInt(d -> (int) d).toArray(), a.shape());
        assertEquals(0, a.size());
        assertEquals(0, a.toFloats().length);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'descr': '<u1', 'fortran_order': False, 'shape': (2, 1), }          \n",
        "{'shape':(2,1),'fortran_order':False,'descr':'<u1'}",
        "{\"descr\": \"<u1\", \"fortran_order\": False, \"shape\": (2, 1)}",
        " { 'shape' : ( 2 , 1 , ) ,\t'descr' : '|u1' , 'fortran_order' : False , } ",
        "{'descr': '<u1', 'fortran_order': False, 'shape': (2L, 1L)}"
      })
  void headersOfOtherWriters(String header) {
    NpyArray a = NpyReader.read(Npy.file(1, header, new byte[] {7, 9}), "x");
    assertArrayEquals(new int[] {2, 1}, a.shape());
    assertArrayEquals(new byte[] {7, 9}, Npy.unsignedBytes(a));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      textBlock =
          """
          {'descr': '<f4', 'fortran_order': False}                               ~ only [descr
          {'descr': '<f4', 'fortran_order': False, 'shape': (2,), 'more': 1}     ~ key 'more'
          {'descr': '<f4', 'descr': '<f4', 'shape': (2,)}                        ~ twice
          {'descr': '<f4', 'fortran_order': Perhaps, 'shape': (2,)}              ~ True nor False
          {'descr': '<f4', 'fortran_order': 0, 'shape': (2,)}                    ~ True nor False
          {'descr': '<f4', 'fortran_order': False, 'shape': 2}                   ~ no '('
          {'descr': '<f4', 'fortran_order': False, 'shape': (2.5,)}              ~ no ')'
          {'descr': '<f4', 'fortran_order': False, 'shape': (-2,)}               ~ no list of sizes
          {'descr': '<f4', 'fortran_order': False, 'shape': (,)}                 ~ no list of sizes
          {'descr': '<f4', 'fortran_order': False, 'shape': (2 3)}               ~ no ')'
          {'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)} ~ no list of
          {'descr': '<f4', 'fortran_order': False, 'shape': (2,)} {}             ~ after the dict
          {'descr': '<f4', 'fortran_order': False, 'shape': (2,)                 ~ no '}'
          {'descr': '<f4                                                         ~ no quoted text
          {descr: '<f4', 'fortran_order': False, 'shape': (2,)}                  ~ no quoted text
          ['descr', '<f4']                                                       ~ no '{'
          {'descr': [('a', '<f4'), ('b', '|O')], 'fortran_order': False, 'shape': (2,)} ~ structured
          {'descr': '|O', 'fortran_order': False, 'shape': (2,)}                 ~ object array
          {'descr': 'O', 'fortran_order': False, 'shape': (2,)}                  ~ object array
          {'descr': '<U4', 'fortran_order': False, 'shape': (2,)}                ~ dtype '<U4'
          {'descr': '|S1', 'fortran_order': False, 'shape': (8,)}                ~ dtype '|S1'
          {'descr': '<c8', 'fortran_order': False, 'shape': (1,)}                ~ dtype '<c8'
          {'descr': '<f16', 'fortran_order': False, 'shape': (1,)}               ~ dtype '<f16'
          {'descr': '<i3', 'fortran_order': False, 'shape': (2,)}                ~ dtype '<i3'
          {'descr': '<f1', 'fortran_order': False, 'shape': (8,)}                ~ dtype '<f1'
          {'descr': '<M8[ns]', 'fortran_order': False, 'shape': (1,)}            ~ dtype '<M8[ns]'
          {'descr': '|V4', 'fortran_order': False, 'shape': (4,)}                ~ dtype '|V4'
          {'descr': '', 'fortran_order': False, 'shape': (2,)}                   ~ dtype ''
          {'descr': '<f4', 'fortran_order': False, 'shape': (3,)}                ~ found 8 bytes
          {'descr': '<f4', 'fortran_order': False, 'shape': (1,)}                ~ expected 4
          {'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387905, 2)} ~ 2^62
          {'descr': '<f4', 'fortran_order': False, 'shape': (2147483648, 2147483648, 4)} ~ 2^62
          ``                                                                     ~ no '{'
          """)
  void headersThatAreRefused(String header, String part) {
    refused(
        () -> NpyReader.read(Npy.file(1, header, new byte[8]), "net.npz[w]"), "net.npz[w]: ", part);
  }

  @Test
  void controlCharactersOfAHeaderDoNotReachTheTerminal() {
    refused(
        () -> NpyReader.read(Npy.file(1, "{'\u001b[31m\nx': 1}", new byte[8]), "f"),
        "key '\\u001b[31m x'");
    refused(
        () -> NpyReader.read(Npy.file(1, Npy.header("<\n\u0007f4", false, 2), new byte[8]), "f"),
        "dtype '< \\u0007f4'");
  }

  @Test
  void tooManyDimensionsAreRefused() {
    assertEquals(64, NpyReader.read(Npy.of("<i1", new byte[1], ones(64)), "f").shape().length);
    refused(() -> NpyReader.read(Npy.of("<i1", new byte[1], ones(65)), "f"), "64 dimensions");
  }

  private static long[] ones(int n) {
    return IntStream.range(0, n).mapToLong(i -> 1).toArray();
  }

  @Test
  void foreignBytesAndVersionsAreRefused() {
    refused(() -> NpyReader.read(new byte[0], "f"), "\\x93NUMPY");
    refused(() -> NpyReader.read(new byte[100], "f"), "\\x93NUMPY");
    for (int version : new int[] {0, 4, 255}) {
      byte[] bytes = Npy.of("<i1", new byte[2], 2);
      bytes[6] = (byte) version;
      refused(() -> NpyReader.read(bytes, "f"), "version " + version, "1, 2 or 3");
    }
  }

  @Test
  void everyTruncationAndEveryExtensionIsRefused() {
    for (int version = 1; version <= 3; version++) {
      byte[] sound = Npy.file(version, Npy.header("<f4", false, 2, 2), new byte[16]);
      assertEquals(4, NpyReader.read(sound, "f").size());
      for (int n = 0; n < sound.length; n++) {
        byte[] cut = Arrays.copyOf(sound, n);
        refused(() -> NpyReader.read(cut, "f"), "f: ");
      }
      byte[] longer = Arrays.copyOf(sound, sound.length + 1);
      refused(() -> NpyReader.read(longer, "f"), "found 17 bytes", "expected 16");
    }
  }

  @Test
  void lyingHeadersAllocateNothing() {
    byte[][] liars = {
      Npy.of("<f8", new byte[8], Integer.MAX_VALUE),
      Npy.of("<f8", new byte[8], Integer.MAX_VALUE, Integer.MAX_VALUE),
      Npy.of("<u1", new byte[8], Integer.MAX_VALUE - 8),
      Npy.of("<u1", new byte[8], 1L << 32),
      Npy.of("<u1", new byte[8], Long.MAX_VALUE, Long.MAX_VALUE, Long.MAX_VALUE),
      Npy.of("<f4", new byte[0], 0, 1L << 40),
      Npy.file(2, -1, new byte[20], new byte[8]),
      Npy.file(3, Integer.MAX_VALUE, new byte[20], new byte[8]),
      Npy.file(1, 0xffff, new byte[20], new byte[8]),
    };
    for (byte[] liar : liars) {
      refused(() -> NpyReader.read(liar, "f")); // Loads what a refusal needs.
      long bytes =
          allocated(
              () -> {
                try {
                  NpyReader.read(liar, "f");
                } catch (SnnsimException e) {
                  return;
                }
                throw new AssertionError("read");
              });
      assertTrue(
          bytes < 100_000, bytes + " bytes for " + new String(liar, StandardCharsets.ISO_8859_1));
    }
  }

  /** Whatever bit of the header flips: refused in one line, or an array of those same 8 bytes. */
  @Test
  void everyBitOfTheHeaderMayFlip() {
    int read = 0;
    for (int version = 1; version <= 3; version++) {
      byte[] sound = Npy.file(version, Npy.header("<i2", true, 2, 2), new byte[8]);
      for (int bit = 0; bit < (sound.length - 8) * 8; bit++) {
        byte[] bytes = sound.clone();
        bytes[bit / 8] ^= (byte) (1 << bit % 8);
        try {
          NpyArray a = NpyReader.read(bytes, "f");
          assertEquals(8, a.size() * a.itemBytes());
          assertEquals(a.size(), a.toFloats().length);
          read++;
        } catch (SnnsimException e) {
          refused(() -> NpyReader.read(bytes, "f"));
        }
      }
    }
    assertTrue(read > 0, "some flips are harmless, such as those of the minor version");
  }

  @Test
  void wrongUsesAreRefused() {
    refused(
        () -> NpyReader.read(Npy.of("<f4", new byte[4], 1), "f").toLongs(), "float32", "integers");
  }
}
