// SPDX-License-Identifier: Apache-2.0
package io.snnsim.store;

import io.snnsim.format.ModelContents;
import io.snnsim.network.Network;
import java.nio.file.Path;
import java.util.Set;

/**
 * An open, verified model file and owner of its memory, which closing frees or unmaps. Its network
 * may be shared between threads; who reads its weights after {@link #close} gets an exception.
 */
public final class ModelFile implements AutoCloseable {
  private final Path path;
  private final Mode mode;
  private final long bytes;
  private final ModelContents contents;
  private final AutoCloseable memory;
  private boolean closed;

  ModelFile(Path path, Mode mode, long bytes, ModelContents contents, AutoCloseable memory) {
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

  /** Bytes of a named extra section, or null if the file has none of that name. */
  public byte[] extra(String name) {
    byte[] data = contents.extras().get(name);
    return data == null ? null : data.clone();
  }

  /** Names of the extra sections. */
  public Set<String> extraNames() {
    return contents.extras().keySet();
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
