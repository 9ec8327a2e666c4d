// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump;

import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Writes a deflated {@code .npz} to a stream, array by array, each in rows so that large arrays
 * need not be in memory. Not thread-safe.
 */
public final class NpzWriter implements Closeable {
  private final ZipOutputStream zip;

  /** Writes to {@code out}, which {@link #close} closes. */
  public NpzWriter(OutputStream out) {
    zip = new ZipOutputStream(out);
  }

  /** Starts an array; then call {@link #rows} until it is complete. */
  public void begin(String name, String descr, int... shape) throws IOException {
    ZipEntry entry = new ZipEntry(name + ".npy");
    entry.setTime(315_619_200_000L); // A fixed date, so that the same data give the same bytes.
    zip.putNextEntry(entry);
    StringBuilder dims = new StringBuilder();
    for (int d : shape) {
      dims.append(d).append(", ");
    }
    String text =
        "{'descr': '"
            + descr
            + "', 'fortran_order': False, 'shape': ("
            + dims.toString().stripTrailing()
            + "), }";
    int total = (10 + text.length() + 1 + 63) / 64 * 64;
    text = text + " ".repeat(total - 11 - text.length()) + "\n";
    ByteBuffer head = ByteBuffer.allocate(10).order(ByteOrder.LITTLE_ENDIAN);
    head.put((byte) 0x93)
        .put("NUMPY".getBytes(StandardCharsets.US_ASCII))
        .put((byte) 1)
        .put((byte) 0);
    head.putShort((short) text.length());
    zip.write(head.array());
    zip.write(text.getBytes(StandardCharsets.US_ASCII));
  }

  /** Values of an {@code <i4} array. */
  public void rows(int[] values) throws IOException {
    ByteBuffer b = ByteBuffer.allocate(values.length * 4).order(ByteOrder.LITTLE_ENDIAN);
    b.asIntBuffer().put(values);
    zip.write(b.array());
  }

  /** Values of an {@code <f4} array. */
  public void rows(float[] values) throws IOException {
    ByteBuffer b = ByteBuffer.allocate(values.length * 4).order(ByteOrder.LITTLE_ENDIAN);
    b.asFloatBuffer().put(values);
    zip.write(b.array());
  }

  /** Values of a {@code |u1} array. */
  public void rows(byte[] values) throws IOException {
    zip.write(values);
  }

  /** A whole int32 array. */
  public void put(String name, int[] values, int... shape) throws IOException {
    begin(name, "<i4", shape);
    rows(values);
  }

  @Override
  public void close() throws IOException {
    zip.close();
  }
}
