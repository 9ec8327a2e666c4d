// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump.onnx;

import io.snnsim.dump.file.Text;
import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Owns the files beside an ONNX file that have values of its tensors, while it is open. They are in
 * its folder or below, whatever it says. Used by one thread.
 */
final class OutsideTensors implements AutoCloseable {
  /** Where a tensor's bytes are. */
  record Place(Path file, FileChannel in, Wire.Span span) {}

  /** Characters of a path that a file names. */
  private static final int LONGEST = 300;

  private final Path model;
  private final Map<Path, FileChannel> files = new LinkedHashMap<>();
  private long size;

  OutsideTensors(Path model) {
    this.model = model;
  }

  /** Bytes of the files that were opened. */
  long size() {
    return size;
  }

  /** Those that were opened, in that order. */
  List<Path> files() {
    return List.copyOf(files.keySet());
  }

  /**
   * Where a tensor's values are.
   *
   * @throws SnnsimException (input missing) if there is no such file; (bad data) if it would be
   *     elsewhere or is too short
   */
  Place place(OnnxTensor t) {
    Path path = beside(t, t.external().getOrDefault("location", ""));
    try {
      FileChannel in = files.get(path);
      if (in == null) {
        if (!Files.isRegularFile(path)) {
          throw new SnnsimException(
              Category.INPUT_MISSING,
              shown(path)
                  + ": no such file, expected weights of "
                  + model
                  + "; copy it beside that file");
        }
        in = FileChannel.open(path);
        files.put(path, in);
        size += in.size();
        requireChecksum(t, path);
      }
      long offset = number(t, "offset", 0);
      long left = Math.max(0, in.size() - offset);
      long length = number(t, "length", left);
      if (offset > in.size() || length > left) {
        throw SnnsimException.badData(
            t.where(model)
                + ": found bytes "
                + offset
                + " to "
                + offset
                + " + "
                + length
                + " of "
                + shown(path)
                + ", expected some of its "
                + in.size()
                + "; copy it again");
      }
      return new Place(path, in, new Wire.Span(offset, length));
    } catch (IOException e) {
      throw new SnnsimException(
          Category.IO, shown(path) + ": cannot be read: " + Text.oneLine(e.getMessage()), e);
    }
  }

  /** Refuses a file that is not the one that was written, where the model says which that is. */
  private void requireChecksum(OnnxTensor t, Path path) throws IOException {
    String expected = t.external().getOrDefault("checksum", "").strip().toLowerCase(Locale.ROOT);
    if (!expected.matches("[0-9a-f]{40}")) {
      return; // Optional, and of another kind nothing can be said.
    }
    String found = HexFormat.of().formatHex(sha1(path));
    if (!found.equals(expected)) {
      throw SnnsimException.badData(
          shown(path)
              + ": found the SHA-1 "
              + found
              + ", expected "
              + expected
              + ", which "
              + t.where(model)
              + " states; copy both files again");
    }
  }

  private static byte[] sha1(Path path) throws IOException {
    try (InputStream in = Files.newInputStream(path)) {
      MessageDigest digest = MessageDigest.getInstance("SHA-1");
      byte[] part = new byte[1 << 16];
      for (int n = in.read(part); n >= 0; n = in.read(part)) {
        digest.update(part, 0, n);
      }
      return digest.digest();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // Every JDK has it.
    }
  }

  private static String shown(Path path) {
    return Text.oneLine(path.toString(), LONGEST);
  }

  /** A file in the folder of the model or below it. */
  private Path beside(OnnxTensor t, String location) {
    try {
      Path path = Path.of(location);
      boolean inside = !location.isBlank() && !path.isAbsolute() && location.indexOf('\\') < 0;
      for (Path part : path) {
        inside &= !part.toString().equals("..");
      }
      if (inside) {
        return model.toAbsolutePath().resolveSibling(path).normalize();
      }
    } catch (InvalidPathException e) {
      // As one that leads elsewhere.
    }
    throw SnnsimException.badData(
        t.where(model)
            + ": found weights in the file '"
            + Text.oneLine(location)
            + "', expected one beside the model, without '..' and not absolute; save the model in"
            + " one file (onnx.save)");
  }

  private long number(OnnxTensor t, String key, long fallback) {
    String text = t.external().get(key);
    if (text == null) {
      return fallback;
    }
    try {
      long value = Long.parseLong(text.strip());
      if (value >= 0) {
        return value;
      }
    } catch (NumberFormatException e) {
      // As a negative one.
    }
    throw SnnsimException.badData(
        t.where(model)
            + ": found "
            + key
            + " '"
            + Text.oneLine(text)
            + "' of external data, expected a number >= 0; export the model again");
  }

  @Override
  public void close() throws IOException {
    for (FileChannel in : files.values()) {
      in.close();
    }
  }
}
