// SPDX-License-Identifier: Apache-2.0
package io.snnsim;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/** Where the real networks and images lie that tests use. */
public final class TestData {
  private TestData() {}

  /** The data folder; aborts the test if it is absent, or fails if SNNSIM_REQUIRE_DATA is set. */
  public static Path dir() {
    String named = System.getenv("SNNSIM_DATA");
    Path dir = Path.of(named == null ? "../shared/data" : named);
    boolean there = Files.isDirectory(dir);
    if (!there && System.getenv("SNNSIM_REQUIRE_DATA") != null) {
      throw new AssertionError("no test data at " + dir.toAbsolutePath());
    }
    Assumptions.assumeTrue(there, "no test data at " + dir);
    return dir;
  }
}
