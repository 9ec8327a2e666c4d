// SPDX-License-Identifier: Apache-2.0
package io.snnsim.format;

import static io.snnsim.format.Layout.INT;
import static io.snnsim.format.Layout.LONG;

import io.snnsim.error.SnnsimException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The frame of a .snn file: header, table of sections and checksums. Once it is made, every section
 * of the table lies within the file. Confined to one thread; sections are slices, not copies.
 */
final class SectionTable {
  /** One section as the table has it. */
  record Entry(int type, int index, long offset, long length, String name) {}

  private final MemorySegment file;
  private final String where;
  private final List<Entry> entries = new ArrayList<>();

  /** The first of each type and index: a file of many is opened in time linear in their number. */
  private final Map<Long, Entry> byTypeAndIndex = new HashMap<>();

  /**
   * Checks header and table, not yet what the sections hold.
   *
   * @param where the file's name, for messages
   */
  SectionTable(MemorySegment file, String where) {
    this.file = file;
    this.where = where;
    checkHeader();
    readTable();
  }

  /** All sections in the order of the table. */
  List<Entry> entries() {
    return entries;
  }

  /** Version of the format that the header states. */
  int version() {
    return file.get(INT, Layout.H_VERSION);
  }

  private void checkHeader() {
    long size = file.byteSize();
    byte[] head =
        file.asSlice(0, Math.min(size, Layout.MAGIC.length)).toArray(ValueLayout.JAVA_BYTE);
    if (!Arrays.equals(head, Layout.MAGIC)) {
      throw bad("not a .snn model (" + looksLike(head) + "); make one with 'snnsim convert'");
    }
    if (size < Layout.HEADER_BYTES) {
      throw bad("truncated: found " + size + " bytes, expected a header of " + Layout.HEADER_BYTES);
    }
    int version = file.get(INT, Layout.H_VERSION);
    if (version < Layout.VERSION || version > Layout.NEWEST_VERSION) {
      throw bad(
          "format version "
              + version
              + ", expected "
              + Layout.VERSION
              + ".."
              + Layout.NEWEST_VERSION
              + "; use a matching snnsim or convert again");
    }
    long stated = file.get(LONG, Layout.H_FILE_BYTES);
    if (file.get(INT, Layout.H_HEADER_CRC) != Layout.headerCrc(file)) {
      throw bad("the header's checksum differs: the file is damaged, copy or convert it again");
    }
    if (stated != size) {
      throw bad(
          (size < stated ? "truncated" : "over-long")
              + ": found "
              + size
              + " bytes, expected "
              + stated
              + "; copy it again");
    }
    int count = file.get(INT, Layout.H_SECTIONS);
    long tableEnd = Layout.HEADER_BYTES + (long) count * Layout.ENTRY_BYTES;
    if (file.get(INT, Layout.H_HEADER_BYTES) != Layout.HEADER_BYTES
        || file.get(LONG, Layout.H_TABLE) != Layout.HEADER_BYTES
        || file.get(INT, Layout.H_FLAGS) != 0
        || count < 1
        || count > Layout.MAX_SECTIONS
        || tableEnd > size) {
      throw bad("the header states an impossible section table (" + count + " sections)");
    }
    if (file.get(INT, Layout.H_TABLE_CRC)
        != Layout.crc(file, Layout.HEADER_BYTES, tableEnd - Layout.HEADER_BYTES)) {
      throw bad("the section table's checksum differs: the file is damaged");
    }
  }

  private void readTable() {
    long size = file.byteSize();
    int count = file.get(INT, Layout.H_SECTIONS);
    long expected = Layout.align(Layout.HEADER_BYTES + (long) count * Layout.ENTRY_BYTES);
    for (int i = 0; i < count; i++) {
      long at = Layout.HEADER_BYTES + (long) i * Layout.ENTRY_BYTES;
      long offset = file.get(LONG, at + Layout.E_OFFSET);
      long length = file.get(LONG, at + Layout.E_LENGTH);
      if (offset != expected || length < 0 || length > size - offset) {
        throw bad(
            "section "
                + i
                + ": offset "
                + offset
                + ", length "
                + length
                + ", expected offset "
                + expected
                + " and an end within "
                + size);
      }
      expected = Layout.align(offset + length);
      Entry entry =
          new Entry(
              file.get(INT, at + Layout.E_TYPE),
              file.get(INT, at + Layout.E_INDEX),
              offset,
              length,
              extraName(at));
      entries.add(entry);
      byTypeAndIndex.putIfAbsent(key(entry.type(), entry.index()), entry);
    }
    if (expected != size) {
      throw bad("the sections end at " + expected + ", expected the file's end " + size);
    }
  }

  private String extraName(long entry) {
    byte[] name =
        file.asSlice(entry + Layout.E_NAME, Layout.NAME_BYTES).toArray(ValueLayout.JAVA_BYTE);
    int n = 0;
    while (n < name.length && name[n] != 0) {
      n++;
    }
    return new String(name, 0, n, StandardCharsets.UTF_8);
  }

  /**
   * Two passes over everything, since the body and each section state a checksum of their own and a
   * sound file keeps all of them. Sections first: theirs names the culprit.
   */
  void checkBody() {
    for (int i = 0; i < entries.size(); i++) {
      if (!checksumOk(i)) {
        throw bad(
            "section "
                + label(entries.get(i))
                + ": the checksum differs, the file is damaged; copy or convert it again");
      }
    }
    int crc = Layout.crc(file, Layout.HEADER_BYTES, file.byteSize() - Layout.HEADER_BYTES);
    if (crc != file.get(INT, Layout.H_BODY_CRC)) {
      throw bad("the file's checksum differs (padding between sections): the file is damaged");
    }
  }

  /** True if the checksum of section {@code i} of the table holds. */
  boolean checksumOk(int i) {
    Entry e = entries.get(i);
    int stated = file.get(INT, Layout.HEADER_BYTES + (long) i * Layout.ENTRY_BYTES + Layout.E_CRC);
    return stated == Layout.crc(file, e.offset(), e.length());
  }

  /** What a message calls a section. */
  String label(Entry e) {
    return e.type() == Layout.EXTRA
        ? e.name()
        : Layout.typeName(e.type())
            + (e.type() == Layout.WEIGHTS || e.type() == Layout.ANALOG ? " " + e.index() : "");
  }

  private static String looksLike(byte[] head) {
    if (head.length == 0) {
      return "the file is empty";
    }
    if (head.length >= 2 && head[0] == 'P' && head[1] == 'K') {
      return "it looks like a zip or .npz file";
    }
    if (head.length >= 4 && head[0] == (byte) 0x89 && head[1] == 'H' && head[2] == 'D') {
      return "it looks like HDF5";
    }
    return "its first bytes are unknown";
  }

  /** Bytes of a section. */
  MemorySegment data(Entry e) {
    return file.asSlice(e.offset(), e.length());
  }

  /**
   * Bytes of the one section of a type and index.
   *
   * @param length that it must have, or -1 for any
   */
  MemorySegment section(int type, int index, long length) {
    Entry e = byTypeAndIndex.get(key(type, index));
    if (e == null) {
      throw bad("section " + Layout.typeName(type) + " " + index + " is missing");
    }
    if (length >= 0 && e.length() != length) {
      throw bad("section " + label(e) + ": found " + e.length() + " bytes, expected " + length);
    }
    return data(e);
  }

  private static long key(int type, int index) {
    return (long) type << 32 | index & 0xffffffffL;
  }

  private SnnsimException bad(String what) {
    return SnnsimException.badData(where + ": " + what);
  }
}
