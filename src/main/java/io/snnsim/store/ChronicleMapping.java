package io.snnsim.store;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import net.openhft.chronicle.bytes.MappedBytes;

/**
 * Owns one mapping of a whole file through Chronicle Bytes. Closing unmaps it; views must not be
 * used after that. Not thread-safe to open and close, its memory may be read from any thread.
 */
@SuppressWarnings("restricted")
final class ChronicleMapping implements AutoCloseable {
  static {
    // Chronicle names itself on stderr and reports deferred releases otherwise.
    System.setProperty("chronicle.announcer.disable", "true");
    System.setProperty("chronicle.analytics.disable", "true");
  }

  private final MappedBytes bytes;
  private final MemorySegment segment;

  private ChronicleMapping(MappedBytes bytes, long size) {
    this.bytes = bytes;
    this.segment = MemorySegment.ofAddress(bytes.addressForRead(0)).reinterpret(size);
  }

  /** Maps {@code size} bytes of an existing file of at least that size. */
  static ChronicleMapping open(Path file, long size, boolean readOnly) throws IOException {
    try {
      MappedBytes bytes = MappedBytes.singleMappedBytes(file.toFile(), size, readOnly);
      // Any thread may close it, whichever opened it.
      bytes.singleThreadedCheckDisabled(true);
      return new ChronicleMapping(bytes, size);
    } catch (FileNotFoundException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  /** The mapped bytes. */
  MemorySegment segment() {
    return segment;
  }

  @Override
  public void close() {
    bytes.releaseLast();
  }
}
