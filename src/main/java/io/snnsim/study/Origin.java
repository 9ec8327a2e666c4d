// SPDX-License-Identifier: Apache-2.0
package io.snnsim.study;

import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/**
 * Where something came from, as a model's provenance records it. Immutable.
 *
 * @param name of the file, or a word
 * @param sha256 of its bytes, in hexadecimal
 */
public record Origin(String name, String sha256) {
  /**
   * A file.
   *
   * @throws SnnsimException (io) if it cannot be read
   */
  public static Origin of(Path file) {
    return of(file, List.of(file));
  }

  /**
   * Something that lies in several files, as a folder of pictures.
   *
   * @param files of it, in order
   * @throws SnnsimException (io) if one cannot be read
   */
  public static Origin of(Path name, List<Path> files) {
    MessageDigest digest = digest();
    files.forEach(f -> digest(f, digest));
    return of(String.valueOf(name.getFileName()), digest);
  }

  private static void digest(Path file, MessageDigest digest) {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] part = new byte[1 << 16];
      for (int n = in.read(part); n >= 0; n = in.read(part)) {
        digest.update(part, 0, n);
      }
    } catch (IOException e) {
      throw new SnnsimException(Category.IO, file + ": cannot be read: " + e.getMessage(), e);
    }
  }

  /** What a digest has seen. */
  public static Origin of(String name, MessageDigest digest) {
    return new Origin(name, HexFormat.of().formatHex(digest.digest()));
  }

  /** A new digest for {@link #of(String, MessageDigest)}. */
  public static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // Every JDK has it.
    }
  }
}
