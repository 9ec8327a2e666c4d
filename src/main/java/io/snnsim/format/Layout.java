// SPDX-License-Identifier: Apache-2.0
package io.snnsim.format;

import io.snnsim.network.NeuronModel;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/**
 * Offsets and constants of the .snn file, as specified in native-layout/README.md. Stateless.
 *
 * <pre>
 * header         128 bytes
 * section table  64 bytes a section
 * sections       each at a multiple of 64 bytes, zeros between them, ascending without gaps
 * </pre>
 */
final class Layout {
  static final byte[] MAGIC = {(byte) 0x89, 'S', 'N', 'N', '\r', '\n', 0x1a, '\n'};

  /** What every file needs at least; neuron models may need a later one. */
  static final int VERSION = 1;

  /** Versions between the two differ in the neuron models that they have. */
  static final int NEWEST_VERSION =
      Math.max(GeometryRecord.VERSION, NeuronModel.newestFileVersion());

  /** Bytes of the longest name, in UTF-8. */
  static final int MOST_NAME = 4096;

  static final int HEADER_BYTES = 128;
  static final int ENTRY_BYTES = 64;
  static final int ALIGN = 64;
  static final int MAX_SECTIONS = 1 << 16;

  static final int H_VERSION = 8;
  static final int H_HEADER_BYTES = 12;
  static final int H_FILE_BYTES = 16;
  static final int H_SECTIONS = 24;
  static final int H_FLAGS = 28;
  static final int H_TABLE = 32;
  static final int H_TABLE_CRC = 40;
  static final int H_HEADER_CRC = 44;
  static final int H_BODY_CRC = 48;

  static final int E_TYPE = 0;
  static final int E_INDEX = 4;
  static final int E_OFFSET = 8;
  static final int E_LENGTH = 16;
  static final int E_CRC = 24;
  static final int E_NAME = 32;
  static final int NAME_BYTES = 32;

  static final int STRINGS = 1;
  static final int NETWORK = 2;
  static final int POPULATIONS = 3;
  static final int PROJECTIONS = 4;
  static final int CHANNELS = 5;
  static final int WEIGHTS = 6;
  static final int INPUT = 7;
  static final int ANALOG = 8;
  static final int EXTRA = 64;

  static final int POPULATION_BYTES = 64;
  static final int PROJECTION_BYTES = 128;
  static final int ANALOG_BYTES = 128;
  static final int NETWORK_BYTES = 64;

  static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** Stays in the first-level cache between copying and summing. */
  private static final int COPY_BYTES = 16 << 10;

  private Layout() {}

  static long align(long offset) {
    return Math.addExact(offset, ALIGN - 1) / ALIGN * ALIGN;
  }

  /**
   * CRC-32C (Castagnoli) of {@code length} bytes at {@code offset}. Of a mapped file by parts that
   * are copied first: the JVM ends where its own loop of checksums meets a page that is lost, since
   * somebody made the file shorter, and throws where copying does.
   */
  static int crc(MemorySegment s, long offset, long length) {
    CRC32C crc = new CRC32C();
    if (s.isMapped()) {
      byte[] copy = new byte[(int) Math.min(COPY_BYTES, length)];
      for (long done = 0; done < length; done += copy.length) {
        int n = (int) Math.min(copy.length, length - done);
        MemorySegment.copy(s, ValueLayout.JAVA_BYTE, offset + done, copy, 0, n);
        crc.update(copy, 0, n);
      }
      return (int) crc.getValue();
    }
    long chunk = 1L << 30;
    for (long done = 0; done < length; done += chunk) {
      ByteBuffer b = s.asSlice(offset + done, Math.min(chunk, length - done)).asByteBuffer();
      crc.update(b);
    }
    return (int) crc.getValue();
  }

  /** CRC-32C of the header with the field of the header's own CRC as zero. */
  static int headerCrc(MemorySegment s) {
    byte[] head = s.asSlice(0, HEADER_BYTES).toArray(ValueLayout.JAVA_BYTE);
    for (int i = 0; i < 4; i++) {
      head[H_HEADER_CRC + i] = 0;
    }
    CRC32C crc = new CRC32C();
    crc.update(head);
    return (int) crc.getValue();
  }

  static String typeName(int type) {
    return switch (type) {
      case STRINGS -> "strings";
      case NETWORK -> "network";
      case POPULATIONS -> "populations";
      case PROJECTIONS -> "projections";
      case CHANNELS -> "channels";
      case WEIGHTS -> "weights";
      case INPUT -> "input";
      case ANALOG -> "analog weights";
      case EXTRA -> "extra";
      default -> "type " + type;
    };
  }
}
