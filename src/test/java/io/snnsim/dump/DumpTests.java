// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.snnsim.ann.Tensor;
import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.function.Executable;

/** What the tests of this room share. */
final class DumpTests {
  private DumpTests() {}

  /** A file that tools/make_fixtures.py wrote. */
  static Path fixture(String name) {
    try {
      return Path.of(DumpTests.class.getResource(name).toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  /**
   * Runs what must be refused as bad data: one line with all the given parts, which is returned.
   */
  static String refused(Executable run, String... parts) {
    return refused(Category.BAD_DATA, run, parts);
  }

  /** Runs what must be refused: one line with all the given parts, which is returned. */
  static String refused(Category category, Executable run, String... parts) {
    SnnsimException e = assertThrows(SnnsimException.class, run);
    String line = e.getMessage();
    assertEquals(category, e.category(), line);
    assertEquals(1, line.lines().count(), line);
    assertFalse(line.chars().anyMatch(Character::isISOControl), line);
    assertTrue(line.length() < 600, line);
    for (String part : parts) {
      assertTrue(line.contains(part), "expected '" + part + "' in: " + line);
    }
    return line;
  }

  /** Bytes that this thread allocated while running. */
  static long allocated(Runnable run) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    run.run();
    return threads.getCurrentThreadAllocatedBytes() - before;
  }

  /** Writes tensors as an .npz of float32 arrays. */
  static Path npz(Path file, Map<String, Tensor> tensors) throws IOException {
    try (NpzWriter w = new NpzWriter(Files.newOutputStream(file))) {
      for (Map.Entry<String, Tensor> e : tensors.entrySet()) {
        w.begin(e.getKey(), "<f4", e.getValue().shape());
        w.rows(e.getValue().data());
      }
    }
    return file;
  }
}
