// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/**
 * Makes zip files by hand (APPNOTE.TXT sections 4.3.7, 4.3.12, 4.3.14 to 4.3.16): sound ones, with
 * or without zip64, and ones that lie.
 */
final class Zip {
  private final ByteArrayOutputStream file = new ByteArrayOutputStream();
  private final ByteArrayOutputStream directory = new ByteArrayOutputStream();
  private final boolean zip64;
  private int entries;

  Zip(boolean zip64) {
    this.zip64 = zip64;
  }

  static Zip plain() {
    return new Zip(false);
  }

  Zip stored(String name, byte[] data) {
    return entry(name, 0, 0, data, data.length, crc(data));
  }

  Zip deflated(String name, byte[] data) {
    return entry(name, 8, 0, deflate(data), data.length, crc(data));
  }

  static long crc(byte[] data) {
    CRC32 crc = new CRC32();
    crc.update(data);
    return crc.getValue();
  }

  static byte[] deflate(byte[] data) {
    Deflater deflater = new Deflater(9, true);
    deflater.setInput(data);
    deflater.finish();
    byte[] out = new byte[data.length + 64];
    int n = deflater.deflate(out);
    deflater.end();
    return java.util.Arrays.copyOf(out, n);
  }

  /** An entry with whatever sizes, method, flags and checksum its directory states. */
  Zip entry(String name, int method, int flags, byte[] packed, long size, long crc) {
    byte[] text = name.getBytes(StandardCharsets.UTF_8);
    long offset = file.size();
    ByteBuffer local = buffer(30 + text.length + (zip64 ? 20 : 0));
    local.putInt(0x04034b50).putShort((short) (zip64 ? 45 : 20)).putShort((short) flags);
    local.putShort((short) method).putInt(0x00210000).putInt((int) crc);
    local.putInt(zip64 ? -1 : packed.length).putInt(zip64 ? -1 : (int) size);
    local.putShort((short) text.length).putShort((short) (zip64 ? 20 : 0)).put(text);
    if (zip64) {
      local.putShort((short) 1).putShort((short) 16).putLong(size).putLong(packed.length);
    }
    file.writeBytes(local.array());
    file.writeBytes(packed);

    ByteBuffer central = buffer(46 + text.length + (zip64 ? 28 : 0));
    central.putInt(0x02014b50).putShort((short) 45).putShort((short) (zip64 ? 45 : 20));
    central.putShort((short) flags).putShort((short) method).putInt(0x00210000).putInt((int) crc);
    central.putInt(zip64 ? -1 : packed.length).putInt(zip64 ? -1 : (int) size);
    central.putShort((short) text.length).putShort((short) (zip64 ? 28 : 0));
    central.putShort((short) 0).putShort((short) 0).putShort((short) 0).putInt(0);
    central.putInt(zip64 ? -1 : (int) offset).put(text);
    if (zip64) {
      central.putShort((short) 1).putShort((short) 24);
      central.putLong(size).putLong(packed.length).putLong(offset);
    }
    directory.writeBytes(central.array());
    entries++;
    return this;
  }

  byte[] bytes() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(file.toByteArray());
    out.writeBytes(directory.toByteArray());
    if (zip64) {
      ByteBuffer end = buffer(56 + 20);
      end.putInt(0x06064b50).putLong(44).putShort((short) 45).putShort((short) 45);
      end.putInt(0).putInt(0).putLong(entries).putLong(entries);
      end.putLong(directory.size()).putLong(file.size());
      end.putInt(0x07064b50).putInt(0).putLong(file.size() + directory.size()).putInt(1);
      out.writeBytes(end.array());
    }
    ByteBuffer end = buffer(22);
    end.putInt(0x06054b50).putShort((short) 0).putShort((short) 0);
    end.putShort((short) (zip64 ? -1 : entries)).putShort((short) (zip64 ? -1 : entries));
    end.putInt(zip64 ? -1 : directory.size()).putInt(zip64 ? -1 : file.size());
    end.putShort((short) 0);
    out.writeBytes(end.array());
    return out.toByteArray();
  }

  private static ByteBuffer buffer(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }
}
