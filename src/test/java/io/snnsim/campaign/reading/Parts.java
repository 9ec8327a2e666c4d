// SPDX-License-Identifier: Apache-2.0
package io.snnsim.campaign.reading;

import io.snnsim.fixture.Zip;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/**
 * Takes inputs apart where lengths and checksums would stop whatever is changed within: zip files,
 * and the fields of protocol buffers. One part is changed and all put together again. Stateless.
 */
final class Parts {
  /** More than any seed inflates to. */
  private static final int MOST_INFLATED = 1 << 20;

  private static final int DEEPEST = 8;

  private Parts() {}

  static boolean isZip(byte[] bytes) {
    return bytes.length > 4 && bytes[0] == 'P' && bytes[1] == 'K' && bytes[2] == 3 && bytes[3] == 4;
  }

  /** A zip file with one of its entries changed; null if it cannot be taken apart. */
  static byte[] zip(byte[] bytes, SplittableRandom random, UnaryOperator<byte[]> change) {
    List<ZipEntry> entries = new ArrayList<>();
    List<byte[]> data = new ArrayList<>();
    try (ZipInputStream in = new ZipInputStream(new ByteArrayInputStream(bytes))) {
      int left = MOST_INFLATED;
      for (ZipEntry e = in.getNextEntry(); e != null; e = in.getNextEntry()) {
        byte[] inflated = in.readNBytes(left + 1);
        left -= inflated.length;
        if (left < 0) {
          return null;
        }
        entries.add(e);
        data.add(inflated);
      }
    } catch (IOException | IllegalArgumentException e) {
      return null;
    }
    if (entries.isEmpty()) {
      return null;
    }
    int chosen = random.nextInt(entries.size());
    Zip zip = new Zip(random.nextInt(16) == 0);
    for (int i = 0; i < entries.size(); i++) {
      byte[] part = i == chosen ? change.apply(data.get(i)) : data.get(i);
      String name = entries.get(i).getName();
      if (entries.get(i).getMethod() == ZipEntry.STORED) {
        zip.stored(name, part);
      } else {
        zip.deflated(name, part);
      }
    }
    return zip.bytes();
  }

  /** A field: its number and kind, and what follows: a number's bytes, or a length's content. */
  private record Field(long tag, byte[] content) {}

  /** A message with one field, of it or of a message within, changed; null if it is none. */
  static byte[] message(byte[] bytes, SplittableRandom random, UnaryOperator<byte[]> change) {
    return message(bytes, random, change, 0);
  }

  private static byte[] message(
      byte[] bytes, SplittableRandom random, UnaryOperator<byte[]> change, int depth) {
    List<Field> fields = fields(bytes);
    if (fields == null || depth > DEEPEST) {
      return null;
    }
    int chosen = random.nextInt(fields.size());
    Field field = fields.get(chosen);
    switch (random.nextInt(12)) {
      case 0 -> fields.remove(chosen);
      case 1 -> fields.add(random.nextInt(fields.size() + 1), field);
      case 2 -> fields.set(chosen, new Field(field.tag ^ 8L << random.nextInt(5), field.content));
      default -> {
        boolean within = (field.tag & 7) == 2 && random.nextInt(8) > 0;
        byte[] inner = within ? message(field.content, random, change, depth + 1) : null;
        fields.set(
            chosen, new Field(field.tag, inner == null ? change.apply(field.content) : inner));
      }
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (Field f : fields) {
      varint(out, f.tag);
      if ((f.tag & 7) == 2) {
        varint(out, f.content.length);
      }
      out.writeBytes(f.content);
    }
    return out.toByteArray();
  }

  /** The fields of a message; null if the bytes are none. */
  private static List<Field> fields(byte[] bytes) {
    List<Field> fields = new ArrayList<>();
    int at = 0;
    while (at < bytes.length) {
      int behindTag = varintEnd(bytes, at);
      if (behindTag < 0) {
        return null;
      }
      long tag = value(bytes, at, behindTag);
      int from = behindTag;
      long length;
      switch ((int) (tag & 7)) {
        case 0 -> length = varintEnd(bytes, from) - (long) from;
        case 1 -> length = 8;
        case 5 -> length = 4;
        case 2 -> {
          int behindLength = varintEnd(bytes, from);
          length = behindLength < 0 ? -1 : value(bytes, from, behindLength);
          from = behindLength;
        }
        default -> length = -1;
      }
      if (length < 0 || length > bytes.length - from) {
        return null;
      }
      at = from + (int) length;
      fields.add(new Field(tag, Arrays.copyOfRange(bytes, from, at)));
    }
    return fields.isEmpty() ? null : fields;
  }

  private static int varintEnd(byte[] bytes, int from) {
    for (int i = from; i < Math.min(bytes.length, from + 10); i++) {
      if (bytes[i] >= 0) {
        return i + 1;
      }
    }
    return -1;
  }

  private static long value(byte[] bytes, int from, int to) {
    long value = 0;
    for (int i = to - 1; i >= from; i--) {
      value = value << 7 | bytes[i] & 0x7f;
    }
    return value;
  }

  private static void varint(ByteArrayOutputStream out, long value) {
    long left = value;
    while ((left & ~0x7fL) != 0) {
      out.write((int) (left & 0x7f | 0x80));
      left >>>= 7;
    }
    out.write((int) left);
  }
}
