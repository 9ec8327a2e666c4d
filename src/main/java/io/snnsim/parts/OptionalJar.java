// SPDX-License-Identifier: Apache-2.0
package io.snnsim.parts;

import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import java.util.Locale;

/**
 * The jars that running a model does not need, so that an embedder need not carry them. Who is
 * about to use one asks for it first: a missing one is then a line that names it. Stateless,
 * thread-safe.
 */
public enum OptionalJar {
  /** Model files are written through it. */
  CHRONICLE("net.openhft.chronicle.bytes.MappedBytes", "chronicle.bytes"),
  /** Latencies are recorded with it. */
  HDRHISTOGRAM("org.HdrHistogram.Histogram", "HdrHistogram"),
  /** Graphs and reports are JSON by it. */
  DATABIND("com.fasterxml.jackson.databind.ObjectMapper", "com.fasterxml.jackson.databind"),
  /** Keras and other HDF5 files are read with it. */
  JHDF("io.jhdf.HdfFile", "io.jhdf"),
  /** The command line is parsed by it. */
  PICOCLI("picocli.CommandLine", "info.picocli"),
  /** Progress is shown by it. */
  PROGRESSBAR("me.tongfei.progressbar.ProgressBar", "me.tongfei.progressbar"),
  /** Plots are drawn by it. */
  XCHART("org.knowm.xchart.XYChart", "xchart");

  private final String type;
  private final String module;

  OptionalJar(String type, String module) {
    this.type = type;
    this.module = module;
  }

  /** Group, artifact and version. */
  public String coordinates() {
    return Version.of(name().toLowerCase(Locale.ROOT));
  }

  /** True if this program can use it. */
  public boolean isThere() {
    try {
      Class.forName(type, false, OptionalJar.class.getClassLoader());
      return true;
    } catch (ClassNotFoundException | LinkageError e) {
      return false;
    }
  }

  /**
   * Refuses to go on without it.
   *
   * @param what what it is needed for, as the beginning of a sentence
   * @throws SnnsimException (missing jar) naming it
   */
  public void require(String what) {
    if (!isThere()) {
      boolean named = OptionalJar.class.getModule().isNamed();
      throw new SnnsimException(
          Category.MISSING_JAR,
          what
              + " needs "
              + coordinates()
              + ", found it nowhere; add it and its dependencies to the "
              + (named ? "module path, and --add-modules=" + module : "class path"));
    }
  }
}
