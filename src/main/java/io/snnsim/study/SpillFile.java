// SPDX-License-Identifier: Apache-2.0
package io.snnsim.study;

import io.snnsim.store.AtomicFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

/**
 * Owns a nameless file in the folder of a file to be, where threads leave what they have until it
 * is written in order. Thread-safe.
 */
final class SpillFile implements AutoCloseable {
  private final Path target;
  private final FileChannel channel;

  /**
   * An empty one.
   *
   * @param target the file to be
   */
  SpillFile(Path target) {
    this.target = target;
    try {
      Path path =
          Files.createTempFile(target.toAbsolutePath().getParent(), ".snnsim-record.", ".tmp");
      channel =
          FileChannel.open(
              path,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE,
              StandardOpenOption.DELETE_ON_CLOSE);
      unlink(path);
    } catch (IOException e) {
      throw AtomicFile.unwritable(target, e);
    }
  }

  /** Takes the name away at once, so that not even a killed process leaves the file behind. */
  private static void unlink(Path path) {
    try {
      Files.deleteIfExists(path);
    } catch (IOException e) {
      // Not where open files keep their names (Windows): closing deletes it.
    }
  }

  /** Writes what remains of a buffer. */
  void write(ByteBuffer from, long at) {
    try {
      long to = at;
      while (from.hasRemaining()) {
        to += channel.write(from, to);
      }
    } catch (IOException e) {
      throw AtomicFile.unwritable(target, e);
    }
  }

  /** Fills the rest of a buffer over an array; where nothing was written are zeros. */
  void read(ByteBuffer into, long at) throws IOException {
    long from = at - into.position();
    while (into.hasRemaining()) {
      if (channel.read(into, from + into.position()) < 0) {
        Arrays.fill(into.array(), into.position(), into.limit(), (byte) 0);
        into.position(into.limit());
      }
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw AtomicFile.unwritable(target, e);
    }
  }
}
