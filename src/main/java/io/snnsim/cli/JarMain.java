// SPDX-License-Identifier: Apache-2.0
package io.snnsim.cli;

import io.snnsim.error.SnnsimException;
import io.snnsim.parts.OptionalJar;

/**
 * What {@code java -jar} starts: the program, if its jars are there, which its manifest looks for
 * in {@code lib} beside it. Names nothing of them itself.
 */
public final class JarMain {
  private JarMain() {}

  /** Runs the program and exits. */
  public static void main(String[] args) {
    try {
      for (OptionalJar jar : OptionalJar.values()) {
        jar.require("the command line");
      }
    } catch (SnnsimException e) {
      System.err.println("snnsim: " + e.getMessage());
      System.exit(e.category().exitCode());
    }
    // jHDF logs, if it is let.
    System.setProperty("slf4j.internal.verbosity", "ERROR");
    Main.main(args);
  }
}
