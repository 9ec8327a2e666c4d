// SPDX-License-Identifier: Apache-2.0
package io.snnsim.store;

import io.snnsim.error.SnnsimException;
import io.snnsim.format.ModelContents;
import io.snnsim.format.SnnReader;
import io.snnsim.network.Network;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;

/**
 * An open, verified model file and owner of its memory, which closing frees or unmaps. Its network
 * may be shared between threads; who reads its weights after {@link #close} gets an exception.
 */
public final class ModelFile implements AutoCloseable {
  private final Path path;
  private final Mode mode;
  private final long bytes;
  private final SnnReader.Contents contents;
  private final AutoCloseable memory;
  private boolean closed;

  ModelFile(Path path, Mode mode, long bytes, SnnReader.Contents contents, AutoCloseable memory) {
    this.path = path;
    this.mode = mode;
    this.bytes = bytes;
    this.contents = contents;
    this.memory = memory;
  }

  /** The network; its convolution weights lie in this file's memory. */
  public Network network() {
    return contents.network();
  }

  /**
   * A copy of a named extra section, or null if the file has none of that name. Running needs none:
   * they stay where the file is until they are asked for.
   *
   * @throws SnnsimException (bad data) if it is longer than such a section can be; (io) if the file
   *     was mapped and is not there any more
   */
  public byte[] extra(String name) {
    MemorySegment data = contents.extras().get(name);
    if (data == null) {
      return null;
    }
    long most = ModelContents.mostBytes(name);
    if (data.byteSize() > most) {
      throw SnnsimException.badData(
          path
              + ", section "
              + name
              + ": found "
              + data.byteSize()
              + " bytes, expected at most "
              + most
              + "; convert again");
    }
    try {
      return data.toArray(ValueLayout.JAVA_BYTE);
    } catch (InternalError e) {
      LostMapping.throwIfLost(path.toString(), e);
      throw e;
    }
  }

  /** Where it was opened. */
  public Path path() {
    return path;
  }

  /** How it is held. */
  public Mode mode() {
    return mode;
  }

  /** Off-heap bytes held, which is the file's size. */
  public long nativeBytes() {
    return bytes;
  }

  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    try {
      memory.close();
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
