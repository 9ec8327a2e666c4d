// SPDX-License-Identifier: Apache-2.0
package io.snnsim.campaign;

import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import io.snnsim.fixture.Models;
import io.snnsim.fixture.RandomNetworks;
import io.snnsim.format.ModelContents;
import io.snnsim.network.Network;
import io.snnsim.store.AtomicFile;
import io.snnsim.store.ModelStore;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;

/**
 * The power is cut at every call that may change something while a file is published: then the old
 * file is whole or the new one, after the end the new one; a later publication takes away what was
 * left. A batch is one publication, of a model or of other bytes, in a folder of its own.
 * Stateless.
 */
final class PowerCutTrial implements Trial {
  private static final String NAME = "published.snn";

  private final boolean forgetful;

  PowerCutTrial() {
    this(false);
  }

  /** On a disk that forces nothing, if so told. */
  PowerCutTrial(boolean forgetful) {
    this.forgetful = forgetful;
  }

  @Override
  public String name() {
    return "powercut";
  }

  @Override
  public String unit() {
    return "states after a cut";
  }

  @Override
  public long target() {
    return 1_000_000;
  }

  /** All cuts of a publication are one case. */
  @Override
  public long mostMillis() {
    return 20_000;
  }

  @Override
  public void run(long seed, Cases cases) throws IOException {
    cases.begin(
        "txt", () -> ("publication of seed " + seed + "\n").getBytes(StandardCharsets.UTF_8));
    Path folder = Files.createTempDirectory("snnsim-powercut");
    try {
      long cuts = new Publication(folder, new Random(seed)).cuts();
      cases.end("whole", cuts);
    } finally {
      empty(folder);
      Files.delete(folder);
    }
  }

  private static void empty(Path folder) throws IOException {
    try (var files = Files.list(folder)) {
      for (Path p : files.toList()) {
        Files.delete(p);
      }
    }
  }

  /** One file, published where another may be already. */
  private final class Publication {
    private final Path folder;
    private final Random random;

    /** Null where there is none. */
    private final byte[] old;

    /** Null of bytes that are no model. */
    private final Network network;

    private final byte[] next;
    private boolean done;

    /** One of the states in which a temporary file is left, and how many there were. */
    private Map<String, byte[]> left;

    private int lefts;

    Publication(Path folder, Random random) {
      this.folder = folder;
      this.random = random;
      old = random.nextInt(3) == 0 ? null : bytes();
      network = random.nextBoolean() ? RandomNetworks.of(random.nextInt(1 << 20)).network() : null;
      next = network == null ? bytes() : Models.bytes(network).toArray(ValueLayout.JAVA_BYTE);
    }

    private byte[] bytes() {
      byte[] bytes = new byte[random.nextInt(3) == 0 ? random.nextInt(64) : random.nextInt(40_000)];
      random.nextBytes(bytes);
      return bytes;
    }

    long cuts() throws IOException {
      if (old != null) {
        Files.write(folder.resolve(NAME), old);
      }
      PowerCutDisk disk = new PowerCutDisk(folder, random, this::check, forgetful);
      boolean fails = network == null && random.nextInt(4) == 0;
      if (fails) {
        fail(disk.path(NAME));
      } else {
        publish(disk.path(NAME), old != null || random.nextBoolean());
        done = true;
      }
      disk.boundary();
      if (left != null) {
        sweep();
      }
      return disk.cuts();
    }

    private void publish(Path target, boolean force) {
      if (network != null) {
        ModelStore.publish(target, new ModelContents(network, Map.of()), force);
        return;
      }
      AtomicFile.publish(
          target,
          force,
          temporary -> {
            try (var out = Files.newOutputStream(temporary)) {
              int half = random.nextInt(next.length + 1);
              out.write(next, 0, half);
              out.write(next, half, next.length - half);
            }
          });
    }

    /** The disk is full half-way. */
    private void fail(Path target) throws IOException {
      try {
        AtomicFile.publish(
            target,
            true,
            temporary -> {
              Files.write(temporary, Arrays.copyOf(next, next.length / 2));
              throw new IOException("no space");
            });
      } catch (SnnsimException e) {
        require(e.category() == Category.IO, "category " + e.category());
        try (var files = Files.list(folder)) {
          require(
              files.count() == (old == null ? 0 : 1), "a temporary file stayed after a failure");
        }
        return;
      }
      throw new Broken("a failure while writing was not told");
    }

    private void check(Map<String, byte[]> state) {
      byte[] found = state.get(NAME);
      boolean isOld = old == null ? found == null : Arrays.equals(old, found);
      if (done) {
        require(Arrays.equals(next, found), "after the end the file was " + told(found));
      } else {
        require(isOld || Arrays.equals(next, found), "half-way the file was " + told(found));
      }
      for (String name : state.keySet()) {
        require(
            name.equals(NAME) || name.startsWith("." + NAME + ".snnsim-"), "another file: " + name);
      }
      if (state.keySet().stream().anyMatch(n -> !n.equals(NAME)) && random.nextInt(++lefts) == 0) {
        left = new HashMap<>(state);
      }
    }

    private String told(byte[] found) {
      return found == null
          ? "not there"
          : found.length + " bytes, neither the " + next.length + " new nor the old";
    }

    /** After another start of the machine, a day later and more. */
    private void sweep() throws IOException {
      empty(folder);
      FileTime before = FileTime.from(Instant.now().minus(Duration.ofHours(25)));
      for (Map.Entry<String, byte[]> e : left.entrySet()) {
        String name = e.getKey().replaceFirst("\\.snnsim-[0-9a-f]{8}-", ".snnsim-0badb007-");
        Files.setLastModifiedTime(Files.write(folder.resolve(name), e.getValue()), before);
      }
      AtomicFile.write(folder.resolve(NAME), true, out -> out.write(next));
      try (var files = Files.list(folder)) {
        require(files.count() == 1, "a temporary file stayed for ever");
      }
      require(Arrays.equals(next, Files.readAllBytes(folder.resolve(NAME))), "not published again");
    }
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new Broken(otherwise);
    }
  }
}
