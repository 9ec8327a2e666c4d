// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.Collectors;

/** Makes {@code .npy} bytes by hand, sound ones and others. */
final class Npy {
  private Npy() {}

  static byte[] file(int version, String header, byte[] data) {
    byte[] text =
        header.getBytes(version == 3 ? StandardCharsets.UTF_8 : StandardCharsets.ISO_8859_1);
    return file(version, text.length, text, data);
  }

  /** A file whose header states another length than it has. */
  static byte[] file(int version, int statedLength, byte[] text, byte[] data) {
    ByteBuffer head =
        ByteBuffer.allocate(version == 1 ? 10 : 12)
            .order(ByteOrder.LITTLE_ENDIAN)
            .put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', (byte) version, 0});
    if (version == 1) {
      head.putShort((short) statedLength);
    } else {
      head.putInt(statedLength);
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(head.array());
    out.writeBytes(text);
    out.writeBytes(data);
    return out.toByteArray();
  }

  static String header(String descr, boolean fortran, long... shape) {
    String sizes = Arrays.stream(shape).mapToObj(d -> d + ",").collect(Collectors.joining(" "));
    return "{'descr': '%s', 'fortran_order': %s, 'shape': (%s), }\n"
        .formatted(descr, fortran ? "True" : "False", sizes);
  }

  static byte[] of(String descr, byte[] data, long... shape) {
    return file(1, header(descr, false, shape), data);
  }
}
