// SPDX-License-Identifier: Apache-2.0
package io.snnsim.campaign.reading;

import com.sun.management.ThreadMXBean;
import io.snnsim.campaign.Broken;
import io.snnsim.campaign.Cases;
import io.snnsim.error.SnnsimException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/**
 * Feeds a reader damaged inputs and keeps those that reach what no other reached, to damage them
 * further. Owns the inputs of one target and their files. For one thread.
 */
final class Guided {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  /** What reading may take beside four times the input. */
  private static final long MOST_BYTES = 100L << 20;

  private static final int MOST_INPUTS = 4096;
  private static final int MOST_GROWTH = 4096;

  private final Target target;
  private final Path folder;
  private final Edges.Reached reached = new Edges.Reached();
  private final List<byte[]> inputs = new ArrayList<>();
  private int longest;
  private boolean begun;

  /**
   * Of a target.
   *
   * @param folder that inputs are kept in; null to keep none
   */
  Guided(Target target, Path folder) {
    this.target = target;
    this.folder = folder;
  }

  /** Edges of the code that were reached. */
  int edges() {
    return reached.edges();
  }

  /** Tries damaged inputs for some time; the first time the sound and the kept ones before. */
  void batch(SplittableRandom random, List<byte[]> words, long nanos, Cases cases)
      throws IOException {
    long began = System.nanoTime();
    if (!begun) {
      begin(cases);
    }
    Damage damage = new Damage(random, words);
    while (System.nanoTime() - began < nanos) {
      byte[] input = any(random);
      byte[] other = any(random);
      byte[] damaged = damaged(input, random, b -> damage.of(b, other, longest));
      run(damaged, cases);
      if (reached.add() > 0) {
        keep(damaged, random);
      }
    }
  }

  private void begin(Cases cases) throws IOException {
    begun = true;
    inputs.addAll(target.seeds());
    if (folder != null) {
      Files.createDirectories(folder);
      try (Stream<Path> files = Files.list(folder)) {
        for (Path file : files.sorted().toList()) {
          inputs.add(Files.readAllBytes(file));
        }
      }
    }
    for (byte[] input : inputs) {
      longest = Math.max(longest, input.length + MOST_GROWTH);
    }
    for (byte[] input : List.copyOf(inputs)) {
      run(input, cases);
      reached.add();
    }
  }

  /** Later ones twice as often, which reach what was reached late. */
  private byte[] any(SplittableRandom random) {
    int n = inputs.size();
    return inputs.get(Math.max(random.nextInt(n), random.nextInt(n)));
  }

  private byte[] damaged(byte[] input, SplittableRandom random, UnaryOperator<byte[]> change) {
    byte[] parts = null;
    if (random.nextInt(8) > 0) {
      parts =
          Parts.isZip(input)
              ? Parts.zip(input, random, change)
              : target.nested() ? Parts.message(input, random, change) : null;
    }
    return parts == null || parts.length > longest ? change.apply(input) : parts;
  }

  private void keep(byte[] input, SplittableRandom random) throws IOException {
    if (inputs.size() < MOST_INPUTS) {
      inputs.add(input);
    } else {
      inputs.set(random.nextInt(target.seeds().size(), inputs.size()), input);
    }
    if (folder != null && inputs.size() < MOST_INPUTS) {
      CRC32C crc = new CRC32C();
      crc.update(input);
      Files.write(folder.resolve(HexFormat.of().toHexDigits((int) crc.getValue())), input);
    }
  }

  /** Reads one input, which must be read or refused as promised. */
  void run(byte[] input, Cases cases) throws IOException {
    cases.begin(target.name(), () -> input);
    Edges.clear();
    long before = THREADS.getTotalThreadAllocatedBytes();
    String how = "read";
    try {
      target.reader().read(input);
    } catch (SnnsimException e) {
      requireTyped(e);
      how = "refused";
    } catch (RuntimeException | AssertionError | StackOverflowError | OutOfMemoryError e) {
      throw new Broken(target.name(), e);
    }
    // All that was allocated is more than was in use at any time, so this may only be too strict.
    long allocated = THREADS.getTotalThreadAllocatedBytes() - before;
    if (allocated > 4L * input.length + MOST_BYTES) {
      throw new Broken(
          target.name() + ": allocated " + allocated + " bytes for " + input.length + " of input");
    }
    cases.end(how);
  }

  private void requireTyped(SnnsimException e) {
    if (!target.refusals().contains(e.category())) {
      throw new Broken(target.name() + ": refused by " + e.category(), e);
    }
    if (e.getMessage().isBlank() || e.getMessage().lines().count() != 1) {
      throw new Broken(target.name() + ": refused in other than one line", e);
    }
    for (Throwable t = e.getCause(); t != null; t = t.getCause()) {
      if (t instanceof VirtualMachineError) {
        throw new Broken(target.name() + ": refused after memory or stack had ended", e);
      }
    }
  }
}
