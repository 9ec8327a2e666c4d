// SPDX-License-Identifier: Apache-2.0
package io.snnsim.campaign;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;

/**
 * What a folder may hold after a power cut at any moment while files in it are changed through a
 * {@link LoggedDisk}. Confined to one thread.
 *
 * <p>The disk is a mean one: of what was not forced anything may be lost. Names come and go in the
 * order in which they were changed, as on a file system with a journal, up to any moment since the
 * folder was last forced. Of a file the content is what was last forced, what was written since, or
 * a mixture of their pages, of either length.
 */
final class PowerCutDisk implements LoggedDisk.Watcher {
  private static final int PAGE = 4096;

  /** Mixtures of pages that are tried of a file that was changed since it was forced. */
  private static final int MIXTURES = 3;

  /** A file, whatever its names. */
  private static final class Inode {
    byte[] forced = {};
    byte[] written = {};
  }

  private final Path folder;
  private final Random random;
  private final Consumer<Map<String, byte[]>> afterCut;
  private final LoggedDisk disk;

  /** The names as a process sees them, and after every change since the folder was forced. */
  private final List<Map<String, Inode>> names = new ArrayList<>();

  private final boolean forgetful;
  private long cuts;

  /**
   * @param folder with the files that are on the disk at first
   * @param afterCut what to do with the content of the folder after a cut
   * @param forgetful the disk does nothing when it is told to force, to prove that this is seen
   */
  PowerCutDisk(
      Path folder, Random random, Consumer<Map<String, byte[]>> afterCut, boolean forgetful)
      throws IOException {
    this.folder = folder;
    this.random = random;
    this.afterCut = afterCut;
    this.forgetful = forgetful;
    Map<String, Inode> first = new HashMap<>();
    try (var files = Files.list(folder)) {
      for (Path p : files.toList()) {
        Inode inode = new Inode();
        inode.forced = Files.readAllBytes(p);
        inode.written = inode.forced;
        first.put(p.getFileName().toString(), inode);
      }
    }
    names.add(first);
    disk = new LoggedDisk(folder, this);
  }

  Path path(String name) {
    return disk.path(name);
  }

  /** States after a cut so far. */
  long cuts() {
    return cuts;
  }

  @Override
  public void boundary() {
    look();
    for (Map<String, Inode> state : List.copyOf(names)) {
      cut(state, i -> i.forced);
      cut(state, i -> i.written);
      if (state.values().stream().anyMatch(i -> i.forced != i.written)) {
        for (int k = 0; k < MIXTURES; k++) {
          cut(state, this::mixed);
        }
      }
    }
  }

  /** Reads what processes see: writes through a mapping are told by nobody. */
  private void look() {
    names
        .getLast()
        .forEach(
            (name, inode) -> {
              try {
                byte[] now = Files.readAllBytes(folder.resolve(name));
                if (!Arrays.equals(now, inode.written)) {
                  inode.written = now;
                }
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
  }

  private interface Content {
    byte[] of(Inode inode);
  }

  private void cut(Map<String, Inode> state, Content content) {
    Map<String, byte[]> left = new HashMap<>();
    state.forEach((name, inode) -> left.put(name, content.of(inode)));
    cuts++;
    afterCut.accept(left);
  }

  private byte[] mixed(Inode inode) {
    byte[] length = random.nextBoolean() ? inode.forced : inode.written;
    byte[] pages = new byte[length.length];
    for (int at = 0; at < pages.length; at += PAGE) {
      byte[] from = random.nextBoolean() ? inode.forced : inode.written;
      // A page that neither has is a hole.
      int n = Math.min(PAGE, Math.min(pages.length, from.length) - at);
      if (n > 0) {
        System.arraycopy(from, at, pages, at, n);
      }
    }
    return pages;
  }

  private void change(Consumer<Map<String, Inode>> what) {
    Map<String, Inode> next = new HashMap<>(names.getLast());
    what.accept(next);
    names.add(next);
  }

  @Override
  public void created(String name) {
    change(n -> n.put(name, new Inode()));
  }

  @Override
  public void linked(String to, String from) {
    change(n -> n.put(to, n.get(from)));
  }

  @Override
  public void renamed(String from, String to) {
    change(n -> n.put(to, n.remove(from)));
  }

  @Override
  public void deleted(String name) {
    change(n -> n.remove(name));
  }

  @Override
  public void forced(String name) {
    if (!forgetful) {
      Inode inode = names.getLast().get(name);
      inode.forced = inode.written;
    }
  }

  @Override
  public void folderForced() {
    if (!forgetful) {
      names.subList(0, names.size() - 1).clear();
    }
  }
}
