// SPDX-License-Identifier: Apache-2.0
package io.snnsim.json;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** Writes JSON as model files have it: one field a line, a line feed at the end. Stateless. */
public final class JsonText {
  /** What writes the fields. */
  @FunctionalInterface
  public interface Fields {
    /** Writes to {@code out}, which has begun the object and ends it. */
    void write(JsonGenerator out) throws IOException;
  }

  private JsonText() {}

  /** An object, as UTF-8. */
  public static byte[] object(Fields fields) {
    StringWriter text = new StringWriter();
    try (JsonGenerator out = Factories.WRITES.createGenerator(text)) {
      out.setPrettyPrinter(new DefaultPrettyPrinter());
      out.writeStartObject();
      fields.write(out);
      out.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return (text + "\n").getBytes(StandardCharsets.UTF_8);
  }
}
