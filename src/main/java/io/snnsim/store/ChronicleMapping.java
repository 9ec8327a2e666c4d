// SPDX-License-Identifier: Apache-2.0
package io.snnsim.store;

import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import net.openhft.chronicle.bytes.MappedBytes;
import net.openhft.chronicle.core.io.BackgroundResourceReleaser;

/**
 * Owns one writable mapping of a whole file through Chronicle Bytes. Closing unmaps it, at once or
 * as soon as Chronicle's own thread has; views must not be used after that. Confined to one thread.
 */
@SuppressWarnings("restricted")
final class ChronicleMapping implements AutoCloseable {
  /** What Chronicle Bytes needs on JDK 25. */
  private static final List<String> FLAGS =
      List.of(
          "--add-opens=java.base/java.lang.reflect=ALL-UNNAMED",
          "--add-exports=java.base/sun.nio.ch=ALL-UNNAMED",
          "--add-exports=java.base/jdk.internal.ref=ALL-UNNAMED");

  static {
    // Chronicle names itself on stderr and reports deferred releases otherwise.
    System.setProperty("chronicle.announcer.disable", "true");
    System.setProperty("chronicle.analytics.disable", "true");
  }

  private final MappedBytes bytes;
  private final MemorySegment segment;

  private ChronicleMapping(MappedBytes bytes, long size) {
    this.bytes = bytes;
    this.segment = MemorySegment.ofAddress(bytes.addressForWrite(0)).reinterpret(size);
  }

  /**
   * Refuses to begin while the process ends: Chronicle would register itself with a JVM that takes
   * nobody any more, and say so at length.
   *
   * @throws SnnsimException (interrupted)
   */
  private static void requireThatTheProcessGoesOn() {
    Thread hook = new Thread(() -> {});
    try {
      Runtime.getRuntime().addShutdownHook(hook);
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      throw new SnnsimException(
          Category.INTERRUPTED, "a model file: not written, since the process is ending", e);
    }
  }

  /** Maps {@code size} bytes of an existing file, which becomes longer by less than a page. */
  static ChronicleMapping open(Path file, long size) throws IOException {
    requireThatTheProcessGoesOn();
    try {
      // One chunk, not singleMappedBytes: what that maps it never unmaps.
      MappedBytes bytes = MappedBytes.mappedBytes(file.toFile(), size, 0, false);
      bytes.singleThreadedCheckDisabled(true);
      return new ChronicleMapping(bytes, size);
    } catch (FileNotFoundException e) {
      throw new IOException(e.getMessage(), e);
    } catch (LinkageError | AssertionError | IllegalArgumentException | IllegalStateException e) {
      // What Chronicle throws depends on which of the flags is missing.
      if (FLAGS.stream().allMatch(ChronicleMapping::given)) {
        throw e;
      }
      throw new SnnsimException(
          Category.IO,
          "this JVM does not let Chronicle Bytes, which model files are written through, map them;"
              + " add "
              + String.join(" ", FLAGS),
          e);
    }
  }

  /** True if the module of java.base that a flag names is open to this class as the flag says. */
  private static boolean given(String flag) {
    Module base = Object.class.getModule();
    Module here = ChronicleMapping.class.getModule();
    String name = flag.substring(flag.indexOf('/') + 1, flag.lastIndexOf('='));
    return flag.startsWith("--add-opens") ? base.isOpen(name, here) : base.isExported(name, here);
  }

  /** The mapped bytes. */
  MemorySegment segment() {
    return segment;
  }

  @Override
  public void close() {
    bytes.releaseLast();
    // Else a thread of Chronicle's does it, when it comes to it.
    BackgroundResourceReleaser.releasePendingResources();
  }
}
