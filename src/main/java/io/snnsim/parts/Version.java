// SPDX-License-Identifier: Apache-2.0
package io.snnsim.parts;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** What the build wrote down of itself: the one place of versions is the pom. Immutable. */
public final class Version {
  private static final String FILE = "parts.properties";
  private static final Properties PARTS = read();

  private Version() {}

  private static Properties read() {
    try (InputStream in = Version.class.getResourceAsStream(FILE)) {
      if (in == null) {
        throw new IllegalStateException("no " + FILE + " beside " + Version.class.getName());
      }
      Properties parts = new Properties();
      parts.load(in);
      return parts;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Version of this program. */
  public static String program() {
    return of("version");
  }

  static String of(String part) {
    String value = PARTS.getProperty(part);
    if (value == null) {
      throw new IllegalStateException("no " + part + " in " + FILE);
    }
    return value;
  }
}
