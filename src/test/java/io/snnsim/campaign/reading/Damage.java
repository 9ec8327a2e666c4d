// SPDX-License-Identifier: Apache-2.0
package io.snnsim.campaign.reading;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Changes inputs at random: bits, bytes, numbers in binary and in digits, words that the code
 * knows, pieces moved, doubled, left out or taken from another input. For one thread; what it
 * changes follows from its random numbers and the inputs.
 */
final class Damage {
  private static final long[] NUMBERS = {
    0,
    1,
    -1,
    2,
    7,
    8,
    16,
    32,
    64,
    127,
    128,
    255,
    256,
    1023,
    1024,
    32767,
    32768,
    65535,
    65536,
    1 << 24,
    Integer.MAX_VALUE - 1,
    Integer.MAX_VALUE,
    Integer.MIN_VALUE,
    0xffffffffL,
    1L << 32,
    1L << 40,
    Long.MAX_VALUE,
    Long.MIN_VALUE
  };
  private static final List<byte[]> DIGITS =
      List.of(
              "0",
              "1",
              "-1",
              "2",
              "65536",
              "2147483647",
              "2147483648",
              "4294967296",
              "9223372036854775807",
              "9223372036854775808",
              "1e9",
              "1e400",
              "0.5",
              "NaN")
          .stream()
          .map(text -> text.getBytes(StandardCharsets.US_ASCII))
          .toList();

  /** Longest piece that is put in or taken out at once. */
  private static final int LONGEST = 64;

  private final SplittableRandom random;
  private final List<byte[]> words;

  /** Draws from {@code random}, and words from {@code words}, which may be empty. */
  Damage(SplittableRandom random, List<byte[]> words) {
    this.random = random;
    this.words = words;
  }

  /**
   * A changed copy.
   *
   * @param other to take pieces of
   * @param longest that it may become
   */
  byte[] of(byte[] input, byte[] other, int longest) {
    byte[] bytes = input.clone();
    // One at a time mostly, since what is read to the end finds more than what is refused at once.
    int changes = 1 << Math.max(0, random.nextInt(7) - 3);
    for (int c = 0; c < changes; c++) {
      byte[] next = change(bytes, other);
      bytes = next.length > longest ? bytes : next;
    }
    return bytes;
  }

  private byte[] change(byte[] bytes, byte[] other) {
    int n = bytes.length;
    if (n == 0) {
      return new byte[] {(byte) random.nextInt(256)};
    }
    int at = random.nextInt(n);
    switch (random.nextInt(14)) {
      case 0, 1 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
      case 2, 3 -> bytes[at] = (byte) random.nextInt(256);
      case 4 -> bytes[at] += (byte) (random.nextInt(33) - 16);
      case 5, 6 -> number(bytes, at, NUMBERS[random.nextInt(NUMBERS.length)]);
      case 7 -> {
        return digits(bytes, at);
      }
      case 8 -> {
        return words.isEmpty() ? bytes : put(bytes, at, words.get(random.nextInt(words.size())));
      }
      case 9 -> {
        int length = Math.min(1 + random.nextInt(LONGEST), n - at);
        return joined(bytes, at, new byte[0], at + length);
      }
      case 10 -> {
        int length = Math.min(1 + random.nextInt(LONGEST), n - at);
        return joined(bytes, at, Arrays.copyOfRange(bytes, at, at + length), at);
      }
      case 11 -> {
        int from = random.nextInt(n);
        int length = Math.min(1 + random.nextInt(LONGEST), n - Math.max(at, from));
        System.arraycopy(bytes, from, bytes, at, length);
      }
      case 12 -> {
        if (other.length > 0) {
          int from = random.nextInt(other.length);
          int length = Math.min(1 + random.nextInt(LONGEST), other.length - from);
          return put(bytes, at, Arrays.copyOfRange(other, from, from + length));
        }
      }
      default -> {
        if (random.nextInt(4) == 0) {
          return Arrays.copyOf(bytes, at);
        }
      }
    }
    return bytes;
  }

  /** A number of 1, 2, 4 or 8 bytes, of either order. */
  private void number(byte[] bytes, int at, long value) {
    int width = 1 << random.nextInt(4);
    boolean highFirst = random.nextBoolean();
    for (int i = 0; i < width && at + i < bytes.length; i++) {
      bytes[at + i] = (byte) (value >> 8 * (highFirst ? width - 1 - i : i));
    }
  }

  /** Puts another number where one is written in digits, if there is one behind {@code at}. */
  private byte[] digits(byte[] bytes, int at) {
    int from = at;
    while (from < bytes.length && !isDigit(bytes[from])) {
      from++;
    }
    int to = from;
    while (to < bytes.length && isDigit(bytes[to])) {
      to++;
    }
    return from == bytes.length
        ? bytes
        : joined(bytes, from, DIGITS.get(random.nextInt(DIGITS.size())), to);
  }

  private static boolean isDigit(byte b) {
    return b >= '0' && b <= '9';
  }

  /** Puts a piece over what is there, or between. */
  private byte[] put(byte[] bytes, int at, byte[] piece) {
    return joined(
        bytes, at, piece, random.nextBoolean() ? at : Math.min(at + piece.length, bytes.length));
  }

  private static byte[] joined(byte[] bytes, int until, byte[] middle, int from) {
    byte[] all = new byte[until + middle.length + bytes.length - from];
    System.arraycopy(bytes, 0, all, 0, until);
    System.arraycopy(middle, 0, all, until, middle.length);
    System.arraycopy(bytes, from, all, until + middle.length, bytes.length - from);
    return all;
  }
}
