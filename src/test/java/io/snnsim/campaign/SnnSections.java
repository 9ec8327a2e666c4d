// SPDX-License-Identifier: Apache-2.0
package io.snnsim.campaign;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * A .snn file taken apart, to be changed and put together again with right checksums. Written from
 * native-layout/README.md alone. Confined to one thread.
 */
final class SnnSections {
  static final int NETWORK = 2;
  static final int POPULATIONS = 3;
  static final int PROJECTIONS = 4;
  static final int CHANNELS = 5;
  static final int WEIGHTS = 6;
  static final int INPUT = 7;
  static final int ANALOG = 8;

  private static final byte[] MAGIC = {(byte) 0x89, 'S', 'N', 'N', '\r', '\n', 0x1a, '\n'};
  static final int HEADER = 128;
  static final int ENTRY = 64;

  /** One section; its bytes may be replaced. */
  static final class Section {
    int type;
    int index;
    byte[] name;
    byte[] data;

    Section(int type, int index, byte[] name, byte[] data) {
      this.type = type;
      this.index = index;
      this.name = name;
      this.data = data;
    }

    Section copy() {
      return new Section(type, index, name.clone(), data.clone());
    }

    /** Its bytes, little-endian, to be read and written. */
    ByteBuffer buffer() {
      return little(data);
    }
  }

  int version;
  final List<Section> all = new ArrayList<>();

  private SnnSections(int version) {
    this.version = version;
  }

  /** The sections of a sound file. */
  static SnnSections of(byte[] file) {
    ByteBuffer b = little(file);
    SnnSections sections = new SnnSections(b.getInt(8));
    for (int i = 0; i < b.getInt(24); i++) {
      int at = HEADER + ENTRY * i;
      int offset = Math.toIntExact(b.getLong(at + 8));
      int length = Math.toIntExact(b.getLong(at + 16));
      sections.all.add(
          new Section(
              b.getInt(at),
              b.getInt(at + 4),
              Arrays.copyOfRange(file, at + 32, at + ENTRY),
              Arrays.copyOfRange(file, offset, offset + length)));
    }
    return sections;
  }

  /** A copy that shares nothing. */
  SnnSections copy() {
    SnnSections copy = new SnnSections(version);
    all.forEach(s -> copy.all.add(s.copy()));
    return copy;
  }

  /** The first section of a type, or null. */
  Section first(int type) {
    return all.stream().filter(s -> s.type == type).findFirst().orElse(null);
  }

  /** The file, sound as far as header, table and checksums go. */
  byte[] sealed() {
    long end = aligned(HEADER + (long) ENTRY * all.size());
    long[] offsets = new long[all.size()];
    for (int i = 0; i < offsets.length; i++) {
      offsets[i] = end;
      end = aligned(end + all.get(i).data.length);
    }
    byte[] file = new byte[Math.toIntExact(end)];
    ByteBuffer b = little(file);
    b.put(0, MAGIC).putInt(8, version).putInt(12, HEADER).putLong(16, end);
    b.putInt(24, all.size()).putLong(32, HEADER);
    for (int i = 0; i < offsets.length; i++) {
      Section s = all.get(i);
      int at = HEADER + ENTRY * i;
      b.put(Math.toIntExact(offsets[i]), s.data);
      b.putInt(at, s.type).putInt(at + 4, s.index);
      b.putLong(at + 8, offsets[i]).putLong(at + 16, s.data.length);
      b.put(at + 32, s.name);
    }
    return checked(file);
  }

  /** Makes all checksums right that lie within the file. */
  static byte[] checked(byte[] file) {
    ByteBuffer b = little(file);
    if (file.length < HEADER) {
      return file;
    }
    long most = (file.length - HEADER) / ENTRY;
    int entries = (int) Math.min(most, b.getInt(24) & 0xffffffffL);
    for (int i = 0; i < entries; i++) {
      int at = HEADER + ENTRY * i;
      long offset = b.getLong(at + 8);
      long length = b.getLong(at + 16);
      if (offset >= 0 && length >= 0 && offset <= file.length && length <= file.length - offset) {
        b.putInt(at + 24, crc(file, (int) offset, (int) length));
      }
    }
    b.putInt(40, crc(file, HEADER, ENTRY * entries));
    b.putInt(48, crc(file, HEADER, file.length - HEADER));
    b.putInt(44, 0).putInt(44, crc(file, 0, HEADER));
    return file;
  }

  static ByteBuffer little(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static long aligned(long offset) {
    return (offset + 63) / 64 * 64;
  }

  private static int crc(byte[] bytes, int offset, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, offset, length);
    return (int) crc.getValue();
  }
}
