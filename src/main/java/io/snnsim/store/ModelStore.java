// SPDX-License-Identifier: Apache-2.0
package io.snnsim.store;

import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import io.snnsim.format.ModelContents;
import io.snnsim.format.NetworkRules;
import io.snnsim.format.SnnReader;
import io.snnsim.format.SnnWriter;
import io.snnsim.parts.OptionalJar;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * Opens, verifies and publishes model files; owner of their memory and only user of Chronicle
 * Bytes, through which they are written: reading needs the JDK alone. Stateless and thread-safe.
 */
public final class ModelStore {
  private ModelStore() {}

  /**
   * Opens and verifies a file.
   *
   * @throws SnnsimException (input missing) if it is not there; (bad data) if it is damaged,
   *     foreign, or its network breaks a rule; (io) if it cannot be read
   */
  public static ModelFile open(Path path, Mode mode) {
    requireFile(path);
    try {
      return mode == Mode.RESIDENT ? openResident(path) : openMapped(path);
    } catch (IOException e) {
      throw new SnnsimException(Category.IO, path + ": cannot be read: " + e.getMessage(), e);
    }
  }

  /**
   * Verifies a model that is in memory already, as the bytes of a file.
   *
   * @param name what to call it in messages
   * @param mode copied, or used where it is: then the caller keeps it alive and unchanged until the
   *     result is closed, which does not free it
   * @throws SnnsimException (bad data) as {@link #open}
   */
  public static ModelFile of(MemorySegment bytes, String name, Mode mode) {
    if (mode == Mode.MAPPED) {
      MemorySegment seen = bytes.asReadOnly();
      return new ModelFile(
          Path.of(name), mode, bytes.byteSize(), SnnReader.read(seen, name), () -> {});
    }
    Arena arena = Arena.ofShared();
    try {
      MemorySegment copy = arena.allocate(Math.max(1, bytes.byteSize()), 64);
      copy = copy.asSlice(0, bytes.byteSize()).copyFrom(bytes);
      return new ModelFile(
          Path.of(name), mode, bytes.byteSize(), SnnReader.read(copy, name), arena::close);
    } catch (RuntimeException | Error e) {
      arena.close();
      throw e;
    }
  }

  /**
   * Lists the sections of a file and whether their checksums hold, without building the network.
   *
   * @throws SnnsimException as {@link #open}, if not even the header and the table are sound
   */
  public static List<SnnReader.SectionInfo> sections(Path path) {
    requireFile(path);
    try (Arena arena = Arena.ofConfined()) {
      return SnnReader.sections(load(path, arena), path.toString());
    } catch (IOException e) {
      throw new SnnsimException(Category.IO, path + ": cannot be read: " + e.getMessage(), e);
    }
  }

  private static void requireFile(Path path) {
    if (!Files.exists(path)) {
      throw new SnnsimException(
          Category.INPUT_MISSING,
          path + ": no such file, expected a .snn model; make one with 'snnsim convert'");
    }
    if (!Files.isRegularFile(path)) {
      throw new SnnsimException(
          Category.INPUT_MISSING, path + ": not a regular file, expected a .snn model");
    }
  }

  private static ModelFile openResident(Path path) throws IOException {
    Arena arena = Arena.ofShared();
    try {
      MemorySegment file = load(path, arena);
      SnnReader.Contents contents = SnnReader.read(file, path.toString());
      return new ModelFile(path, Mode.RESIDENT, file.byteSize(), contents, arena::close);
    } catch (RuntimeException | IOException | Error e) {
      arena.close();
      throw e;
    }
  }

  private static MemorySegment load(Path path, Arena arena) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      long size = channel.size();
      MemorySegment file = arena.allocate(Math.max(1, size), 64).asSlice(0, size);
      long done = 0;
      while (done < size) {
        ByteBuffer part = file.asSlice(done, Math.min(size - done, 1 << 30)).asByteBuffer();
        int n = channel.read(part, done);
        if (n < 0) {
          throw new IOException("it shrank while being read");
        }
        done += n;
      }
      return file;
    }
  }

  private static ModelFile openMapped(Path path) throws IOException {
    Arena arena = Arena.ofShared();
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      long size = channel.size();
      MemorySegment file = channel.map(FileChannel.MapMode.READ_ONLY, 0, size, arena);
      SnnReader.Contents contents = SnnReader.read(file, path.toString());
      return new ModelFile(path, Mode.MAPPED, size, contents, arena::close);
    } catch (RuntimeException | IOException | Error e) {
      arena.close();
      LostMapping.throwIfLost(path.toString(), e);
      throw e;
    }
  }

  /**
   * Writes a model through Chronicle Bytes and publishes it as {@link AtomicFile} does. What breaks
   * a rule that every opening checks is not written.
   *
   * @param force replace an existing file
   * @throws SnnsimException (bad data) naming what breaks a rule
   * @throws SnnsimException (io) if the target exists without {@code force} or cannot be written;
   *     (missing jar) without Chronicle Bytes
   */
  public static void publish(Path target, ModelContents contents, boolean force) {
    OptionalJar.CHRONICLE.require("writing a model file");
    NetworkRules.check(contents.network(), target.toString());
    SnnWriter writer = new SnnWriter(contents);
    AtomicFile.publish(target, force, temporary -> write(temporary, writer));
  }

  private static void write(Path file, SnnWriter writer) throws IOException {
    long size = writer.byteSize();
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      // Real blocks first: a store into a mapped hole on a full disk would kill the JVM (SIGBUS).
      ByteBuffer zeros = ByteBuffer.allocateDirect(1 << 20);
      for (long at = 0; at < size; ) {
        zeros.clear().limit((int) Math.min(zeros.capacity(), size - at));
        at += channel.write(zeros, at);
      }
      channel.force(true);
      try (ChronicleMapping mapping = ChronicleMapping.open(file, size)) {
        writer.write(mapping.segment());
      }
      if (channel.size() != size) {
        channel.truncate(size);
      }
      // Chronicle's own sync does nothing without its native helpers; this reaches the same pages.
      channel.force(true);
    }
  }

  /**
   * Tries what writing a model needs of the JVM, for {@code snnsim doctor}.
   *
   * @return null if it works, else why it does not
   */
  public static String mappingProblem() {
    try {
      Path probe = Files.createTempFile("snnsim", ".probe");
      try {
        Files.write(probe, new byte[4096]);
        ChronicleMapping.open(probe, 4096).close();
        return null;
      } finally {
        Files.delete(probe);
      }
    } catch (IOException | SnnsimException e) {
      return e.getMessage();
    }
  }
}
