// SPDX-License-Identifier: Apache-2.0
package io.snnsim.conversion;

import io.snnsim.api.Memory;
import io.snnsim.api.Model;
import io.snnsim.api.ModelOptions;
import io.snnsim.error.SnnsimException;
import io.snnsim.format.ModelContents;
import io.snnsim.format.SnnWriter;
import io.snnsim.store.ModelStore;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Objects;

/**
 * A converted network, on the heap, to write, keep or run. Immutable and safe to share between
 * threads.
 */
public final class ConvertedModel {
  private final ModelContents contents;
  private final ConversionReport report;

  ConvertedModel(ModelContents contents, ConversionReport report) {
    this.contents = contents;
    this.report = report;
  }

  /** {@return what the conversion did} */
  public ConversionReport report() {
    return report;
  }

  /** {@return size of the model's file} */
  public long byteSize() {
    return new SnnWriter(contents).byteSize();
  }

  /**
   * The bytes of the model's file.
   *
   * @param arena owns them
   * @return {@link #byteSize} bytes, which {@link Model#open(MemorySegment, ModelOptions)} takes
   */
  public MemorySegment bytes(Arena arena) {
    Objects.requireNonNull(arena, "arena");
    SnnWriter writer = new SnnWriter(contents);
    MemorySegment bytes = arena.allocate(writer.byteSize(), 64);
    writer.write(bytes);
    return bytes;
  }

  /**
   * Publishes a model file: it is there whole or not at all.
   *
   * @param file a .snn file
   * @param replace a file that is there already
   * @throws SnnsimException (io) if it exists and is not to be replaced, or cannot be written;
   *     (missing jar) without Chronicle Bytes
   */
  public void write(Path file, boolean replace) {
    Objects.requireNonNull(file, "file");
    ModelStore.publish(file, contents, replace);
  }

  /**
   * Opens the model without a file.
   *
   * @param options how to open it; always resident
   * @return the model, which the caller closes
   * @throws SnnsimException as {@link Model#open(MemorySegment, ModelOptions)}
   */
  public Model open(ModelOptions options) {
    Objects.requireNonNull(options, "options");
    try (Arena arena = Arena.ofConfined()) {
      return Model.open(bytes(arena), options.with(Memory.RESIDENT));
    }
  }

  /** {@return network and precision} */
  @Override
  public String toString() {
    return "converted model " + report.network() + ", " + report.precision();
  }
}
